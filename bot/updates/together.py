"""What arrives together is one turn: how many of the updates that wait in a conversation are handled as one.

Messages that were sent in one go always are. What else the same person has said meanwhile is merged, queued or
replaced, as the prompt in use there wants it. Nothing waits for what may still come, save for a long text that
was visibly cut and for an album: their next part is on its way. Whatever somebody else says, a command or a
press ends the run, so that first come is first answered.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import structlog
from aiogram.types import User

from bot.ports import Meter, Uncounted
from bot.types import ConversationKey, Happening, WhileBusy
from bot.updates.addressing import is_addressed
from bot.updates.inbox import Claim, RedisInbox, is_whole
from bot.updates.introductions import place_of
from bot.updates.runs import Run, runs
from bot.updates.units import is_torn

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 0.1

PolicyOf = Callable[[ConversationKey], Awaitable[WhileBusy]]
"""Tells what happens in a conversation to messages that come while an answer grows."""


class Together:
    """Chooses for the worker what is handled as one."""

    def __init__(  # noqa: PLR0913 - the meter, clock and sleep are for watchers
        self,
        inbox: RedisInbox,
        me: User,
        policy_of: PolicyOf,
        *,
        cut_wait_s: float,
        meter: Meter | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._inbox = inbox
        self._me = me
        self._policy_of = policy_of
        self._cut_wait_s = cut_wait_s
        self._meter = meter or Uncounted()
        self._clock = clock
        self._sleep = sleep

    async def choose(self, claim: Claim) -> Claim | None:
        """Settle what is handled as one, so that it stays so after a crash; None: the claim was lost.

        A single update costs nothing here. Every part of a cut text or of an album has `cut_wait_s` to be
        followed by one.

        Raises:
            StoreError: Redis is away, and nothing is settled, or nothing was heard of it.
        """
        if len(claim.updates) == 1 and is_whole(claim.update):
            return claim
        share = await self._share(claim.updates)
        until = self._clock() + self._cut_wait_s
        while share.is_torn and self._clock() < until:
            await self._sleep(_LOOK_EVERY_S)
            seen, claim = len(claim.updates), await self._inbox.look_again(claim)
            if len(claim.updates) > seen:
                share = await self._share(claim.updates)
                until = self._clock() + self._cut_wait_s
        if share.is_settled:
            return replace(claim, updates=claim.updates[:1])
        if share.dropped:
            log.info("replaced by newer messages", updates=share.dropped)
        taken = await self._inbox.take(claim, share.count, dropping=share.dropped)
        if taken and share.dropped:
            self._meter.count(Happening.REPLACED, share.dropped)
        return taken

    async def _share(self, updates: Sequence[str]) -> "_Share":
        every = runs(updates)
        head = next(every, None)
        if head is None:
            return _Share(1, is_settled=True)
        if not self._is_asked(head):
            # In a group the end of a long text may be the first part that calls the bot.
            is_open = head.count == len(updates) and not head.is_command
            return _Share(1, is_torn=is_open and is_torn(head.messages), is_settled=True)
        run = takewhile(self._is_asked, every)
        first, second = head, next(run, None)
        place = place_of(first.messages[0], self._me.id)
        policy = await self._policy_of(place.conversation) if second else WhileBusy.QUEUE
        chosen = [first] if second is None or policy is WhileBusy.QUEUE else [first, second, *run]
        if policy is WhileBusy.REPLACE:
            chosen = chosen[: _newest_readable(chosen)]
        newest, count = chosen[-1], sum(one.count for one in chosen)
        dropped = count - newest.count if policy is WhileBusy.REPLACE else 0
        return _Share(count - dropped, dropped, is_torn=count == len(updates) and is_torn(newest.messages))

    def _is_asked(self, one: Run) -> bool:
        """Whether the bot is meant by a message of them: the others go with it."""
        return any(is_addressed(message, self._me) for message in one.messages)


def _newest_readable(said: Sequence[Run]) -> int:
    """Return the number of the newest, from 1; what cannot be read replaces nothing and waits its turn."""
    return max((number for number, one in enumerate(said, 1) if one.is_readable), default=1)


@dataclass(frozen=True, slots=True)
class _Share:
    """How much of what waits is handled as one."""

    count: int
    dropped: int = 0
    """How many are let go before."""
    is_torn: bool = False
    """Whether the next part of a cut text or of an album is missing."""
    is_settled: bool = False
    """Whether it cannot become more, however often it is looked at."""
