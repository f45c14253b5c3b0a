"""What the inbox tells whoever answers in a conversation: that something newer waits there now.

It is told on a channel, which forgets: nothing may depend on its being heard, because what waits is handled in
its turn anyway.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.store import key_prefix

_WORD = "arrived"


def channel(bot_id: int) -> str:
    """Return the channel of a bot's signals."""
    return f"{key_prefix(bot_id)}:signals"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update that waits behind another one of its conversation."""

    slug: str
    """The conversation."""
    kind: str
    """`message`, `edited_message` or `callback_query`, as Telegram names the updates."""
    message_id: int = 0
    sender_id: int = 0

    @classmethod
    def of(cls, kind: str, event: dict[str, Any], slug: str) -> "Arrival":
        """Read a raw event; ids that it does not tell are 0."""
        return cls(slug, kind, _id(event.get("message_id")), raw_sender_id(event) or 0)

    @classmethod
    def parse(cls, text: str) -> "Arrival | None":
        """Read what was told; None if it is something else."""
        match text.split(" "):
            case [word, slug, kind, message_id, sender_id] if word == _WORD:
                with suppress(ValueError):
                    return cls(slug, kind, int(message_id), int(sender_id))
        return None

    @property
    def text(self) -> str:
        """How it is told."""
        return f"{_WORD} {self.slug} {self.kind} {self.message_id} {self.sender_id}"


def raw_sender_id(event: dict[str, Any]) -> int | None:
    """Return who has sent an event, as `bot.updates.units.sender_id` does; None: it does not tell."""
    number = (event.get("sender_chat") or event.get("from") or {}).get("id")
    return number if isinstance(number, int) else None


def _id(number: Any) -> int:
    return number if isinstance(number, int) else 0
