"""The messages of one reply: what they show, and how they come to show something else."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.replies.journal import Entry
from bot.replies.outbox import Outbox
from bot.replies.pace import Importance
from bot.replies.refusals import MessageLost
from bot.replies.wire import Frame
from bot.tasks import put_down

_CALL_S = 3.0
"""How long a send that is under way is waited for when its reply is broken off."""


@dataclass(slots=True)
class _Message:
    """A message in the chat, and what it shows as far as we know."""

    id: int
    shows: Frame | None = None
    """None: unknown, because an earlier attempt or a lost answer left it so."""


class Messages:
    """The messages of one reply, in order; every one that is sent goes into the journal at once."""

    def __init__(self, outbox: Outbox, entry: Entry) -> None:
        self._outbox = outbox
        self._entry = entry
        self._messages = [_Message(message_id) for message_id in entry.message_ids]
        self._strays: list[int] = []

    @property
    def earlier_answer(self) -> str | None:
        """The text that an earlier attempt brought to its end; None: none did."""
        return self._entry.answer

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids, in order."""
        return tuple(message.id for message in self._messages)

    async def become(self, frames: Sequence[Frame], answer: str) -> None:
        """Show exactly these frames, by final calls, and note the text; what is superfluous is deleted."""
        while (index := self.difference(frames)) is not None:
            await self.put(index, frames[index], Importance.FINAL)
        for message in self._messages[len(frames) :]:
            self._strays.append(message.id)
        self._messages[len(frames) :] = []
        while self._strays:
            await self._outbox.delete(self._strays.pop())
        await self._entry.write(self.ids, answer=answer)

    def difference(self, frames: Sequence[Frame]) -> int | None:
        """Return the first of the frames that is not shown yet; None if all are."""
        shown = [message.shows for message in self._messages]
        return next((at for at, frame in enumerate(frames) if shown[at : at + 1] != [frame]), None)

    async def put(self, index: int, frame: Frame, importance: Importance) -> None:
        """Show a frame where it belongs, by one call; a message that turns out lost is forgotten instead.

        So are those below it, because the one sent anew will stand below them; the end deletes them all.
        """
        if index < len(self._messages):
            await self._edit(index, frame, importance)
        else:
            await self._send(frame, importance)

    async def _send(self, frame: Frame, importance: Importance) -> None:
        """Send and note it, whoever is cancelled meanwhile: a message that nobody noted would be sent again."""
        sending = asyncio.create_task(self._send_and_note(frame, importance))
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:
            await asyncio.wait({sending}, timeout=_CALL_S)
            await put_down(sending)
            raise

    async def _send_and_note(self, frame: Frame, importance: Importance) -> None:
        message_id = await self._outbox.send(frame, importance, is_first=not self._messages)
        self._messages.append(_Message(message_id, frame))
        await self._entry.write(self.ids)

    async def _edit(self, index: int, frame: Frame, importance: Importance) -> None:
        message = self._messages[index]
        message.shows = None
        try:
            await self._outbox.edit(message.id, frame, importance)
        except MessageLost:
            self._strays += self.ids[index:]
            del self._messages[index:]
        else:
            message.shows = frame
