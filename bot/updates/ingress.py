"""How updates come into the bot: one of two ways, of which exactly one replica looks after either.

Polls are made, and the webhook is set, by the replica that holds the lease. Posts of Telegram are taken by all.
Both ways share one lease, so that during a change from one to the other the two do not undo each other's work.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from bot.updates.lease import Duty

LEASE = "ingress"


class Upkeep(Protocol):
    """What the replica on duty does."""

    @property
    def trouble(self) -> str:
        """Why no updates come; empty: they do."""
        ...

    async def run(self) -> None:
        """Go on until cancelled."""
        ...


class Ingress:
    """Lets updates in as long as `run` is not cancelled.

    `door` is open meanwhile, and `finish` waits for what people are still being told.
    """

    def __init__(
        self,
        duty: Duty,
        upkeep: Upkeep,
        *,
        finish: Callable[[], Awaitable[None]],
        door: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._duty = duty
        self._upkeep = upkeep
        self._door = door
        self.finish = finish

    @property
    def trouble(self) -> str:
        """Why no updates come; empty: they do, or another replica sees to it."""
        return self._duty.trouble or (self._upkeep.trouble if self._duty.is_ours else "")

    async def run(self) -> None:
        """Take updates in; whatever ends the upkeep is passed on.

        The door is open before Telegram is told where it is.
        """
        with self._door():
            await self._duty.run(self._upkeep.run)
