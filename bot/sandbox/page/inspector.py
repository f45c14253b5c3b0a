"""What the model was sent for each answer, kept for whoever looks at the page.

Only the newest traces are kept, so a play that runs for days does not fill the memory.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from bot.types import Ask, Turn, TurnTrace, Usage

TRACES_KEPT = 200

Listener = Callable[[dict[str, Any]], None]


class Inspector:
    """A `Witness` that remembers the newest turns as JSON, and tells its listeners of each."""

    def __init__(self, *, keep: int = TRACES_KEPT) -> None:
        self._keep = keep
        self._traces: deque[dict[str, Any]] = deque()
        self._by_message: dict[tuple[int, int], dict[str, Any]] = {}
        self._listeners: list[Listener] = []

    @property
    def traces(self) -> tuple[dict[str, Any], ...]:
        """The turns that are kept, oldest first."""
        return tuple(self._traces)

    def turn_ended(self, trace: TurnTrace) -> None:
        """Keep the turn and tell the listeners, which must neither wait nor raise."""
        seen = trace_json(trace)
        self._traces.append(seen)
        for key in _keys(seen):
            self._by_message[key] = seen
        if len(self._traces) > self._keep:
            self._forget(self._traces.popleft())
        for listener in self._listeners:
            listener(seen)

    def trace_of(self, chat_id: int, message_id: int) -> dict[str, Any] | None:
        """Return the newest turn whose answer has that message; None if it is unknown or forgotten."""
        return self._by_message.get((chat_id, message_id))

    def listen(self, listener: Listener) -> None:
        """Call `listener` with the JSON of every turn from now on."""
        self._listeners.append(listener)

    def _forget(self, trace: dict[str, Any]) -> None:
        for key in _keys(trace):
            if self._by_message.get(key) is trace:
                del self._by_message[key]


def trace_json(trace: TurnTrace) -> dict[str, Any]:
    """Return the turn as the page reads it: times in seconds, texts as the model saw them."""
    conversation, person = trace.dialogue.conversation, trace.person
    return {
        "chat_id": conversation.chat_id,
        "topic_id": conversation.topic_id,
        "message_ids": list(trace.message_ids),
        "prompt": trace.dialogue.prompt,
        "person": {"user_id": person.user_id, "name": person.name, "language": person.language},
        **_ask_json(trace.ask),
        "answer": trace.answer,
        "outcome": trace.outcome,
        "usage": _usage_json(trace.usage),
        "first_text_s": trace.first_text_s,
        "total_s": trace.total_s,
        "asked_at": trace.asked_at,
        "model_version": trace.model_version,
    }


def _keys(trace: dict[str, Any]) -> list[tuple[int, int]]:
    return [(trace["chat_id"], message_id) for message_id in trace["message_ids"]]


def _ask_json(ask: Ask) -> dict[str, Any]:
    model = ask.model
    return {
        "model": {
            "name": model.name,
            "temperature": model.temperature,
            "max_tokens": model.max_tokens,
            "reasoning": model.reasoning,
        },
        "system": ask.system,
        "examples": [{"question": example.question, "answer": example.answer} for example in ask.examples],
        "history": [_turn_json(turn) for turn in ask.history],
        "question": ask.question,
    }


def _turn_json(turn: Turn) -> dict[str, Any]:
    return {"question": turn.question, "answer": turn.answer, "asked_at": turn.asked_at, "tokens": turn.tokens}


def _usage_json(usage: Usage | None) -> dict[str, int] | None:
    if usage is None:
        return None
    return {
        "input_tokens": usage.input_tokens,
        "completion_tokens": usage.completion_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "total_tokens": usage.total_tokens,
    }
