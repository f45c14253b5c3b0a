"""Drafts: texts that grow in a chat before they are sent. They are no messages and leave no trace in a history.

One draft is alive per chat and topic; it goes after half a minute of silence, with any message of the bot, or
when the person stops it. One that stays when it is stopped goes in the other ways, and cannot be stopped again.
Whether a client shows what a bot sends under the same id after the stop is not known; here it does.
Source: Bot API 10.3, core.telegram.org/api/bots/ai.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.telegram.formatted import FormattedText
from bot.sandbox.telegram.rich.message import RichContent
from bot.sandbox.telegram.rich.reading import reading

LIFETIME_S = 30.0


@dataclass(frozen=True, slots=True)
class Draft:
    """One state of a draft; an empty text shows as *Thinking…*, unless there is a rich message."""

    draft_id: int
    text: FormattedText
    can_stop: bool
    keep_on_stop: bool
    at: float
    """When it was shown, by the world's clock."""
    rich: RichContent | None = None
    """Shown instead of the text."""
    is_animated: bool = False
    """Whether it grew out of the one before: that bore the same id."""
    is_stopped: bool = False
    """Whether the person stopped it, and it was to be kept."""

    @property
    def shown(self) -> str:
        """What a person reads in it."""
        return reading(self.rich.as_fields()["rich_message"]) if self.rich else self.text.text

    def as_payload(self, topic_id: int | None, ttl_s: float) -> dict[str, Any]:
        """The payload of the event that tells of it; `ttl_s` is how long it has left."""
        return {
            "draft_id": self.draft_id,
            "message_thread_id": topic_id,
            "can_stop": self.can_stop,
            "is_animated": self.is_animated,
            "is_stopped": self.is_stopped,
            "ttl_s": ttl_s,
            "text": "",
            **(self.rich.as_fields() if self.rich else self.text.as_fields()),
        }


class Drafts:
    """The drafts of all chats: those alive, and everything they showed."""

    def __init__(self, clock: Callable[[], float], lifetime_s: float = LIFETIME_S) -> None:
        self._clock = clock
        self._lifetime_s = lifetime_s
        self._alive: dict[tuple[int, int | None], Draft] = {}
        self._frames: dict[tuple[int, int | None], list[Draft]] = {}

    def show(self, chat_id: int, topic_id: int | None, draft: Draft) -> dict[str, Any]:
        """Show a draft, in place of the former one; returns the payload that tells of it."""
        former = self.alive(chat_id, topic_id)
        draft = replace(draft, is_animated=former is not None and former.draft_id == draft.draft_id)
        self._alive[chat_id, topic_id] = draft
        self._frames.setdefault((chat_id, topic_id), []).append(draft)
        return self._payload(draft, topic_id)

    def stop(self, chat_id: int, topic_id: int | None, draft: Draft) -> dict[str, Any]:
        """Take the button from a draft that stays; returns the payload that tells of it."""
        stopped = self._alive[chat_id, topic_id] = replace(draft, can_stop=False, is_stopped=True)
        return self._payload(stopped, topic_id)

    def payloads(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield what is shown now: the chat, and the payload that tells of it."""
        for chat_id, topic_id in tuple(self._alive):
            if draft := self.alive(chat_id, topic_id):
                yield chat_id, self._payload(draft, topic_id)

    def _payload(self, draft: Draft, topic_id: int | None) -> dict[str, Any]:
        return draft.as_payload(topic_id, draft.at + self._lifetime_s - self._clock())

    def alive(self, chat_id: int, topic_id: int | None = None) -> Draft | None:
        """Return what is shown now."""
        draft = self._alive.get((chat_id, topic_id))
        if draft is not None and self._clock() - draft.at >= self._lifetime_s:
            draft = None
            del self._alive[chat_id, topic_id]
        return draft

    def clear(self, chat_id: int, topic_id: int | None) -> Draft | None:
        """Take the draft away and return it."""
        draft = self.alive(chat_id, topic_id)
        self._alive.pop((chat_id, topic_id), None)
        return draft

    def frames(self, chat_id: int, topic_id: int | None = None) -> list[Draft]:
        """Return everything that drafts showed there, in order."""
        return list(self._frames.get((chat_id, topic_id), ()))
