"""Operations: what the pretended service does in its own time. They outlive every bot that ordered them."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from bot.sandbox.models.faults import Fail, Lose, Mishap, Take

_CANCELLED = Fail(1, "the operation was cancelled")
_TYPES = "type.googleapis.com/yandex.cloud.ai.foundation_models.v1"


class Kind(StrEnum):
    """What is made; the service names operations by it."""

    TEXT = "d7q"
    IMAGE = "fbv"

    @property
    def message(self) -> str:
        """The type of the response."""
        is_text = self is Kind.TEXT
        return f"{_TYPES}.{'CompletionResponse' if is_text else 'image_generation.ImageGenerationResponse'}"


@dataclass(slots=True)
class Operation:
    """One order; times are Unix times in seconds."""

    kind: Kind
    made: Callable[[], dict[str, Any]] = field(repr=False)
    """Makes the response, when it is first looked at."""
    created_at: float
    ready_at: float
    kept_s: float
    body: Any = field(default=None, repr=False)
    """The request, as JSON."""
    failure: Fail | None = None
    looks_left: float = math.inf
    looks: int = 0
    """How often it was looked at."""
    is_cancelled: bool = False
    id: str = ""
    _response: dict[str, Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.id = self.id or f"{self.kind}{uuid4().hex[:17]}"

    def is_done(self, now: float) -> bool:
        """Whether it has come to its end."""
        return now >= self.ready_at

    def is_gone(self, now: float) -> bool:
        """Whether nobody remembers it any more."""
        return self.looks_left <= 0 or now >= self.ready_at + self.kept_s

    def cancel(self, now: float) -> None:
        """End in an error at once; what has ended already stays as it is."""
        self.is_cancelled = True
        if not self.is_done(now):
            self.failure, self.ready_at = _CANCELLED, now

    def told(self, now: float) -> dict[str, Any]:
        """Return it as the service would show it now."""
        said: dict[str, Any] = self._facts(now) | {"done": self.is_done(now)}
        if not self.is_done(now):
            return {"metadata": None} | said
        if self.failure is not None:
            return said | {"error": {"code": self.failure.code, "message": self.failure.message, "details": []}}
        if self._response is None:
            self._response = {"@type": self.kind.message} | self.made()
        return said | {"response": self._response}

    def _facts(self, now: float) -> dict[str, Any]:
        if self.kind is Kind.IMAGE:
            return {
                "id": self.id,
                "description": "",
                "createdAt": None,
                "createdBy": "",
                "modifiedAt": None,
                "metadata": None,
            }
        return {
            "id": self.id,
            "description": "Async GPT Completion",
            "createdAt": _stamp(self.created_at),
            "createdBy": "stand-in-account",
            "modifiedAt": _stamp(min(now, self.ready_at)),
        }


class Operations:
    """All operations that were ever begun, those that are forgotten included: tests count them."""

    def __init__(self) -> None:
        self._known: dict[str, Operation] = {}

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[Operation]:
        return iter(list(self._known.values()))

    def of(self, kind: Kind) -> list[Operation]:
        """Return those of one kind, oldest first."""
        return [operation for operation in self if operation.kind is kind]

    def begin(self, operation: Operation, fault: Mishap | None) -> Operation:
        """Begin one, which goes as well as the fault lets it."""
        match fault:
            case Take(seconds):
                operation.ready_at = operation.created_at + seconds
            case Fail():
                operation.failure = fault
            case Lose(after_looks):
                operation.looks_left = after_looks
        self._known[operation.id] = operation
        return operation

    def look(self, operation_id: str, now: float) -> Operation | None:
        """Return the operation if anybody remembers it, and count the look."""
        operation = self._known.get(operation_id)
        if operation is None or operation.is_gone(now):
            return None
        operation.looks += 1
        operation.looks_left -= 1
        return operation


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
