"""How updates come into the bot: one of two ways, of which exactly one replica looks after either.

Polls are made, and the webhook is set, by the replica that holds the lease. Posts of Telegram are taken by all.
Both ways share one lease, so that during a change from one to the other the two do not undo each other's work.
"""

from contextlib import nullcontext
from typing import Protocol

from bot.updates.intake import Intake
from bot.updates.lease import Duty
from bot.updates.webhook import Webhook

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
    """Lets updates in as long as `run` is not cancelled."""

    def __init__(self, duty: Duty, upkeep: Upkeep, intake: Intake, webhook: Webhook | None = None) -> None:
        self._duty = duty
        self._upkeep = upkeep
        self._intake = intake
        self._webhook = webhook

    @property
    def trouble(self) -> str:
        """Why no updates come; empty: they do, or another replica sees to it."""
        return self._duty.trouble or (self._upkeep.trouble if self._duty.is_ours else "")

    async def run(self) -> None:
        """Take updates in; whatever ends the upkeep is passed on.

        The door is open before Telegram is told where it is.
        """
        with self._webhook.open(self._intake) if self._webhook else nullcontext():
            await self._duty.run(self._upkeep.run)

    async def finish(self) -> None:
        """Wait for what people are still being told."""
        await self._intake.finish()
