"""One call after another to one chat: final ones insist, cosmetic ones are tried once.

Insisting means to wait for flood control as long as Telegram says, through outages for longer after each, to
follow a group to its new id, and to do without a topic or without looks that Telegram does not take.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TypeVar, cast

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, ClientDecodeError, TelegramMigrateToChat, TelegramRetryAfter
from aiogram.methods import TelegramMethod

from bot.errors import DeliveryTimeout
from bot.replies.governor import Governor
from bot.replies.pace import Importance, Pace
from bot.replies.refusals import Lost, Postponed, Refusal, WayRefused, is_lasting, mapped, refusal
from bot.replies.wire import Address
from bot.types import Place

log = structlog.get_logger(__name__)
T = TypeVar("T")

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 15.0
_LEAST_WAIT_S = 0.05


@dataclass(frozen=True, slots=True)
class Timer:
    """Time as a reply sees it: seconds of a steady clock, and a way to wait."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True)
class Attempt:
    """A call on its way, and what has happened to it."""

    importance: Importance
    is_plain: bool = True
    """Without entities: there are none, or they were refused."""
    instead: type[WayRefused] | None = None
    """What is raised at once if Telegram refuses the content, because there is another way to show it."""
    above: int = 0
    """If the newest try sends a message, its id is above this one."""
    lost_above: list[int] = field(default_factory=list)
    """The same of each try of which nobody could tell whether it arrived."""

    @property
    def outages(self) -> int:
        """How often nobody could tell whether the call arrived."""
        return len(self.lost_above)

    @property
    def pause_s(self) -> float:
        """How long to wait after outages: longer after each."""
        return min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**self.outages) if self.outages else 0.0


class Calls:
    """The calls of one reply, or of one notice.

    They raise `Postponed` if the call was cosmetic and did not get through (`Lost`: or nobody knows),
    `TooLong`, `ChatGone`, or `DeliveryError` for what Telegram will never take, or not within `patience_s`.
    """

    def __init__(self, bot: Bot, governor: Governor, place: Place, timer: Timer) -> None:
        key = place.conversation
        self.to = Address(key.chat_id, key.topic_id, key.business_id)
        self._bot = bot
        self._governor = governor
        self._is_group = place.is_group
        self.are_looks_refused = False
        """Whether Telegram refused some content with its entities."""
        self._timer = timer

    @property
    def pace(self) -> Pace:
        """The rhythm that the governor keeps."""
        return self._governor.pace

    async def admission(self, importance: Importance) -> float:
        """Ask for one cosmetic call; return 0.0, or the seconds to wait before asking again."""
        return await self._governor.admit(self.to.chat_id, importance, is_group=self._is_group)

    async def make(self, method: Callable[[Attempt], TelegramMethod[T]], attempt: Attempt) -> T:
        """Call until it is taken; a cosmetic call, which must have been admitted, only once."""
        deadline = self._timer.clock() + self.pace.patience_s
        while True:
            if attempt.importance is Importance.FINAL:
                await self._admitted(deadline)
            try:
                return await self._bot(method(attempt))
            except ClientDecodeError as error:
                # A server newer than our library: repeating the call would send the same message for ever.
                if (result := _salvaged(error)) is not None:
                    return cast("T", result)
                await self._repeat(error, attempt, deadline)
            except AiogramError as error:
                await self._repeat(error, attempt, deadline)

    async def _repeat(self, error: AiogramError, attempt: Attempt, deadline: float) -> None:
        """Overcome and wait what stands in the way of another try; a cosmetic call gets none."""
        meaning = await self._overcome(error, attempt)
        if attempt.importance is not Importance.FINAL:
            raise (Lost if meaning is Refusal.OUTAGE else Postponed)(str(error)) from error
        log.debug("call_repeated", because=meaning.name.lower(), error=str(error))
        await self._wait(attempt.pause_s, deadline)

    async def _admitted(self, deadline: float) -> None:
        """Wait until the governor grants the call."""
        while (wait_s := await self.admission(Importance.FINAL)) > 0:
            await self._wait(max(wait_s, _LEAST_WAIT_S), deadline)

    async def _wait(self, seconds: float, deadline: float) -> None:
        if self._timer.clock() + seconds > deadline:
            raise DeliveryTimeout(f"Telegram did not take a call to chat {self.to.chat_id} in time", seconds)
        await self._timer.sleep(seconds)

    async def _overcome(self, error: AiogramError, attempt: Attempt) -> Refusal:
        """Return if the call is worth repeating, having changed or waited for what stood in its way."""
        meaning = refusal(error)
        match meaning, error:
            case Refusal.FLOOD, TelegramRetryAfter(retry_after=seconds):
                await self._governor.penalise(self.to.chat_id, seconds)
            case Refusal.MOVED, TelegramMigrateToChat(migrate_to_chat_id=chat_id):
                self.to.chat_id = chat_id
            case Refusal.THREAD_LOST, _ if self.to.topic_id is not None:
                self.to.topic_id = None
            case ((Refusal.BAD_REQUEST | Refusal.TOO_LONG | Refusal.UNKNOWN_METHOD), _) if attempt.instead:
                raise attempt.instead(str(error), is_lasting=is_lasting(meaning, error)) from error
            case Refusal.BAD_REQUEST, _ if not attempt.is_plain:
                attempt.is_plain = self.are_looks_refused = True
            case Refusal.OUTAGE, _:
                attempt.lost_above.append(attempt.above)
            case _:
                raise mapped(meaning, error) from error
        return meaning


def _salvaged(error: ClientDecodeError) -> SimpleNamespace | bool | None:
    """Return what we need of a success that the library could not read; None if it was none."""
    match error.data:
        case {"ok": True, "result": {"message_id": int(message_id)}}:
            return SimpleNamespace(message_id=message_id)
        case {"ok": True}:
            return True
    return None
