"""What one reply shows in its chat: frames by whichever way works there, and the end by insisting."""

import re
from collections.abc import Sequence

import structlog

from bot.replies.calls import Timer
from bot.replies.contents import Content
from bot.replies.entities import Rendered
from bot.replies.messages import Messages
from bot.replies.outbox import Outbox
from bot.replies.pace import Importance
from bot.replies.refusals import Postponed
from bot.replies.ways import REFUSED, Ways
from bot.replies.wire import Frame
from bot.types import Buttons

log = structlog.get_logger(__name__)

_WORD = re.compile(r"[^\W_]")
_HIDING = re.compile(r"[\[\\<$`|]")
"""What begins something that is shown only when it has ended."""


class Screen:
    """The messages of a reply, and the ways to change them."""

    def __init__(self, messages: Messages, outbox: Outbox, ways: Ways, timer: Timer) -> None:
        self.messages = messages
        self.pace = outbox.pace
        self.timer = timer
        self.outbox = outbox
        self._ways = ways
        self._framed = ""
        """The text of the newest frame."""

    @property
    def greeting_lasts_s(self) -> float:
        """How long a greeting stays."""
        return self._ways.transport.greeting_lasts_s

    @property
    def frame_lasts_s(self) -> float | None:
        """How long a frame stays if nothing is done; None: for ever."""
        return self._ways.transport.frame_lasts_s

    async def frame_wait_s(self) -> float:
        """Take a call for a frame and return 0.0, or return the seconds to wait before asking again."""
        return await self.outbox.admission(Importance.FRAME if self._framed else Importance.FIRST)

    def has_news(self, text: str) -> bool:
        """Whether a frame of this text would show something new; if not, no call is to be asked for.

        Often that is plain to see; else the text is composed, which costs as much as a frame.
        """
        if _is_plainly_more(text, self._framed):
            return True
        parts = self._ways.compose(text, is_final=False)
        return bool(parts) and not self._ways.transport.is_shown(parts)

    async def greet(self) -> None:
        """Show that an answer is on its way, if a call can be spared."""
        try:
            await self._ways.transport.greet()
        except Postponed as error:
            log.debug("greeting_postponed", error=str(error))
        except REFUSED as error:
            await self._ways.retreat(error)

    async def advance(self, text: str) -> bool:
        """Bring the chat nearer to the growing text; see `show`."""
        self._framed = text
        parts = self._ways.compose(text, is_final=False)
        return await self.show(parts) if parts else False

    async def show(self, parts: Sequence[Content]) -> bool:
        """Bring the chat nearer to these parts by a call that was admitted; return whether more is to be done.

        What belongs to the same picture follows at once if calls can be spared: where one message ends and the
        next begins, the words between them would vanish for the time until another frame.
        """
        try:
            while await self._ways.transport.advance(parts):
                self._ways.prove(parts[-1])
                if await self.outbox.admission(Importance.FOLLOW_UP) > 0:
                    return True
            self._ways.prove(parts[-1])
            return False  # noqa: TRY300 - the loop's own end
        except Postponed as error:
            log.debug("frame_postponed", error=str(error))
        except REFUSED as error:
            await self._ways.retreat(error)
        return True

    async def settle(self, text: str, mark: str, buttons: Buttons, otherwise: str) -> int:
        """Make the messages show the text and the mark, or what is said otherwise; return how many they are."""
        while True:
            parts = self._ways.compose(text, is_final=not mark, mark=mark) or [Rendered(otherwise)]
            frames = [*map(Frame, parts[:-1]), Frame(parts[-1], buttons)]
            try:
                await self.messages.become(frames)
            except REFUSED as error:
                await self._ways.retreat(error)
            else:
                await self._ways.note_end(parts)
                return len(parts)


def _is_plainly_more(text: str, framed: str) -> bool:
    """Whether words have come, and nothing in their lines may hide them: a link, a formula or a table."""
    if not text.startswith(framed):
        return False
    line = text[text.rfind("\n", 0, len(framed)) + 1 :]
    return _WORD.search(text, len(framed)) is not None and _HIDING.search(line) is None
