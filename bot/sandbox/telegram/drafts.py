"""Drafts: texts that grow in a chat before they are sent. They are no messages and leave no trace in a history.

One draft is alive per chat and topic; it goes after half a minute of silence, with any message of the bot, or
when the person stops it.
Source: Bot API 10.3, core.telegram.org/api/bots/ai.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram.formatted import FormattedText

LIFETIME_S = 30.0


@dataclass(frozen=True, slots=True)
class Draft:
    """One state of a draft; an empty text shows as *Thinking…*."""

    draft_id: int
    text: FormattedText
    can_stop: bool
    keep_on_stop: bool
    at: float
    """When it was shown, by the world's clock."""

    def as_payload(self, topic_id: int | None) -> dict[str, Any]:
        """The payload of the event that tells of it."""
        return {
            "draft_id": self.draft_id,
            "message_thread_id": topic_id,
            "can_stop": self.can_stop,
            "ttl_s": LIFETIME_S,
            "text": "",
            **self.text.as_fields(),
        }


class Drafts:
    """The drafts of all chats: those alive, and everything they showed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._alive: dict[tuple[int, int | None], Draft] = {}
        self._frames: dict[tuple[int, int | None], list[Draft]] = {}

    def show(self, chat_id: int, topic_id: int | None, draft: Draft) -> None:
        """Show a draft, in place of the former one."""
        self._alive[chat_id, topic_id] = draft
        self._frames.setdefault((chat_id, topic_id), []).append(draft)

    def alive(self, chat_id: int, topic_id: int | None = None) -> Draft | None:
        """Return what is shown now."""
        draft = self._alive.get((chat_id, topic_id))
        if draft is not None and self._clock() - draft.at >= LIFETIME_S:
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
