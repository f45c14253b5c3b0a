"""The inbox's one invariant, whatever comes in which order: all that waits is announced once, and done once."""

import random
from collections import defaultdict
from itertools import accumulate, repeat
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.desk.desk import Desk
from bot.types import ConversationKey
from bot.updates.inbox import ALBUM, CUT_BYTES, Claim, RedisInbox
from bot.updates.lanes import Envelope
from tests.tools.heirs import take_over

BOT = 42
PLACES = [ConversationKey(BOT, 1), ConversationKey(BOT, 2), ConversationKey(BOT, -1001, 7)]
STEPS = 60


class Story:
    """Two workers and an ingress, of which any may do anything next."""

    def __init__(self, redis: Redis, inboxes: list[RedisInbox], seed: int) -> None:
        self._redis = redis
        self._inboxes = inboxes
        self._desk = Desk(redis, BOT)
        self._random = random.Random(seed)  # noqa: S311
        self._number = 0
        self._held: list[tuple[RedisInbox, Claim]] = []
        self.put: dict[str, list[str]] = defaultdict(list)
        self.ended: dict[str, list[str]] = defaultdict(list)

    async def step(self) -> None:
        """Do something, and see that all that waits is announced once."""
        moves = [self._come, self._come, self._claim, self._claim, self._end, self._end, self._release]
        await self._random.choice([*moves, self._take_over, self._take, self._drop])()
        await self._expect_announcements()

    async def drain(self) -> None:
        """Work off what is left."""
        while self._held or sum(map(len, self.put.values())) > sum(map(len, self.ended.values())):
            await self._claim()
            await self._end()
            await self._expect_announcements()

    async def _come(self) -> None:
        place = self._random.choice(PLACES)
        envelopes = [self._envelope(place) for _ in range(self._random.choice([1, 1, 1, 2, 3]))]
        self.put[place.slug] += [envelope.update for envelope in envelopes]
        await self._random.choice(self._inboxes).put_all(envelopes)

    def _envelope(self, place: ConversationKey) -> Envelope:
        self._number += 1
        filling = self._random.choice(["", "", "", "x" * CUT_BYTES, ALBUM])
        return Envelope(
            f"{self._number}:x",
            place,
            f'{{"update_id":{self._number}}}{filling}',
            self._random.choice([None, 1]),
        )

    async def _claim(self) -> None:
        inbox = self._random.choice(self._inboxes)
        for claim in await inbox.claim(inbox.ready, self._random.choice([1, 8]), wait_ms=1):
            self._hold(inbox, claim)

    def _hold(self, inbox: RedisInbox, claim: Claim) -> None:
        assert claim.update, "there is something to be handled"
        self._held.append((inbox, claim))

    async def _take(self) -> None:
        inbox, claim = self._let_go()
        if claim and not claim.is_taken:
            dropping = self._random.choice([0, 0, len(claim.updates) - 1])
            taken = await inbox.take(
                claim, self._random.randint(1, len(claim.updates) - dropping), dropping=dropping
            )
            assert taken
            self.ended[claim.slug] += claim.updates[:dropping]
            claim = taken
        if claim:
            self._held.append((inbox, claim))

    async def _end(self) -> None:
        inbox, claim = self._let_go()
        if claim:
            assert await inbox.done(claim)
            self.ended[claim.slug] += claim.updates if claim.is_taken else claim.updates[:1]

    async def _release(self) -> None:
        inbox, claim = self._let_go()
        if claim:
            await inbox.release(claim)

    async def _take_over(self) -> None:
        heir = self._random.choice(self._inboxes)
        count, soon_ms = self._random.choice([1, 8]), self._random.choice([0, 60_000])
        taken = await take_over(heir, heir.ready, count, stale_ms=0, soon_ms=soon_ms)
        for claim in taken:
            before = [one for _, one in self._held if one.entry == claim.entry]
            if before and before[0].is_taken:
                assert claim.updates == before[0].updates, "what was settled stays so"
            self._held = [one for one in self._held if one[1].entry != claim.entry]
            self._hold(heir, claim)

    async def _drop(self) -> None:
        if self._random.random() < 0.7:
            return
        slug = self._random.choice(PLACES).slug
        if any(claim.slug == slug and not claim.is_taken for _, claim in self._held):
            return  # then the desk settles what is handled, as a worker would
        count = await self._desk.drop_waiting(slug)
        if count:
            handled = [one for _, claim in self._held if claim.slug == slug for one in claim.updates]
            left = [one for one in self.put[slug] if one not in {*self.ended[slug], *handled}]
            assert len(left) == count
            self.put[slug] = [one for one in self.put[slug] if one not in left]

    def _let_go(self) -> tuple[RedisInbox, Claim | None]:
        if not self._held:
            return self._inboxes[0], None
        return self._held.pop(self._random.randrange(len(self._held)))

    async def _expect_announcements(self) -> None:
        entries: Any = await self._redis.xrange(self._inboxes[0].ready)
        announced = [fields["conversation"] for _, fields in entries]
        prefix = f"{{govorun:{BOT}}}:waiting:"
        waiting = [str(key).removeprefix(prefix) async for key in self._redis.scan_iter(f"{prefix}*")]
        assert sorted(announced) == sorted(waiting)


@pytest.fixture
async def inboxes(redis: Redis) -> list[RedisInbox]:
    clock = accumulate(repeat(0.2))  # so that announcements are believed sometimes
    both = [RedisInbox(redis, BOT, consumer=name, clock=lambda: next(clock)) for name in ("first", "second")]
    for inbox in both:
        await inbox.open()
    return both


@pytest.mark.parametrize("seed", range(40))
async def test_whatever_happens_all_is_done_once_and_in_order(
    redis: Redis, inboxes: list[RedisInbox], seed: int
) -> None:
    story = Story(redis, inboxes, seed)

    for _ in range(STEPS):
        await story.step()
    await story.drain()

    assert story.ended == story.put
    left = [key async for key in redis.scan_iter("*") if str(key).endswith((":taken", ":senders", ":deaths"))]
    assert left == []
