"""The inbox: updates on their way from Telegram to a handler, durable in Redis.

A list of waiting updates for each conversation, and one stream that announces the conversations that are
ready. A worker claims an announcement, handles the head of the list and says when it is done; the claim of a
worker that died is taken over. No task queue on Redis keeps order per key, hence this one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from bot.store import key_prefix, store_errors
from bot.updates import scripts
from bot.updates.lanes import Envelope

log = structlog.get_logger(__name__)

GROUP = "workers"
_REMEMBERED = 10_000
_DEAD_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to handle one update, until it is done or the lease runs out."""

    stream: str
    entry: str
    slug: str
    """The conversation; empty in the control lane."""
    update: str
    """JSON; empty if there turned out to be nothing to do."""
    deliveries: int = 1
    """How many workers have held this claim, this one included."""
    epoch: int = 0
    """How often Redis had lost its data when this was claimed: older claims are nobody's any more."""


class RedisInbox:
    """Laws 2 and 3: nothing that was put is lost, each update once, in order within its conversation.

    Every method raises `StoreError` if Redis is away.
    """

    def __init__(
        self, redis: Redis, bot_id: int, *, consumer: str, clock: Callable[[], float] = time.time
    ) -> None:
        prefix = key_prefix(bot_id)
        self._redis = redis
        self._consumer = consumer
        self._clock = clock
        self._epoch = 0
        self._prefix = prefix
        self.ready, self.control, self.dead = f"{prefix}:ready", f"{prefix}:control", f"{prefix}:dead"
        self._seen = f"{prefix}:seen"
        self._put = redis.register_script(scripts.PUT)
        self._put_control = redis.register_script(scripts.PUT_CONTROL)
        self._done = redis.register_script(scripts.DONE)
        self._done_control = redis.register_script(scripts.DONE_CONTROL)
        self._release = redis.register_script(scripts.RELEASE)
        self._renew = redis.register_script(scripts.RENEW)

    def _waiting(self, slug: str) -> str:
        return f"{self._prefix}:waiting:{slug}"

    async def open(self) -> None:
        """Make sure that the streams and their group exist."""
        with store_errors():
            for stream in (self.ready, self.control):
                try:
                    await self._redis.xgroup_create(stream, GROUP, id="0", mkstream=True)
                except ResponseError as error:
                    if "BUSYGROUP" not in str(error):
                        raise

    async def put(self, envelope: Envelope) -> bool:
        """Keep an update; False if it was here before. When this returns, the update survives a crash."""
        with store_errors():
            if envelope.conversation is None:
                keys = [self._seen, self.control]
                args: list[Any] = [envelope.identity, envelope.update, self._clock(), _REMEMBERED]
                return bool(await self._put_control(keys=keys, args=args))
            slug = envelope.conversation.slug
            keys = [self._seen, self._waiting(slug), self.ready]
            args = [envelope.identity, envelope.update, slug, self._clock(), _REMEMBERED]
            return bool(await self._put(keys=keys, args=args))

    async def claim(self, stream: str, count: int, *, wait_ms: int) -> list[Claim]:
        """Claim up to `count` new announcements of a lane, waiting for the first one."""
        claims: list[Claim] = []
        async with self._group():
            answer = await self._redis.xreadgroup(
                GROUP, self._consumer, {stream: ">"}, count=count, block=wait_ms
            )
            found = [one for _, entries in _pairs(answer) for one in entries]
            claims += await asyncio.gather(*(self._claim(stream, entry, fields) for entry, fields in found))
        return claims

    async def take_over(self, stream: str, count: int, *, stale_ms: int) -> list[Claim]:
        """Claim what a worker has held for `stale_ms` without a sign of life."""
        claims: list[Claim] = []
        async with self._group():
            for entry, fields in await self._stale(stream, count, stale_ms):
                held = await self._redis.xpending_range(stream, GROUP, min=entry, max=entry, count=1)
                deliveries = int(held[0]["times_delivered"]) if held else 1
                claims.append(await self._claim(stream, entry, fields, deliveries))
        return claims

    async def _stale(self, stream: str, count: int, stale_ms: int) -> list[tuple[str, dict[str, str]]]:
        """Look through all claims: Redis looks at no more than ten for each that is wanted, and stops there."""
        found: list[tuple[str, dict[str, str]]] = []
        cursor = "0-0"
        while len(found) < count:
            cursor, some, *_ = await self._redis.xautoclaim(
                stream, GROUP, self._consumer, stale_ms, start_id=cursor, count=count - len(found)
            )
            found += some
            if cursor == "0-0":
                break
        return found

    @asynccontextmanager
    async def _group(self) -> AsyncIterator[None]:
        """Make the group anew if Redis has lost it with all its data; what was asked inside is then skipped."""
        with store_errors():
            try:
                yield
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                log.warning("redis has lost its data")
                self._epoch += 1
                await self.open()

    async def _claim(self, stream: str, entry: str, fields: dict[str, str], deliveries: int = 1) -> Claim:
        if stream == self.control:
            return Claim(stream, entry, "", fields["update"], deliveries, self._epoch)
        slug = fields["conversation"]
        update = await self._redis.lindex(self._waiting(slug), 0)
        return Claim(stream, entry, slug, str(update or ""), deliveries, self._epoch)

    async def done(self, claim: Claim, *, why_dead: str = "") -> bool:
        """Take the update out and announce the conversation's next; False if the claim was lost meanwhile.

        With a reason, the update is kept among the dead letters.
        """
        with store_errors():
            if claim.stream == self.control:
                keys = [self.control, self.dead]
                args: list[Any] = [GROUP, claim.entry, claim.update, why_dead, _DEAD_KEPT, self._consumer]
                return bool(await self._done_control(keys=keys, args=args))
            keys = [self._waiting(claim.slug), self.ready, self.dead]
            args = [GROUP, claim.entry, claim.slug, why_dead, _DEAD_KEPT, self._consumer]
            return bool(await self._done(keys=keys, args=args))

    async def release(self, claim: Claim) -> None:
        """Give a claim back unhandled; whoever is free takes it at once."""
        field, value = ("conversation", claim.slug) if claim.slug else ("update", claim.update)
        with store_errors():
            await self._release(keys=[claim.stream], args=[GROUP, claim.entry, field, value, self._consumer])

    async def renew(self, claims: Sequence[Claim]) -> set[Claim]:
        """Show a sign of life for these claims; return those that were lost to another worker."""
        lost: set[Claim] = set()
        for stream in (self.ready, self.control):
            mine = (claim for claim in claims if claim.stream == stream and claim.epoch == self._epoch)
            held = {claim.entry: claim for claim in mine}
            if held:
                async with self._group():
                    gone = await self._renew(keys=[stream], args=[GROUP, self._consumer, *held])
                    lost.update(held[entry] for entry in gone)
        return lost

    async def leave(self) -> None:
        """Remove this consumer from the group, if it holds nothing; what it holds is left to be taken over."""
        with store_errors():
            for stream in (self.ready, self.control):
                if not await self._redis.xpending_range(
                    stream, GROUP, "-", "+", 1, consumername=self._consumer
                ):
                    await self._redis.xgroup_delconsumer(stream, GROUP, self._consumer)


def _pairs(answer: Any) -> list[tuple[str, list[tuple[str, dict[str, str]]]]]:
    # The answer's shape depends on the protocol: pairs in RESP2, a mapping of lists of lists in RESP3.
    if not answer:
        return []
    if isinstance(answer, dict):
        return [(stream, entries[0] if entries else []) for stream, entries in answer.items()]
    return list(answer)
