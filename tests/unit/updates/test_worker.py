import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest
import structlog
from redis.asyncio import Redis

from bot.errors import DeliveryTimeout, StoreError
from bot.types import ConversationKey
from bot.updates.inbox import CUT_BYTES, Claim, RedisInbox, Silence
from bot.updates.lanes import Envelope
from bot.updates.presence import channel_of
from bot.updates.worker import Job, Terms, Worker, the_first
from tests.tools.heirs import take_over
from tests.tools.redis_server import RedisProcess

BOT = 42
QUICK = Terms(concurrency=8, lease_s=0.3, attempts=3, deaths=2, stop_timeout_s=5, pause_s=0.01, wait_ms=20)

Handler = Callable[[str], Awaitable[None]]


def envelope(text: str, chat_id: int | None = 1) -> Envelope:
    return Envelope(text, ConversationKey(BOT, chat_id) if chat_id else None, text)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(40):
        while not condition():  # noqa: ASYNC110 - the worker's tasks are watched from outside
            await asyncio.sleep(0.005)


class Desk:
    """Remembers what was handled, and does what a test wants done with it."""

    def __init__(self, act: Handler | None = None) -> None:
        self.begun: list[str] = []
        self.handled: list[str] = []
        self.apologies: list[str] = []
        self._act = act

    async def handle(self, updates: Sequence[str]) -> None:
        (update,) = updates
        self.begun.append(update)
        if self._act:
            await self._act(update)
        self.handled.append(update)

    async def apologise(self, updates: Sequence[str]) -> None:
        self.apologies += updates


@pytest.fixture
async def inbox(redis: Redis) -> RedisInbox:
    box = RedisInbox(redis, BOT, consumer="one")
    await box.open()
    return box


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[Worker]:
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await task


@asynccontextmanager
async def at_work(inbox: RedisInbox, desk: Desk, terms: Terms = QUICK) -> AsyncIterator[Worker]:
    async with working(Worker(inbox, Job(desk.handle, desk.apologise), terms)) as worker:
        yield worker


async def test_a_conversation_is_answered_in_order(inbox: RedisInbox) -> None:
    desk = Desk()
    for text in "abc":
        await inbox.put(envelope(text))

    async with at_work(inbox, desk):
        await until(lambda: len(desk.handled) == 3)

    assert desk.handled == ["a", "b", "c"]


async def test_a_slow_conversation_holds_up_nobody_else(inbox: RedisInbox) -> None:
    release = asyncio.Event()

    async def act(update: str) -> None:
        if update == "slow":
            await release.wait()

    desk = Desk(act)
    await inbox.put(envelope("slow", 1))
    await inbox.put(envelope("behind it", 1))
    await inbox.put(envelope("elsewhere", 2))
    await inbox.put(envelope("control", None))

    async with at_work(inbox, desk):
        await until(lambda: len(desk.handled) == 2)
        assert set(desk.handled) == {"elsewhere", "control"}
        release.set()
        await until(lambda: len(desk.handled) == 4)

    assert desk.handled[2:] == ["slow", "behind it"]


async def test_what_ends_while_it_is_taken_over_from_oneself_is_not_begun_again(redis: Redis) -> None:
    release, is_seen = asyncio.Event(), asyncio.Event()

    async def act(_update: str) -> None:
        await release.wait()

    class Late(RedisInbox):
        """Shows no sign of life, and is slow to hear what it has taken over."""

        async def renew(self, claims: Sequence[Claim]) -> set[Claim]:
            del claims
            return set()

        async def take_over(
            self, stream: str, count: int, holders: Collection[str], silence: Silence, trial: int = 0
        ) -> list[Claim]:
            claims = await super().take_over(stream, count, holders, silence, trial)
            if claims:
                release.set()
                await until(lambda: not worker.running)
                is_seen.set()
            return claims

    inbox, desk = Late(redis, BOT, consumer="one"), Desk(act)
    await inbox.open()
    await inbox.put(envelope("a"))

    async with at_work(inbox, desk) as worker:
        await is_seen.wait()
        await asyncio.sleep(0.1)

    assert desk.begun == ["a"]


async def test_what_a_process_left_that_is_gone_is_taken_over_long_before_its_lease_ends(
    redis: Redis, inbox: RedisInbox
) -> None:
    await inbox.put(envelope("a"))
    await inbox.claim(inbox.ready, 1, wait_ms=1)
    heir, desk, began_s = RedisInbox(redis, BOT, consumer="heir"), Desk(), time.monotonic()

    async with redis.pubsub() as ear:
        await ear.subscribe(channel_of(BOT, "heir"))
        async with at_work(heir, desk, replace(QUICK, lease_s=8)):
            await until(lambda: desk.handled == ["a"])

    assert time.monotonic() - began_s < 8


class Rumours(RedisInbox):
    """Hears by turns who looks dead, or that Redis is away; writes down from whom is taken."""

    def __init__(self, redis: Redis, rumours: Sequence[set[str] | None]) -> None:
        super().__init__(redis, BOT, consumer="heir")
        self.looks = 0
        self.taken: list[set[str]] = []
        self._rumours = itertools.cycle(rumours)

    async def stale(self, stream: str, silence: Silence) -> set[str]:
        del silence
        if stream == self.control:
            return set()
        self.looks += 1
        if (rumour := next(self._rumours)) is None:
            raise StoreError("away")
        return rumour

    async def take_over(
        self, stream: str, count: int, holders: Collection[str], silence: Silence, trial: int = 0
    ) -> list[Claim]:
        del stream, count, silence, trial
        self.taken.append(set(holders))
        return []


@pytest.mark.parametrize(
    ("rumours", "taken"),
    [
        ([{"dead", "slow"}, {"dead"}], {"dead"}),
        ([{"slow"}] * 4 + [set()], set()),
        ([{"slow"}] * 4 + [None], set()),
    ],
)
async def test_only_who_looks_dead_for_a_while_is_taken_for_dead(
    redis: Redis, rumours: Sequence[set[str] | None], taken: set[str]
) -> None:
    inbox = Rumours(redis, rumours)
    await inbox.open()

    async with at_work(inbox, Desk()):
        await until(lambda: inbox.looks > 30)

    assert set().union(*inbox.taken) == taken


async def test_no_more_is_taken_than_there_are_places(inbox: RedisInbox) -> None:
    release = asyncio.Event()

    async def act(_update: str) -> None:
        await release.wait()

    desk = Desk(act)
    for chat_id in range(1, 5):
        await inbox.put(envelope(str(chat_id), chat_id))

    async with at_work(inbox, desk, Terms(concurrency=2, pause_s=0.01, wait_ms=20)) as worker:
        await until(lambda: worker.running == 2)
        await asyncio.sleep(0.1)
        assert len(desk.begun) == 2
        release.set()
        await until(lambda: len(desk.handled) == 4)


async def test_a_stumble_is_tried_again(inbox: RedisInbox) -> None:
    async def act(_update: str) -> None:
        if len(desk.begun) < 3:
            raise RuntimeError("stumbled")

    desk = Desk(act)
    await inbox.put(envelope("a"))

    async with at_work(inbox, desk):
        await until(lambda: desk.handled == ["a"])

    assert desk.begun == ["a", "a", "a"]


async def test_poison_is_buried_with_an_apology_and_the_next_is_answered(
    inbox: RedisInbox, redis: Redis
) -> None:
    async def act(update: str) -> None:
        if update == "poison":
            raise RuntimeError("poisoned")

    desk = Desk(act)
    await inbox.put(envelope("poison"))
    await inbox.put(envelope("next"))

    async with at_work(inbox, desk):
        await until(lambda: desk.handled == ["next"])

    assert desk.begun.count("poison") == 3
    assert desk.apologies == ["poison"]
    assert await redis.xlen(inbox.dead) == 1


async def test_the_work_of_a_dead_worker_is_taken_over(inbox: RedisInbox, redis: Redis) -> None:
    dead = RedisInbox(redis, BOT, consumer="dead")
    await inbox.put(envelope("a"))
    await dead.claim(dead.ready, 1, wait_ms=1)
    desk = Desk()

    async with at_work(inbox, desk):
        await until(lambda: desk.handled == ["a"])


async def as_many_die_as_may(inbox: RedisInbox, redis: Redis) -> None:
    """Let one worker after another die of the update that waits."""
    await RedisInbox(redis, BOT, consumer="dead").claim(inbox.ready, 1, wait_ms=1)
    await take_over(RedisInbox(redis, BOT, consumer="deader"), inbox.ready, 1, stale_ms=0)


async def test_an_update_that_kills_every_worker_is_not_tried_for_ever(inbox: RedisInbox, redis: Redis) -> None:
    await inbox.put(envelope("a"))
    await as_many_die_as_may(inbox, redis)
    desk = Desk()

    async with at_work(inbox, desk):
        await until(lambda: desk.apologies == ["a"])

    assert desk.begun == []


async def test_what_killed_workers_by_being_looked_at_is_not_looked_at_again(
    inbox: RedisInbox, redis: Redis
) -> None:
    chosen_from: list[str] = []

    async def choose(claim: Claim) -> Claim | None:
        chosen_from.append(claim.update)
        return await the_first(claim)

    for text in ("a", "b", "c"):
        await inbox.put(envelope(text))
    await as_many_die_as_may(inbox, redis)
    desk = Desk()

    async with working(Worker(inbox, Job(desk.handle, desk.apologise, choose), QUICK)):
        await until(lambda: desk.handled == ["b", "c"])

    assert desk.apologies == ["a"]
    assert "a" not in chosen_from


async def test_an_apology_that_is_put_off_lets_nobody_try_again_what_kills_workers(
    inbox: RedisInbox, redis: Redis
) -> None:
    class Speechless(Desk):
        times = 0

        async def apologise(self, updates: Sequence[str]) -> None:
            self.times += 1
            if self.times < 3:
                raise DeliveryTimeout("Telegram is away", 0.01)
            await super().apologise(updates)

    await inbox.put(envelope("a"))
    await as_many_die_as_may(inbox, redis)
    desk = Speechless()

    async with at_work(inbox, desk):
        await until(lambda: desk.apologies == ["a"])

    assert (desk.begun, desk.times) == ([], 3)
    assert await redis.xlen(inbox.dead) == 1


async def test_an_update_outlives_more_workers_than_it_may_fail(inbox: RedisInbox, redis: Redis) -> None:
    await inbox.put(envelope("a"))
    await RedisInbox(redis, BOT, consumer="dead").claim(inbox.ready, 1, wait_ms=1)
    for number in range(2 * QUICK.attempts):
        await take_over(RedisInbox(redis, BOT, consumer=f"dead {number}"), inbox.ready, 1, stale_ms=0)
    desk = Desk()

    async with at_work(inbox, desk, replace(QUICK, deaths=10)):
        await until(lambda: desk.handled == ["a"])

    assert desk.apologies == []


@pytest.mark.parametrize("together", [True, False])
async def test_what_died_among_others_is_taken_for_the_cause_later_than_what_died_alone(
    redis: Redis, *, together: bool
) -> None:
    inbox, desk = RedisInbox(redis, BOT, consumer="one"), Desk()
    await inbox.open()
    texts = [f"to {chat_id}" for chat_id in range(1, 11 if together else 2)]
    for chat_id, text in enumerate(texts, 1):
        await inbox.put(envelope(text, chat_id))
    await RedisInbox(redis, BOT, consumer="dead").claim(inbox.ready, 10, wait_ms=1)
    for number in range(QUICK.deaths - 1):
        await take_over(RedisInbox(redis, BOT, consumer=f"dead {number}"), inbox.ready, 10, stale_ms=0)

    async with at_work(inbox, desk, replace(QUICK, concurrency=100)):
        await until(lambda: len(desk.handled) + len(desk.apologies) == len(texts))

    assert desk.apologies == ([] if together else texts)


async def test_what_seems_to_end_workers_is_begun_bit_by_bit(redis: Redis) -> None:
    class Suspicious(RedisInbox):
        async def take_over(
            self, stream: str, count: int, holders: Collection[str], silence: Silence, trial: int = 0
        ) -> list[Claim]:
            most = 2 if len(desk.begun) < 2 else 1
            claims = await super().take_over(stream, min(count, trial, most), holders, silence)
            return [replace(claim, is_suspect=True) for claim in claims]

    begun_s: list[float] = []

    async def act(_update: str) -> None:
        begun_s.append(time.monotonic())
        await asyncio.sleep(2)

    inbox, desk = Suspicious(redis, BOT, consumer="one"), Desk(act)
    await inbox.open()
    for chat_id in range(1, 5):
        await inbox.put(envelope(f"to {chat_id}", chat_id))
    await RedisInbox(redis, BOT, consumer="dead").claim(inbox.ready, 4, wait_ms=1)

    async with at_work(inbox, desk, replace(QUICK, trial_s=0.3)):
        await until(lambda: len(desk.handled) == 4)

    assert begun_s[1] - begun_s[0] < 0.3
    assert all(after - before >= 0.3 for before, after in itertools.pairwise(begun_s[1:]))


async def test_all_that_a_dead_worker_held_is_taken_over_at_one_go(redis: Redis) -> None:
    class Counting(RedisInbox):
        async def take_over(
            self, stream: str, count: int, holders: Collection[str], silence: Silence, trial: int = 0
        ) -> list[Claim]:
            claims = await super().take_over(stream, count, holders, silence, trial)
            taken.append((stream, len(claims)))
            return claims

    taken: list[tuple[str, int]] = []
    inbox, desk = Counting(redis, BOT, consumer="one"), Desk()
    await inbox.open()
    for chat_id in range(1, 21):
        await inbox.put(envelope(f"to {chat_id}", chat_id))
    await RedisInbox(redis, BOT, consumer="dead").claim(inbox.ready, 20, wait_ms=1)
    await asyncio.sleep(QUICK.lease_s)

    async with at_work(inbox, desk, replace(QUICK, concurrency=100)):
        await until(lambda: len(desk.handled) == 20)

    assert taken[:3] == [(inbox.ready, 8), (inbox.ready, 8), (inbox.ready, 4)]


async def test_a_claim_that_was_lost_is_dropped(inbox: RedisInbox, redis: Redis) -> None:
    dropped = asyncio.Event()

    async def act(_update: str) -> None:
        try:
            await asyncio.sleep(30)
        finally:
            dropped.set()

    desk = Desk(act)
    await inbox.put(envelope("a"))

    async with at_work(inbox, desk):
        await until(lambda: desk.begun == ["a"])
        await take_over(RedisInbox(redis, BOT, consumer="thief"), inbox.ready, 1, stale_ms=0)
        await asyncio.wait_for(dropped.wait(), 5)


async def test_a_stop_lets_running_replies_finish(inbox: RedisInbox) -> None:
    desk = Desk(lambda _: asyncio.sleep(0.1))
    await inbox.put(envelope("a"))

    async with at_work(inbox, desk):
        await until(lambda: desk.begun == ["a"])

    assert desk.handled == ["a"]


async def test_what_cannot_finish_in_time_is_handed_back_at_once(inbox: RedisInbox, redis: Redis) -> None:
    desk = Desk(lambda _: asyncio.sleep(30))
    await inbox.put(envelope("a"))
    async with at_work(inbox, desk, Terms(stop_timeout_s=0.05, wait_ms=20)):
        await until(lambda: desk.begun == ["a"])

    (claim,) = await RedisInbox(redis, BOT, consumer="next").claim(inbox.ready, 1, wait_ms=1)

    assert (claim.update, claim.deliveries) == ("a", 1)


async def test_work_goes_on_when_redis_is_back(mortal_redis: RedisProcess) -> None:
    async with Redis.from_url(mortal_redis.url, decode_responses=True) as client:
        box = RedisInbox(client, BOT, consumer="one")
        await box.open()
        desk = Desk()
        async with at_work(box, desk):
            await box.put(envelope("before"))
            await until(lambda: desk.handled == ["before"])
            await asyncio.sleep(1.1)  # the server flushes its log once a second
            mortal_redis.kill()
            await asyncio.sleep(0.2)
            mortal_redis.start()
            await box.put(envelope("after"))
            await until(lambda: desk.handled[-1] == "after")


class SeveredInbox(RedisInbox):
    """Finds Redis away while it is told so."""

    is_severed = False

    def _require(self) -> None:
        if self.is_severed:
            raise StoreError("away")

    async def claim(self, stream: str, count: int, *, wait_ms: int) -> list[Claim]:
        self._require()
        return await super().claim(stream, count, wait_ms=wait_ms)

    async def take_over(
        self, stream: str, count: int, holders: Collection[str], silence: Silence, trial: int = 0
    ) -> list[Claim]:
        self._require()
        return await super().take_over(stream, count, holders, silence, trial)

    async def stale(self, stream: str, silence: Silence) -> set[str]:
        self._require()
        return await super().stale(stream, silence)

    async def renew(self, claims: Sequence[Claim]) -> set[Claim]:
        self._require()
        return await super().renew(claims)


async def test_what_others_hold_is_not_taken_when_redis_stood_still_for_longer_than_a_lease(
    mortal_redis: RedisProcess,
) -> None:
    terms = replace(QUICK, lease_s=2)
    desks = [Desk(lambda _: asyncio.sleep(5)) for _ in range(2)]
    async with AsyncExitStack() as stack:
        for name, desk in zip(("one", "two"), desks, strict=True):
            client = await stack.enter_async_context(Redis.from_url(mortal_redis.url, decode_responses=True))
            box = RedisInbox(client, BOT, consumer=name)
            await box.open()
            await stack.enter_async_context(at_work(box, desk, terms))
        await box.put(envelope("a"))
        await until(lambda: bool(desks[0].begun or desks[1].begun))
        mortal_redis.freeze()
        await asyncio.sleep(3)
        mortal_redis.thaw()
        await until(lambda: bool(desks[0].handled or desks[1].handled))

    assert [*desks[0].begun, *desks[1].begun] == ["a"]


async def test_what_others_hold_is_not_taken_when_redis_was_away_for_longer_than_a_lease(redis: Redis) -> None:
    terms = replace(QUICK, lease_s=2)
    holder, other = (SeveredInbox(redis, BOT, consumer=name) for name in ("holder", "other"))
    await holder.open()
    await holder.put(envelope("a"))
    desk, heir = Desk(lambda _: asyncio.sleep(5)), Desk()

    async with at_work(holder, desk, terms):
        await until(lambda: desk.begun == ["a"])
        async with at_work(other, heir, terms):
            holder.is_severed = other.is_severed = True
            await asyncio.sleep(2.5)
            other.is_severed = False
            await asyncio.sleep(0.3)
            holder.is_severed = False
            await until(lambda: desk.handled == ["a"])

    assert heir.begun == []


async def test_a_sign_of_life_that_hangs_is_shown_again_within_the_lease(redis: Redis) -> None:
    shown_at: list[float] = []

    class HangingInbox(RedisInbox):
        async def renew(self, claims: Sequence[Claim]) -> set[Claim]:
            shown_at.append(asyncio.get_running_loop().time())
            if len(shown_at) == 2:
                await asyncio.sleep(60)
            return await super().renew(claims)

    terms = replace(QUICK, lease_s=2)
    box = HangingInbox(redis, BOT, consumer="one")
    await box.open()

    async with at_work(box, Desk(), terms):
        await until(lambda: len(shown_at) == 3)

    assert shown_at[2] - shown_at[0] < terms.lease_s


async def test_an_update_interrupted_by_redis_is_handled_again(inbox: RedisInbox) -> None:
    async def act(_update: str) -> None:
        if len(desk.begun) == 1:
            raise StoreError("redis went away")

    desk = Desk(act)
    await inbox.put(envelope("a"))

    async with at_work(inbox, desk):
        await until(lambda: desk.handled == ["a"])

    assert desk.begun == ["a", "a"]
    assert desk.apologies == []


async def test_what_telegram_does_not_take_now_is_tried_until_it_does(inbox: RedisInbox) -> None:
    async def act(_: str) -> None:
        if len(desk.begun) <= 2 * QUICK.attempts:
            raise DeliveryTimeout("silence", 0.02)

    desk = Desk(act)
    await inbox.put(envelope("a"))
    await inbox.put(envelope("b"))

    async with at_work(inbox, desk):
        await until(lambda: desk.handled == ["a", "b"])

    assert desk.begun == [*["a"] * (2 * QUICK.attempts + 1), "b"]
    assert desk.apologies == []


async def test_a_stop_is_heard_while_all_places_are_taken(inbox: RedisInbox) -> None:
    desk = Desk(lambda _: asyncio.sleep(30))
    await inbox.put(envelope("a"))

    async with asyncio.timeout(20):
        async with at_work(inbox, desk, Terms(concurrency=1, stop_timeout_s=0.05, wait_ms=20)):
            await until(lambda: desk.begun == ["a"])

    assert desk.handled == []


async def test_what_was_handled_is_not_handled_again_because_redis_blinked(redis: Redis) -> None:
    class BlinkingInbox(RedisInbox):
        calls = 0

        async def done(self, claim: Claim, *, why_dead: str = "") -> bool:
            self.calls += 1
            if self.calls == 1:
                raise StoreError("away")
            return await super().done(claim, why_dead=why_dead)

    box = BlinkingInbox(redis, BOT, consumer="one")
    await box.open()
    desk = Desk()
    await box.put(envelope("a"))
    await box.put(envelope("b"))

    async with at_work(box, desk):
        await until(lambda: desk.handled == ["a", "b"])

    assert desk.begun == ["a", "b"]


async def test_what_cannot_be_chosen_is_handled_one_by_one(inbox: RedisInbox) -> None:
    async def choose(claim: Claim) -> Claim:
        raise RuntimeError(claim.update)

    desk = Desk()
    worker = Worker(inbox, Job(desk.handle, desk.apologise, choose), QUICK)
    for text in "ab":
        await inbox.put(envelope(f"{text}{'x' * CUT_BYTES}"))

    working = asyncio.create_task(worker.run())
    await until(lambda: len(desk.handled) == 2)
    worker.stop()
    await working

    assert [text[0] for text in desk.handled] == ["a", "b"]


async def test_who_is_hurried_hands_back_what_runs(inbox: RedisInbox, redis: Redis) -> None:
    async def act(_update: str) -> None:
        await asyncio.Event().wait()

    desk = Desk(act)
    await inbox.put(envelope("a"))
    working = asyncio.create_task(Worker(inbox, Job(desk.handle, desk.apologise), QUICK).run())
    await until(lambda: bool(desk.begun))

    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    (claim,) = await RedisInbox(redis, BOT, consumer="two").claim(inbox.ready, 1, wait_ms=1)
    assert claim.update == "a"


async def test_an_apology_that_fails_blocks_nobody(inbox: RedisInbox) -> None:
    async def act(update: str) -> None:
        if update == "poison":
            raise RuntimeError("poisoned")

    class Speechless(Desk):
        async def apologise(self, updates: Sequence[str]) -> None:
            await super().apologise(updates)
            raise RuntimeError("speechless")

    desk = Speechless(act)
    await inbox.put(envelope("poison"))
    await inbox.put(envelope("next"))

    async with at_work(inbox, desk):
        await until(lambda: desk.handled == ["next"])

    assert desk.apologies == ["poison"]


async def test_a_worker_does_not_take_its_own_work_over(redis: Redis) -> None:
    class DeafInbox(RedisInbox):
        async def renew(self, claims: Sequence[Claim]) -> set[Claim]:
            raise StoreError(f"{len(claims)} signs of life were not heard")

    box = DeafInbox(redis, BOT, consumer="one")
    await box.open()
    desk = Desk(lambda _: asyncio.sleep(1))
    await box.put(envelope("a"))

    async with at_work(box, desk):
        await until(lambda: desk.handled == ["a"])

    assert desk.begun == ["a"]


async def test_work_whose_signs_of_life_come_too_late_is_not_begun_again_here(redis: Redis) -> None:
    class LateInbox(RedisInbox):
        async def renew(self, claims: Sequence[Claim]) -> set[Claim]:
            return set(claims[:0])

    box = LateInbox(redis, BOT, consumer="one")
    await box.open()
    desk = Desk(lambda _: asyncio.sleep(1))
    await box.put(envelope("a"))

    async with at_work(box, desk):
        await until(lambda: desk.handled == ["a"])

    assert desk.begun == ["a"]


async def test_work_that_redis_knows_as_done_is_not_lost_before_we_hear_of_it(redis: Redis) -> None:
    heard: list[str] = []

    class SlowAnswers(RedisInbox):
        async def done(self, claim: Claim, *, why_dead: str = "") -> bool:
            is_done = await super().done(claim, why_dead=why_dead)
            await asyncio.sleep(0.3)
            heard.append(claim.update)
            return is_done

    box = SlowAnswers(redis, BOT, consumer="one")
    await box.open()
    await box.put(envelope("a"))

    async with at_work(box, Desk()) as worker:
        await until(lambda: bool(worker.running))
        await until(lambda: not worker.running)

    assert heard == ["a"]


async def test_a_broken_worker_ends_as_a_whole(redis: Redis) -> None:
    class BrokenInbox(RedisInbox):
        async def claim(self, stream: str, count: int, *, wait_ms: int) -> list[Claim]:
            if stream == self.control:
                raise RuntimeError("broken")
            return await super().claim(stream, count, wait_ms=wait_ms)

    box = BrokenInbox(redis, BOT, consumer="one")
    await box.open()
    desk = Desk()

    with pytest.raises(RuntimeError, match="broken"):
        await Worker(box, Job(desk.handle, desk.apologise), QUICK).run()


async def test_an_answer_that_grows_while_redis_loses_everything_is_finished(
    inbox: RedisInbox, redis: Redis
) -> None:
    desk = Desk(lambda update: asyncio.sleep(1 if update == "long" else 0))
    await inbox.put(envelope("long", 1))

    async with at_work(inbox, desk):
        await until(lambda: desk.begun == ["long"])
        await redis.flushall()
        await inbox.put(envelope("other", 2))
        await until(lambda: desk.handled == ["other", "long"])


async def test_the_log_names_what_is_handled_and_all_of_it(inbox: RedisInbox) -> None:
    named: list[dict[str, object]] = []

    async def handle(_: Sequence[str]) -> None:
        named.append(structlog.contextvars.get_contextvars())

    async def drops_the_first(claim: Claim) -> Claim | None:
        return await inbox.take(claim, 2, dropping=1)

    await inbox.put_all([envelope(f'{{"update_id":{number},"x":"{"x" * CUT_BYTES}"}}') for number in (1, 2, 3)])
    async with working(Worker(inbox, Job(handle, handle, drops_the_first), QUICK)):
        await until(lambda: bool(named))

    assert named[0] == {"conversation": "1", "update_id": 2, "update_ids": [2, 3]}


@asynccontextmanager
async def told(inbox: RedisInbox, say: Callable[[Worker], Awaitable[None]]) -> AsyncIterator[Worker]:
    """A worker whose handler says something."""

    async def handle(_: Sequence[str]) -> None:
        await say(worker)

    worker = Worker(inbox, Job(handle, handle), QUICK)
    await inbox.put(envelope("a"))
    async with working(worker):
        yield worker


async def test_who_stood_still_while_another_took_over_says_nothing(inbox: RedisInbox, redis: Redis) -> None:
    said: list[str] = []
    is_over = asyncio.Event()

    async def say(worker: Worker) -> None:
        await worker.confirm()
        said.append("before")
        (pending,) = await redis.xpending_range(inbox.ready, "workers", "-", "+", 1)
        await redis.xclaim(inbox.ready, "workers", "two", 0, [pending["message_id"]])
        time.sleep(QUICK.lease_s)  # noqa: ASYNC251 - the process stands still
        try:
            await asyncio.gather(worker.confirm(), worker.confirm())
            said.append("after")
        finally:
            is_over.set()

    async with told(inbox, say):
        await asyncio.wait_for(is_over.wait(), 20)

    assert said == ["before"]


async def test_who_cannot_ask_whether_it_stood_still_goes_on(mortal_redis: RedisProcess) -> None:
    said: list[str] = []

    async def say(worker: Worker) -> None:
        mortal_redis.freeze()
        await asyncio.sleep(QUICK.lease_s)
        for _ in range(20):
            await worker.confirm()
            said.append("on")
        mortal_redis.thaw()

    async with Redis.from_url(mortal_redis.url, decode_responses=True) as redis:
        box = RedisInbox(redis, BOT, consumer="one")
        await box.open()
        async with told(box, say):
            began_at = time.monotonic()
            await until(lambda: len(said) == 20)

    assert time.monotonic() - began_at < 10


async def test_whoever_holds_nothing_may_say_what_it_wants(inbox: RedisInbox) -> None:
    await Worker(inbox, Job(Desk().handle, Desk().apologise), QUICK).confirm()


async def test_an_apology_that_telegram_does_not_take_now_is_made_later(inbox: RedisInbox) -> None:
    class Silent(Desk):
        async def apologise(self, updates: Sequence[str]) -> None:
            await super().apologise(updates)
            if len(self.apologies) < 3:
                raise DeliveryTimeout("silence", 0.01)

    async def act(_: str) -> None:
        raise ZeroDivisionError

    desk = Silent(act)
    await inbox.put(envelope("a"))

    async with at_work(inbox, desk):
        await until(lambda: len(desk.apologies) == 3)

    assert desk.apologies == ["a"] * 3
