"""The answers that grow right now, here and in other processes, so that a press of Stop can find them.

A press that is told to have stopped an answer stops it, whatever dies or is cut off meanwhile: those of this
process are stopped at once, whether Redis is there or not, and the board of all replicas keeps the press for
whoever takes the answer over.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from bot.types import ConversationKey, Part


@dataclass(frozen=True, slots=True)
class Growing:
    """An answer that grows, as every replica sees it."""

    asker_id: int
    tag: int
    """As on the reply's buttons; see `bot.presses.tag_of`."""


@dataclass(slots=True)
class StopSwitch:
    """Ends an answer, and tells afterwards whether it did; it knows what the answer is for."""

    growing: Growing
    scope: asyncio.Timeout
    parts: tuple[Part, ...] = ()
    """The messages that are being answered."""
    gives_way: bool = False
    """Whether the asker's next question makes this answer pointless."""
    said: str = ""
    """What the model has said so far, if need be in an attempt that died."""
    is_pressed: bool = False
    is_over: bool = False

    def press(self) -> bool:
        """End the scope now; False: it is ending, or over, and nothing happens."""
        if self.is_over or self.scope.expired():
            return False
        self.is_pressed = True
        self.scope.reschedule(asyncio.get_running_loop().time())
        return True


class Board(Protocol):
    """Where all replicas see which answers grow; it presses the switches that were pressed elsewhere."""

    def post(self, conversation: ConversationKey, switch: StopSwitch) -> None:
        """Let others find the answer, without keeping it waiting."""
        ...

    def remove(self, conversation: ConversationKey, switch: StopSwitch, *, is_interrupted: bool) -> None:
        """Let nobody find it any more; if it was interrupted, it can be stopped until it is taken up again."""
        ...

    async def find(self, conversation: ConversationKey) -> Growing | None:
        """Return the answer that grows there. Raises `StoreError` if nobody knows."""
        ...

    async def press(self, conversation: ConversationKey, tag: int) -> bool:
        """Stop that answer; False: it does not grow any more. Raises `StoreError` as well."""
        ...

    def note_press(self, conversation: ConversationKey, tag: int) -> None:
        """Keep a press of this process for another attempt, should this one die before it is delivered."""
        ...


class Alone:
    """The board of a process without others."""

    def post(self, conversation: ConversationKey, switch: StopSwitch) -> None:
        """Tell nobody."""

    def remove(self, conversation: ConversationKey, switch: StopSwitch, *, is_interrupted: bool) -> None:
        """Tell nobody."""

    async def find(self, conversation: ConversationKey) -> Growing | None:  # noqa: ARG002 - the port's
        """Find nothing."""
        return None

    async def press(self, conversation: ConversationKey, tag: int) -> bool:  # noqa: ARG002 - the port's
        """Stop nothing."""
        return False

    def note_press(self, conversation: ConversationKey, tag: int) -> None:
        """Keep nothing."""


class RunningTurns:
    """Which conversations are being answered; each has one answer at a time."""

    def __init__(self, board: Board = Alone()) -> None:  # noqa: B008 - it holds nothing
        self._board = board
        self._switches: dict[ConversationKey, StopSwitch] = {}

    @asynccontextmanager
    async def stoppable(
        self,
        conversation: ConversationKey,
        growing: Growing,
        parts: tuple[Part, ...] = (),
        *,
        gives_way: bool = False,
    ) -> AsyncIterator[StopSwitch]:
        """Let the switch end what is inside, wherever it waits; it tells afterwards whether it was pressed."""
        switch = StopSwitch(growing, asyncio.timeout(None), parts, gives_way)
        is_interrupted = False
        try:
            async with _scope_of(switch):
                self._switches[conversation] = switch
                self._board.post(conversation, switch)
                yield switch
        except asyncio.CancelledError:
            is_interrupted = True
            raise
        finally:
            if self._switches.get(conversation) is switch:
                del self._switches[conversation]
            self._board.remove(conversation, switch, is_interrupted=is_interrupted)

    def switch_of(self, conversation: ConversationKey) -> StopSwitch | None:
        """Return the switch of the answer that grows there in this process; None: none does."""
        return self._switches.get(conversation)

    async def growing_in(self, conversation: ConversationKey) -> Growing | None:
        """Return the answer that grows there, in whatever process; None: none does.

        Raises:
            StoreError: none does here, and of others nobody knows.
        """
        switch = self.switch_of(conversation)
        return switch.growing if switch else await self._board.find(conversation)

    async def stop(self, conversation: ConversationKey, growing: Growing) -> bool:
        """Stop that answer; False: it does not grow any more.

        Raises:
            StoreError: it grows elsewhere, and Redis is away.
        """
        switch = self.switch_of(conversation)
        if switch is None or switch.growing != growing:
            return await self._board.press(conversation, growing.tag)
        switch.press()
        self._board.note_press(conversation, growing.tag)
        return True


@asynccontextmanager
async def _scope_of(switch: StopSwitch) -> AsyncIterator[None]:
    try:
        async with switch.scope:
            yield
    except TimeoutError:
        if not switch.is_pressed:
            raise
    finally:
        switch.is_over = True
