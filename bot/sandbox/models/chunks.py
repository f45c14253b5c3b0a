"""The answer of the OpenAI-compatible chat, as Yandex's own models tell it and as those of others do.

Own models tell a few big chunks and nothing of usage; others tell a role first, then tokens, an end, and usage.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import uuid4

from bot.sandbox.models import tokens
from bot.sandbox.models.chat_request import ChatRequest
from bot.sandbox.models.faults import Filter, Mishap, Truncate
from bot.sandbox.models.transcript import CANNED_TEXT

_OWN_CHUNK_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Script:
    """What a model will say, in tokens, and how it ends."""

    pieces: Sequence[str]
    ending: str
    """`stop`, `length` or `content_filter`."""
    input_tokens: int
    thoughts: Sequence[str] = ()
    """Told before the pieces."""
    hidden_tokens: int = 0
    """Of thoughts that are not told."""

    @classmethod
    def of(cls, answer: str, thought: str, asked: ChatRequest, fault: Mishap | None) -> "Script":
        """Return what is said within the limit of tokens, which thoughts use up too."""
        thoughts, pieces = tokens.split(thought), tokens.split(answer)
        if isinstance(fault, Filter):
            canned = [*pieces[: fault.after_pieces], CANNED_TEXT]
            return cls(canned, "content_filter", asked.input_tokens, thoughts)
        most = fault.after_pieces if isinstance(fault, Truncate) else asked.limit_tokens
        if most is None or most >= len(thoughts) + len(pieces):
            return cls(pieces, "stop", asked.input_tokens, thoughts)
        rest = max(0, most - len(thoughts))
        return cls(pieces[:rest], "length", asked.input_tokens, thoughts[:most])

    @property
    def usage(self) -> dict[str, Any]:
        """What it costs; thoughts are told apart if there are any."""
        thought = len(self.thoughts) + self.hidden_tokens
        written = len(self.pieces) + thought
        counted = {
            "prompt_tokens": self.input_tokens,
            "total_tokens": self.input_tokens + written,
            "completion_tokens": written,
        }
        return counted | ({"completion_tokens_details": {"reasoning_tokens": thought}} if thought else {})


@dataclass(frozen=True, slots=True)
class Head:
    """What stands at the top of every object of an answer."""

    model: str
    created: int
    is_own: bool
    id: str

    @classmethod
    def of(cls, model: str, created: float, *, is_own: bool) -> "Head":
        """Return a new one, with an id as such models have it."""
        return cls(model, int(created), is_own, f"{uuid4()}" if is_own else f"chatcmpl-{uuid4()}")

    def whole(self, script: Script) -> dict[str, Any]:
        """Return the whole answer as one object."""
        message = {"role": "assistant", "content": "".join(script.pieces)}
        if script.thoughts:
            message["reasoning_content"] = "".join(script.thoughts)
        choice = {"index": 0, "message": message, "finish_reason": script.ending}
        return self._object("chat.completion", [choice]) | {"usage": script.usage}

    def chunk(self, delta: dict[str, Any], ending: str = "") -> dict[str, Any]:
        """Return a piece of an answer."""
        choice: dict[str, Any] = {"index": 0, "delta": delta}
        return self._object("chat.completion.chunk", [choice | ({"finish_reason": ending} if ending else {})])

    def counted(self, script: Script) -> dict[str, Any]:
        """Return the last object of a stream, which has nothing but the usage."""
        return self._object("chat.completion.chunk", []) | {"usage": script.usage}

    def _object(self, kind: str, choices: list[Any]) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }


class Chunk(NamedTuple):
    """An object of a stream, and how many tokens it took to write it."""

    said: dict[str, Any]
    tokens: int


def chunks(head: Head, told: Script) -> Iterator[Chunk]:
    """Yield the objects of a stream."""
    return _own(head, told) if head.is_own else _foreign(head, told)


def _own(head: Head, told: Script) -> Iterator[Chunk]:
    starts = range(0, max(1, len(told.pieces)), _OWN_CHUNK_TOKENS)
    for start in starts:
        part = told.pieces[start : start + _OWN_CHUNK_TOKENS]
        role = {} if start else {"role": "assistant"}
        ending = told.ending if start == starts[-1] else ""
        yield Chunk(head.chunk(role | {"content": "".join(part)}, ending), len(part))


def _foreign(head: Head, told: Script) -> Iterator[Chunk]:
    yield Chunk(head.chunk({"role": "assistant"}), 0)
    for thought in told.thoughts:
        yield Chunk(head.chunk({"reasoning_content": thought}), 1)
    for piece in told.pieces:
        yield Chunk(head.chunk({"content": piece}), 1)
    yield Chunk(head.chunk({}, told.ending), 0)
    yield Chunk(head.counted(told), 0)
