"""A `Notices` that remembers what was said instead of saying it."""

from contextlib import suppress
from dataclasses import dataclass, field

from bot.errors import DeliveryError, DeliveryTimeout
from bot.types import Buttons, Place


@dataclass
class SpokenNotices:
    """Everything said, rewritten and answered; with `error`, saying fails with it."""

    error: DeliveryError | None = None
    said: list[tuple[Place, str, Buttons]] = field(default_factory=list)
    rewritten: list[tuple[Place, int, str, Buttons]] = field(default_factory=list)
    answered: list[tuple[str, str, bool]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """What was said, without where."""
        return [text for _, text, _ in self.said]

    async def say(self, place: Place, text: str, buttons: Buttons = ()) -> None:
        if self.error:
            raise self.error
        self.said.append((place, text, buttons))

    async def remark(self, place: Place, text: str) -> None:
        with suppress(DeliveryTimeout):
            await self.say(place, text)

    async def rewrite(self, place: Place, message_id: int, text: str, buttons: Buttons = ()) -> None:
        self.rewritten.append((place, message_id, text, buttons))

    async def answer(self, callback_id: str, text: str = "", *, is_alert: bool = False) -> None:
        self.answered.append((callback_id, text, is_alert))
