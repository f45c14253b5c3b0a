"""The answers that are growing right now in this process, so that a press of Stop can find them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.types import ConversationKey


@dataclass(slots=True)
class StopSwitch:
    """Tells whether an answer was stopped, whose question it answers, and which reply it is."""

    asker_id: int
    tag: int
    """As on the reply's buttons; see `bot.presses.tag_of`."""
    scope: asyncio.Timeout
    is_pressed: bool = False

    def press(self) -> None:
        """End the scope now; again, in case that got lost."""
        self.is_pressed = True
        self.scope.reschedule(asyncio.get_running_loop().time())


class RunningTurns:
    """Which conversations are being answered; each has one answer at a time."""

    def __init__(self) -> None:
        self._switches: dict[ConversationKey, StopSwitch] = {}

    @asynccontextmanager
    async def stoppable(
        self, conversation: ConversationKey, asker_id: int, tag: int
    ) -> AsyncIterator[StopSwitch]:
        """Let the switch end what is inside, wherever it waits; it tells afterwards whether it was pressed."""
        async with _stop_scope(asker_id, tag) as switch:
            self._switches[conversation] = switch
            try:
                yield switch
            finally:
                if self._switches.get(conversation) is switch:
                    del self._switches[conversation]

    def switch_of(self, conversation: ConversationKey) -> StopSwitch | None:
        """Return the switch of the answer that grows there; None: none does."""
        return self._switches.get(conversation)


@asynccontextmanager
async def _stop_scope(asker_id: int, tag: int) -> AsyncIterator[StopSwitch]:
    scope = asyncio.timeout(None)
    switch = StopSwitch(asker_id, tag, scope)
    try:
        async with scope:
            yield switch
    except TimeoutError:
        if not switch.is_pressed:
            raise
