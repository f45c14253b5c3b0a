"""The messages of one reply: what they show, and how they come to show something else.

Before a message is sent, the journal is told that one is on its way. If its id never comes back, because the
answer of Telegram or our own process was lost, the end looks for it: no part of an answer is shown twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.replies.journal import Doubt, Entry
from bot.replies.outbox import Outbox, Sent
from bot.replies.pace import Importance
from bot.replies.refusals import MessageLost
from bot.replies.search import Search
from bot.replies.wire import Frame
from bot.tasks import put_down
from bot.types import Piece

_CALL_S = 3.0
"""How long a send that is under way is waited for when its reply is broken off."""
FIRST_ID = 1
"""Of the message that says, in a supergroup, which group it was: what the bot sends there is below it."""


@dataclass(slots=True)
class _Message:
    """A message in the chat, and what it shows as far as we know."""

    id: int
    shows: Frame | None = None
    """None: unknown, because an earlier attempt or a lost answer left it so."""


class Messages:
    """The messages of one reply, in order; every one that is sent goes into the journal at once.

    `below` is the id of the message that the reply stands below; `in_place` are messages of an earlier reply,
    which become those of this one; those that it `replaces` are deleted at the end.
    """

    def __init__(
        self,
        outbox: Outbox,
        entry: Entry,
        *,
        below: int | None = None,
        in_place: Sequence[int] = (),
        replaces: Sequence[int] = (),
    ) -> None:
        self._outbox = outbox
        self._spot = outbox.spot
        self._entry = entry
        self._below = below
        self._messages = [_Message(message_id) for message_id in entry.notes.message_ids or in_place]
        self._old = set(() if entry.notes.message_ids else in_place)
        self._strays = list(entry.notes.strays or replaces)
        self._search = Search(outbox, entry.notes.doubts)

    @property
    def earlier_answer(self) -> str | None:
        """The text that an earlier attempt brought to its end; None: none did."""
        return self._entry.notes.answer

    @property
    def undelivered(self) -> Piece | None:
        """What an earlier attempt had begun to deliver; None: nothing."""
        return self._entry.notes.undelivered

    @property
    def file_id(self) -> int | None:
        """The message with the file; None: there is none."""
        return self._entry.notes.file_id

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids, in order."""
        return tuple(message.id for message in self._messages)

    async def become(self, frames: Sequence[Frame]) -> None:
        """Show exactly these frames, by final calls; what is superfluous is deleted."""
        is_settled = False
        while not is_settled:
            while (index := self.difference(frames)) is not None:
                await self.put(index, frames[index], Importance.FINAL)
            await self._sweep(len(frames))
            await self._search.clear(self._note)
            # Not if the group has moved at one of these calls.
            is_settled = self.difference(frames) is None

    async def note_text(self, said: Piece) -> None:
        """Write down what is about to be delivered, so that the model need not be asked again."""
        await self._entry.write(undelivered=said)

    async def note_end(self, answer: str) -> None:
        """Write down that the reply is over, and what the model said."""
        await self._entry.write(
            chat_id=self._spot.chat_id, message_ids=self.ids, undelivered=None, answer=answer
        )

    async def settle(self) -> None:
        """Let the reply be forgotten soon if it is over, because it was remembered elsewhere."""
        await self._entry.settle()

    def has_old(self, keep: int) -> bool:
        """Whether the earlier answer has more than `keep` messages, and they are still there."""
        return any(message.id in self._old for message in self._messages[keep:])

    async def clear_old(self, keep: int) -> bool:
        """Delete what the earlier answer has more than `keep` messages; False: there was nothing to delete."""
        if not self.has_old(keep):
            return False
        await self._sweep(keep)
        return True

    def difference(self, frames: Sequence[Frame]) -> int | None:
        """Return the first of the frames that is not shown yet; None if all are."""
        self._follow()
        shown = [message.shows for message in self._messages]
        return next((at for at, frame in enumerate(frames) if shown[at : at + 1] != [frame]), None)

    async def put(self, index: int, frame: Frame, importance: Importance) -> None:
        """Show a frame where it belongs, by one call; a message that turns out lost is forgotten instead.

        So are those below it, because the one sent anew will stand below them; the end deletes them all.
        """
        if index < len(self._messages):
            await self._entry.catch_up()
            await self._edit(index, frame, importance)
        else:
            await self._to_the_end(self._send(frame, importance))

    async def hand_over(self, send: Callable[[], Awaitable[Sent]]) -> None:
        """Send a file or a picture below the messages, once, whatever happened before."""
        if self._entry.notes.file_id is None:
            await self._to_the_end(self._send_file(send))
            await self._search.clear(self._note)

    async def _to_the_end(self, sending: Awaitable[None]) -> None:
        """Send and note, whoever is cancelled meanwhile: a message that nobody noted would be sent again."""
        task = asyncio.ensure_future(sending)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task}, timeout=_CALL_S)
            await put_down(task)
            raise

    async def _send(self, frame: Frame, importance: Importance) -> None:
        is_first = not self._messages
        try:
            message_id = await self._sent(
                frame, lambda: self._outbox.send(frame, importance, is_first=is_first, is_bound=True)
            )
        except MessageLost:
            return  # All is sent anew where it is now, and noted before.
        self._messages.append(_Message(message_id, frame))
        await self._note()
        await self._outbox.note(message_id)

    async def _send_file(self, send: Callable[[], Awaitable[Sent]]) -> None:
        message_id = await self._sent(None, send)
        await self._entry.write(file_id=message_id, doubts=self._search.doubts)
        await self._outbox.note(message_id)

    async def _sent(self, frame: Frame | None, send: Callable[[], Awaitable[Sent]]) -> int:
        """Write down that a message is on its way, and send it."""
        above = self.ids[-1] if self._messages else self._below or 0
        doubt = Doubt(max(above, await self._outbox.newest()))
        await self._note(doubt)
        return await self._search.sent(doubt, frame, send)

    async def _sweep(self, keep: int) -> None:
        """Delete what is superfluous."""
        self._strays += self.ids[keep:]
        del self._messages[keep:]
        while self._strays:
            await self._outbox.delete(self._strays.pop())
            self._follow()

    def _follow(self) -> None:
        """Leave what stays behind in a topic that is lost, or a group that has moved; all is shown anew."""
        before, self._spot = self._spot, self._outbox.spot
        if self._spot == before:
            return
        self._strays += self.ids
        self._messages.clear()
        if self._spot.chat_id != before.chat_id:
            self._strays.clear()
            self._search.forget()
            self._below = FIRST_ID

    async def _note(self, *doubts: Doubt) -> None:
        await self._entry.write(
            chat_id=self._spot.chat_id,
            message_ids=self.ids,
            doubts=(*self._search.doubts, *doubts),
            strays=tuple(self._strays),
        )

    async def _edit(self, index: int, frame: Frame, importance: Importance) -> None:
        message = self._messages[index]
        before, message.shows = message.shows, None
        try:
            is_changed = await self._outbox.edit(message.id, frame, importance)
        except MessageLost:
            self._strays += self.ids[index:]
            del self._messages[index:]
        else:
            # That it shows this already is believed at once only where it is possible, and else asked again.
            message.shows = frame if is_changed or before is None else None
