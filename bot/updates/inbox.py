"""The inbox: updates on their way from Telegram to a handler, durable in Redis.

A list of waiting updates for each conversation, and one stream that announces the conversations that are
ready. A worker claims an announcement, handles the head of the list and says when it is done; the claim of a
worker that died is taken over. No task queue on Redis keeps order per key, hence this one.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import chain
from math import inf
from typing import Any, TypeVar

import structlog
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from bot.store import key_prefix, store_errors
from bot.types import ConversationKey
from bot.updates import scripts
from bot.updates.arrivals import channel
from bot.updates.lanes import Envelope
from bot.updates.presence import channel_of

log = structlog.get_logger(__name__)
T = TypeVar("T")

GROUP = "workers"
SEPARATOR = "\x1f"
"""Between the sender of a limited update and the update; no JSON has it."""
MOST_TOGETHER = 64
"""How far ahead a claim sees what waits behind its update."""
CUT_BYTES = 4000
"""An update below this length holds no text that was cut: if it waits alone, it is taken alone at once."""
ALBUM = '"media_group_id"'
"""Unless it holds this: then it may be a part of an album."""
_REMEMBERED = 10_000
_DEAD_KEPT = 1_000
_SETTLED_BEFORE = 2
_FORGOTTEN_MS = 3_600_000
"""Without a sign of life, after which a consumer that holds nothing is forgotten."""
_FRESH_S = 0.5
"""So young an announcement is right about what waits; older ones are looked into."""
_QUIET_S = 60
"""A sender who goes on beyond the limit is told again after so long a silence."""


class Put(IntEnum):
    """What became of an update."""

    KNOWN = 0
    """It was kept before."""
    KEPT = 1
    FULL = 2
    """Refused, because too much waits; the sender has to be told."""
    TOLD = 3
    """Refused, and the sender was told a moment ago."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many updates may wait, the one being handled included."""

    in_conversation: int = 100
    of_sender: int = 30


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to handle one update, until it is done or the lease runs out."""

    stream: str
    entry: str
    slug: str
    """The conversation; empty in the control lane."""
    updates: tuple[str, ...]
    """JSON, in order: the one to be handled, and what waits behind it; none: there turned out to be nothing."""
    deliveries: int = 1
    """How many workers have held this claim, this one included."""
    epoch: str = ""
    """Of the data in Redis when this was claimed: if Redis has lost them since, the claim is nobody's."""
    is_taken: bool = False
    """Whether all these updates, and no more, are handled as one; see `RedisInbox.take`."""
    blame: float = 0.0
    """For the deaths of workers that held it: 1 for one that held nothing else in this lane, else a share."""
    is_suspect: bool = False
    """Whether it may end its workers at once: what was taken over is not begun beside it."""

    @property
    def update(self) -> str:
        """The one at the head; empty: there is none."""
        return self.updates[0] if self.updates else ""


@dataclass(frozen=True, slots=True)
class Silence:
    """How long a worker shows no sign of life before what it holds is stale."""

    stale_ms: int
    gone_ms: int
    """Of one that does not even listen any more; this is known only to who listens."""
    soon_ms: int = 500
    """Who shows no sign of life after it took something over, died soon of it; see `vigil.stay_alive`."""


class RedisInbox:
    """Laws 2 and 3: nothing that was put is lost, each update once, in order within its conversation.

    Every method raises `StoreError` if Redis is away.
    """

    def __init__(
        self,
        redis: Redis,
        bot_id: int,
        *,
        consumer: str,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        prefix = key_prefix(bot_id)
        self._clock = clock
        self._drained_s: dict[str, float] = {}
        """When a read of a stream left nothing new in it, the last one if it did; of the clock."""
        self._redis = redis
        self._consumer = consumer
        self._limits = limits or Limits()
        self._channel, self._presence = channel(bot_id), channel_of(bot_id, "")
        self._epoch, self._epoch_key = "", f"{prefix}:epoch"
        self._prefix = prefix
        self.ready, self.control, self.dead = f"{prefix}:ready", f"{prefix}:control", f"{prefix}:dead"
        self._seen, self._senders = f"{prefix}:seen", f"{prefix}:senders"
        self._taken, self._told = f"{prefix}:taken", f"{prefix}:told:"
        self._deaths = f"{prefix}:deaths"
        self._put = redis.register_script(scripts.PUT)
        self._put_control = redis.register_script(scripts.PUT_CONTROL)
        self._look = redis.register_script(scripts.LOOK)
        self._take = redis.register_script(scripts.TAKE)
        self._done = redis.register_script(scripts.DONE)
        self._done_control = redis.register_script(scripts.DONE_CONTROL)
        self._release = redis.register_script(scripts.RELEASE)
        self._leave = redis.register_script(scripts.LEAVE)
        self._renew = redis.register_script(scripts.RENEW)
        self._stale = redis.register_script(scripts.FIND_STALE)
        self._judge = redis.register_script(scripts.JUDGE)
        self._take_over = redis.register_script(scripts.TAKE_OVER)

    def _waiting(self, slug: str) -> str:
        return f"{self._prefix}:waiting:{slug}"

    async def open(self) -> None:
        """Make sure that the streams and their group exist, learn which epoch it is, forget the long dead.

        Nothing is written that is there: a Redis that is full would refuse it, and has to be worked off.
        """
        with store_errors():
            if not await self._redis.exists(self._epoch_key):
                await self._redis.set(self._epoch_key, secrets.token_hex(8), nx=True)
            self._epoch = str(await self._redis.get(self._epoch_key))
            for stream in (self.ready, self.control):
                try:
                    await self._forget_the_dead(stream)
                except ResponseError as error:
                    if "NOGROUP" not in str(error) and "no such key" not in str(error):
                        raise
                    await self._make_group(stream)

    async def _make_group(self, stream: str) -> None:
        try:
            await self._redis.xgroup_create(stream, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _forget_the_dead(self, stream: str) -> None:
        """Remove consumers that have gone without a word and left nothing behind."""
        await self._leave(keys=[stream], args=[GROUP, _FORGOTTEN_MS, ""])

    async def put(self, envelope: Envelope) -> Put:
        """Keep an update; see `put_all`."""
        (answer,) = await self.put_all([envelope])
        return answer

    async def put_all(self, envelopes: Sequence[Envelope]) -> list[Put]:
        """Keep updates, those of a conversation in one step; when this returns, they survive a crash.

        Of a `StoreError` nothing can be concluded: some may be kept, and will be known when they are put again.
        """
        lanes: dict[ConversationKey | None, list[int]] = {}
        for index, envelope in enumerate(envelopes):
            lanes.setdefault(envelope.conversation, []).append(index)
        puts = [self._put_lane(lane, [envelopes[at] for at in places]) for lane, places in lanes.items()]
        with store_errors():
            answers = await _all(puts)
        found = dict(zip(chain.from_iterable(lanes.values()), chain.from_iterable(answers), strict=True))
        return [Put(found[index]) for index in range(len(envelopes))]

    async def _put_lane(self, lane: ConversationKey | None, envelopes: Sequence[Envelope]) -> list[int]:
        if lane is None:
            return list(await asyncio.gather(*map(self._put_apart, envelopes)))
        keys = [self._seen, self._waiting(lane.slug), self.ready, self._senders, self._told, self._taken]
        limits = [self._limits.in_conversation, self._limits.of_sender, _QUIET_S]
        items = [word for envelope in envelopes for word in _item(envelope)]
        args: list[Any] = [lane.slug, _REMEMBERED, *limits, self._channel, CUT_BYTES, ALBUM, *items]
        return list(await self._put(keys=keys, args=args))

    async def _put_apart(self, envelope: Envelope) -> int:
        sender = "" if envelope.sender_id is None else str(envelope.sender_id)
        args: list[Any] = [envelope.identity, envelope.update, _REMEMBERED, sender, self._limits.of_sender]
        return int(await self._put_control(keys=[self._seen, self.control, self._senders], args=args))

    async def claim(self, stream: str, count: int, *, wait_ms: int) -> list[Claim]:
        """Claim up to `count` new announcements of a lane, waiting for the first one.

        What they carry is believed if they were made a moment ago: none was left by the read before.
        """
        claims: list[Claim | None] = []
        async with self._group():
            began_s = self._clock()
            is_fresh = began_s - self._drained_s.pop(stream, -inf) < _FRESH_S
            answer = await self._redis.xreadgroup(
                GROUP, self._consumer, {stream: ">"}, count=count, block=wait_ms
            )
            found = [one for _, entries in _pairs(answer) for one in entries]
            is_fresh = is_fresh and self._clock() - began_s < wait_ms / 1000 + _FRESH_S
            if len(found) < count:
                self._drained_s[stream] = self._clock()
            claims += await _all(
                [self._claim(stream, entry, fields, is_fresh=is_fresh) for entry, fields in found]
            )
        return [claim for claim in claims if claim]

    async def stale(self, stream: str, silence: Silence) -> set[str]:
        """Return the workers that hold anything without a sign of life for too long."""
        holders: list[str] = []
        async with self._group():
            holders = await self._stale(keys=[stream], args=self._terms(silence))
        return set(holders)

    async def judge(self, stream: str, dead: Collection[str], silence: Silence) -> None:
        """Write down what each claim of these workers is blamed for, once for a death."""
        async with self._group():
            args = [*self._terms(silence), silence.soon_ms, *dead]
            await self._judge(keys=[stream, self._deaths], args=args)

    async def take_over(
        self, stream: str, count: int, holders: Collection[str], silence: Silence, trial: int = 0
    ) -> list[Claim]:
        """Claim what these workers hold without a sign of life for too long, or up to `trial` suspects."""
        claims: list[Claim | None] = []
        keys, args = [stream, self._deaths], [*self._terms(silence), count, trial, *holders]
        async with self._group():
            for entry, deliveries, blame, is_suspect, fields in await self._take_over(keys=keys, args=args):
                named = dict(zip(fields[::2], fields[1::2], strict=True))
                claim = await self._claim(stream, entry, named, int(deliveries), int(blame))
                claims.append(claim and replace(claim, is_suspect=bool(is_suspect)))
        return [claim for claim in claims if claim]

    def _terms(self, silence: Silence) -> list[Any]:
        return [GROUP, self._consumer, silence.stale_ms, silence.gone_ms, self._presence]

    @asynccontextmanager
    async def _group(self) -> AsyncIterator[None]:
        """Make the group anew if Redis has lost it with all its data; what was asked inside is then skipped."""
        with store_errors():
            try:
                yield
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                await self.open()
                log.warning("redis has lost its data")

    async def _claim(
        self,
        stream: str,
        entry: str,
        fields: dict[str, str],
        deliveries: int = 1,
        blame: int = 0,
        *,
        is_fresh: bool = False,
    ) -> Claim | None:
        """Return the claim with its updates; None: it was lost meanwhile."""
        deaths = (blame + int(fields.get("blame", 0))) / scripts.BLAME
        if stream == self.control:
            return Claim(stream, entry, "", (fields["update"],), deliveries, self._epoch, blame=deaths)
        slug, carried = fields["conversation"], fields.get("update")
        if carried and is_fresh:
            return Claim(stream, entry, slug, (_bare(carried),), deliveries, self._epoch, is_taken=True)
        seen = await self._look_at(slug, entry, CUT_BYTES, is_unseen=bool(carried) and deliveries == 1)
        return seen and Claim(stream, entry, slug, seen[1], deliveries, self._epoch, seen[0] > 0, deaths)

    async def _look_at(
        self, slug: str, entry: str, taken_below: int = 0, *, is_unseen: bool = False
    ) -> tuple[int, tuple[str, ...]] | None:
        """Return how many were taken before, and what waits; None: the claim is somebody else's by now."""
        keys = [self._waiting(slug), self._taken, self.ready]
        limits: list[Any] = [MOST_TOGETHER, taken_below, ALBUM]
        answer = await self._look(keys=keys, args=[slug, *limits, GROUP, entry, self._consumer, int(is_unseen)])
        return answer and (int(answer[0]), tuple(map(_bare, answer[1])))

    async def look_again(self, claim: Claim) -> Claim:
        """Return the claim with what waits by now; as it was, if it is lost."""
        with store_errors():
            seen = await self._look_at(claim.slug, claim.entry)
        return replace(claim, updates=seen[1]) if seen else claim

    async def take(self, claim: Claim, count: int, *, dropping: int = 0) -> Claim | None:
        """Let the first updates go and handle the next `count` as one, also if another worker has to.

        None: the claim was lost, and nothing has changed.
        """
        keys = [self.ready, self._taken, self._waiting(claim.slug), self._senders]
        args: list[Any] = [GROUP, claim.entry, claim.slug, count, dropping, self._consumer]
        with store_errors():
            answer = int(await self._take(keys=keys, args=args))
            if answer == _SETTLED_BEFORE:
                seen = await self._look_at(claim.slug, claim.entry)
                return replace(claim, updates=seen[1], is_taken=True) if seen else None
        taken = replace(claim, updates=claim.updates[dropping : dropping + count], is_taken=True)
        return taken if answer else None

    async def done(self, claim: Claim, *, why_dead: str = "") -> bool:
        """Take out what was handled and announce the conversation's next; False if the claim was lost before.

        That is the head, or all that was taken together. With a reason, it is kept among the dead letters.
        """
        with store_errors():
            if claim.stream == self.control:
                keys = [self.control, self.dead, self._senders, self._deaths]
                args: list[Any] = [GROUP, claim.entry, claim.update, why_dead, _DEAD_KEPT, self._consumer]
                return bool(await self._done_control(keys=keys, args=args))
            keys = [self._waiting(claim.slug), self.ready, self.dead, self._senders, self._taken, self._deaths]
            count = len(claim.updates if claim.is_taken else claim.updates[:1])
            args = [GROUP, claim.entry, claim.slug, why_dead, _DEAD_KEPT, count, self._consumer]
            return bool(await self._done(keys=keys, args=args))

    async def release(self, claim: Claim) -> None:
        """Give a claim back unhandled; whoever is free takes it at once."""
        with store_errors():
            await self._release(keys=[claim.stream, self._deaths], args=[GROUP, claim.entry, self._consumer])

    async def renew(self, claims: Sequence[Claim]) -> set[Claim]:
        """Show a sign of life for these claims; return those that were lost to another worker."""
        lost: set[Claim] = set()
        for stream in (self.ready, self.control):
            mine = (claim for claim in claims if claim.stream == stream and claim.epoch == self._epoch)
            held = {claim.entry: claim for claim in mine}
            if held:
                args = [GROUP, self._consumer, self._epoch, *held]
                async with self._group():
                    gone = await self._renew(keys=[stream, self._epoch_key], args=args)
                    if gone is None:
                        await self.open()
                    lost.update(held[entry] for entry in gone or ())
        return lost

    async def leave(self) -> None:
        """Remove this consumer from the group, if it holds nothing; what it holds is left to be taken over."""
        with store_errors():
            for stream in (self.ready, self.control):
                await self._leave(keys=[stream], args=[GROUP, 0, self._consumer])


def is_whole(update: str) -> bool:
    """Whether nothing has to be waited for after this update, given as JSON."""
    return len(update) < CUT_BYTES and ALBUM not in update


async def _all(steps: Sequence[Coroutine[Any, Any, T]]) -> Sequence[T]:
    """Return what all of them return; only one, the most frequent case, is spared a task of its own."""
    return [await steps[0]] if len(steps) == 1 else await asyncio.gather(*steps)


def _item(envelope: Envelope) -> tuple[str, str, str, str]:
    """Return what the script is told of an update."""
    if envelope.sender_id is None:
        return envelope.identity, "", envelope.arrival, envelope.update
    limited = f"{envelope.sender_id}{SEPARATOR}{envelope.update}"
    return envelope.identity, str(envelope.sender_id), envelope.arrival, limited


def _bare(item: str) -> str:
    return item.rpartition(SEPARATOR)[2]


def _pairs(answer: Any) -> list[tuple[str, list[tuple[str, dict[str, str]]]]]:
    # The answer's shape depends on the protocol: pairs in RESP2, a mapping of lists of lists in RESP3.
    if not answer:
        return []
    if isinstance(answer, dict):
        return [(stream, entries[0] if entries else []) for stream, entries in answer.items()]
    return list(answer)
