"""Answers that grow as drafts: Telegram's own preview of a text on its way, with its own Stop button.

A draft is no message: it goes half a minute after its last frame, and with any message of the bot. So each part
that is full is sent as a message, and the draft shows the one after it; the end sends the last.

Source: https://core.telegram.org/bots/api#sendmessagedraft, https://core.telegram.org/api/bots/ai
"""

from collections.abc import Sequence

from bot.presses import draft_id
from bot.replies.contents import Content
from bot.replies.edit import EditTransport
from bot.replies.entities import Rendered
from bot.replies.messages import Messages
from bot.replies.outbox import Outbox
from bot.replies.pace import Importance
from bot.replies.wire import Frame

KEEP_ALIVE_S = 20.0
"""Well below the 30 seconds of a draft's life."""
_THINKING = Rendered()
"""A draft without text shows as *Thinking…*."""


class DraftTransport:
    """See `bot.replies.transport`; for private chats, and messages that exist already are edited."""

    greeting_lasts_s = KEEP_ALIVE_S

    def __init__(self, messages: Messages, outbox: Outbox, tag: int, edits: EditTransport) -> None:
        self._messages = messages
        self._outbox = outbox
        self._tag = tag
        self._edits = edits
        self._shows: tuple[int, Content] | None = None
        """The number of the part and the part that the draft shows; None: unknown."""
        self._shown_at = self._now

    @property
    def frame_lasts_s(self) -> float:
        """How long the draft stays as it is without a risk."""
        age_s = self._now - self._shown_at if self._shows else 0.0
        return max(0.0, KEEP_ALIVE_S - age_s)

    async def greet(self) -> None:
        """Show *Thinking…*, with a Stop button, where the answer will grow."""
        if self._messages.ids:
            await self._edits.greet()
        elif await self._outbox.admission(Importance.TYPING) == 0:
            await self._outbox.draft(draft_id(self._tag, 0), _THINKING)

    def is_shown(self, parts: Sequence[Content]) -> bool:
        """Whether the draft is the newest part, and young enough to stay."""
        if len(self._messages.ids) >= len(parts):
            return self._edits.is_shown(parts)
        return self._shows == (len(parts) - 1, parts[-1]) and self.frame_lasts_s > 0

    async def advance(self, parts: Sequence[Content]) -> bool:
        """Send one part that is full, or show the one that grows."""
        if len(self._messages.ids) >= len(parts):
            return await self._edits.advance(parts)
        full = [Frame(part) for part in parts[:-1]]
        index = self._messages.difference(full)
        self._shows = None
        if index is None:
            await self._draft(len(full), parts[-1])
            return False
        await self._messages.put(index, full[index], Importance.FRAME)
        return True

    async def _draft(self, number: int, part: Content) -> None:
        shown_at = self._now
        await self._outbox.draft(draft_id(self._tag, number), part)
        self._shows, self._shown_at = (number, part), shown_at

    @property
    def _now(self) -> float:
        return self._outbox.timer.clock()
