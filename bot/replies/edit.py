"""Answers that grow by editing: post the first text, edit it as more comes, post the next when it is full."""

from collections.abc import Sequence

from bot.replies.contents import Content
from bot.replies.messages import Messages
from bot.replies.outbox import Outbox
from bot.replies.pace import Importance
from bot.replies.wire import Frame
from bot.types import Buttons


class EditTransport:
    """See `bot.replies.transport`; works in every kind of chat."""

    frame_lasts_s = None

    def __init__(self, messages: Messages, outbox: Outbox, buttons: Buttons) -> None:
        self.greeting_lasts_s = outbox.pace.typing_interval_s
        self._messages = messages
        self._outbox = outbox
        self._buttons = buttons

    async def greet(self) -> None:
        """Show typing."""
        await self._outbox.typing()

    def is_shown(self, parts: Sequence[Content]) -> bool:
        """Whether every message is as it should be."""
        return not self._messages.has_old(len(parts)) and self._difference(parts) is None

    async def advance(self, parts: Sequence[Content]) -> bool:
        """Send or edit one message; the newest has the Stop button."""
        if await self._messages.clear_old(len(parts)):
            return True
        index = self._difference(parts)
        if index is None:
            return False
        await self._messages.put(index, self._frames(parts)[index], Importance.FRAME)
        return self._difference(parts) is not None

    def _difference(self, parts: Sequence[Content]) -> int | None:
        return self._messages.difference(self._frames(parts))

    def _frames(self, parts: Sequence[Content]) -> list[Frame]:
        return [*map(Frame, parts[:-1]), Frame(parts[-1], self._buttons, is_live=True)]
