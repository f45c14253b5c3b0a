"""What goes back to who called: the envelope of the Bot API, and what a fault made of it."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Explained:
    """The result of a method that adds a sentence."""

    result: Any
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one call."""

    status: int
    envelope: dict[str, Any] = field(default_factory=dict)
    html: str = ""
    """Sent instead of the envelope if it is not empty."""
    is_cut: bool = False
    """The connection breaks and nothing is sent."""

    @property
    def retry_after(self) -> int | None:
        """The seconds to wait, which the answer also says in a header."""
        value = self.envelope.get("parameters", {}).get("retry_after")
        return None if value is None else int(value)

    @classmethod
    def of_result(cls, result: Any) -> "Answer":
        """The method did its work."""
        if isinstance(result, Explained):
            return cls(200, {"ok": True, "result": result.result, "description": result.description})
        return cls(200, {"ok": True, "result": result})

    @classmethod
    def of_refusal(cls, refusal: Refusal) -> "Answer":
        """The method did nothing."""
        envelope: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
        if refusal.parameters:
            envelope["parameters"] = dict(refusal.parameters)
        return cls(refusal.code, envelope)
