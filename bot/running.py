"""The answers that are growing right now in this process, so that a press of Stop can find them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.types import ConversationKey


@dataclass(slots=True)
class StopSwitch:
    """Tells whether the answer was stopped, and by whose question it began."""

    asker_id: int
    scope: asyncio.Timeout
    is_pressed: bool = False

    def press(self) -> None:
        """End the scope now."""
        self.is_pressed = True
        self.scope.reschedule(asyncio.get_running_loop().time())


class RunningTurns:
    """Which conversations are being answered."""

    def __init__(self) -> None:
        self._switches: dict[ConversationKey, StopSwitch] = {}

    @asynccontextmanager
    async def stoppable(self, conversation: ConversationKey, asker_id: int) -> AsyncIterator[StopSwitch]:
        """Let `stop` end what is inside, wherever it waits; the switch tells afterwards whether it was."""
        async with _stop_scope(asker_id) as switch:
            self._switches[conversation] = switch
            try:
                yield switch
            finally:
                if self._switches.get(conversation) is switch:
                    del self._switches[conversation]

    def asker_of(self, conversation: ConversationKey) -> int | None:
        """Whose question is being answered there; None: nobody's."""
        switch = self._switches.get(conversation)
        return switch.asker_id if switch else None

    def stop(self, conversation: ConversationKey) -> bool:
        """Stop the answer that grows there; False if none does, or if it is being stopped already."""
        switch = self._switches.get(conversation)
        if switch is None or switch.is_pressed:
            return False
        switch.press()
        return True


@asynccontextmanager
async def _stop_scope(asker_id: int) -> AsyncIterator[StopSwitch]:
    scope = asyncio.timeout(None)
    switch = StopSwitch(asker_id, scope)
    try:
        async with scope:
            yield switch
    except TimeoutError:
        if not switch.is_pressed:
            raise
