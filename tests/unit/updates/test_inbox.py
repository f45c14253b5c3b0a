import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from bot.errors import StoreError
from bot.types import ConversationKey
from bot.updates.inbox import ALBUM, CUT_BYTES, GROUP, SEPARATOR, Claim, Limits, Put, RedisInbox, Silence
from bot.updates.lanes import Envelope
from bot.updates.presence import channel_of
from tests.tools.heirs import take_over
from tests.tools.redis_server import RedisProcess

BOT = 42
A_MINUTE_MS = 60_000
ANNA, BORIS = ConversationKey(BOT, 1), ConversationKey(BOT, 2)


def envelope(number: int, conversation: ConversationKey | None = ANNA) -> Envelope:
    return Envelope(f"{number}:x", conversation, f'{{"update_id":{number}}}')


@pytest.fixture
async def inbox(redis: Redis) -> RedisInbox:
    box = RedisInbox(redis, BOT, consumer="first")
    await box.open()
    return box


@pytest.fixture
async def other(redis: Redis, inbox: RedisInbox) -> RedisInbox:
    del inbox  # opened before
    return RedisInbox(redis, BOT, consumer="second")


async def silence(redis: Redis, consumer: str, claim: Claim) -> None:
    """Let a claim look as if its worker had been silent for a minute."""
    await redis.xclaim(claim.stream, GROUP, consumer, 0, [claim.entry], idle=A_MINUTE_MS)


async def updates(inbox: RedisInbox, stream: str) -> list[str]:
    return [claim.update for claim in await inbox.claim(stream, 10, wait_ms=1)]


async def test_what_was_put_is_claimed_once(inbox: RedisInbox, other: RedisInbox) -> None:
    await inbox.put(envelope(1))

    assert await updates(inbox, inbox.ready) == ['{"update_id":1}']
    assert await updates(other, other.ready) == []


async def test_the_same_update_is_kept_once(inbox: RedisInbox) -> None:
    answers = await asyncio.gather(*(inbox.put(envelope(1)) for _ in range(100)))

    assert sum(answers) == 1


async def test_a_conversation_is_worked_off_in_order(inbox: RedisInbox) -> None:
    for number in (1, 2, 3):
        await inbox.put(envelope(number))

    seen = []
    while claims := await inbox.claim(inbox.ready, 10, wait_ms=1):
        (claim,) = claims
        seen.append(claim.update)
        await inbox.done(claim)

    assert seen == ['{"update_id":1}', '{"update_id":2}', '{"update_id":3}']


async def test_conversations_do_not_wait_for_each_other(inbox: RedisInbox) -> None:
    await inbox.put(envelope(1, ANNA))
    await inbox.put(envelope(2, ANNA))
    await inbox.put(envelope(3, BORIS))

    assert await updates(inbox, inbox.ready) == ['{"update_id":1}', '{"update_id":3}']


async def test_control_has_a_lane_of_its_own(inbox: RedisInbox) -> None:
    await inbox.put(envelope(1, ANNA))
    assert await inbox.put(envelope(2, None))
    assert not await inbox.put(envelope(2, None))

    assert await updates(inbox, inbox.control) == ['{"update_id":2}']


async def test_a_stale_claim_is_taken_over_and_its_late_owner_changes_nothing(
    inbox: RedisInbox, other: RedisInbox
) -> None:
    await inbox.put(envelope(1))
    await inbox.put(envelope(2))
    (late,) = await inbox.claim(inbox.ready, 10, wait_ms=1)

    (taken,) = await take_over(other, other.ready, 10, stale_ms=0)

    assert (taken.update, taken.deliveries) == (late.update, 2)
    assert await inbox.renew([late]) == {late}
    assert await other.done(taken)
    assert not await inbox.done(late)
    assert await updates(inbox, inbox.ready) == ['{"update_id":2}']


async def test_a_renewed_claim_is_not_stale(inbox: RedisInbox, other: RedisInbox, redis: Redis) -> None:
    await inbox.put(envelope(1))
    await inbox.put(envelope(2, None))
    claims = [*await inbox.claim(inbox.ready, 1, wait_ms=1), *await inbox.claim(inbox.control, 1, wait_ms=1)]
    for claim in claims:
        await silence(redis, "first", claim)

    assert await inbox.renew(claims) == set()

    assert await take_over(other, other.ready, 10, stale_ms=A_MINUTE_MS // 2) == []


@pytest.mark.parametrize(
    ("listeners", "stale"),
    [
        (("second",), 1),
        (("first", "second"), 0),
        ((), 0),  # nobody can tell who listens
        (("first",), 0),
    ],
)
async def test_a_worker_that_does_not_even_listen_is_given_less_time(
    inbox: RedisInbox, other: RedisInbox, redis: Redis, listeners: Sequence[str], stale: int
) -> None:
    await inbox.put(envelope(1))
    await inbox.put(envelope(2, None))
    silences = Silence(2 * A_MINUTE_MS, gone_ms=A_MINUTE_MS // 2)
    for stream in (inbox.ready, inbox.control):
        (claim,) = await inbox.claim(stream, 1, wait_ms=1)
        assert not await other.stale(stream, silences)
        await silence(redis, "first", claim)

    async with redis.pubsub() as ears:
        for name in listeners:
            await ears.subscribe(channel_of(BOT, name))
            await ears.get_message(timeout=5)

        for stream in (inbox.ready, inbox.control):
            assert len(await other.stale(stream, silences)) == stale
            assert len(await other.take_over(stream, 10, ["first"], silences)) == stale
            assert not await other.stale(stream, silences)


async def test_what_it_holds_itself_and_has_forgotten_is_found_again(inbox: RedisInbox, redis: Redis) -> None:
    await inbox.put(envelope(1))
    (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
    await silence(redis, "first", claim)
    silences = Silence(2 * A_MINUTE_MS, gone_ms=A_MINUTE_MS)

    assert await inbox.stale(inbox.ready, silences) == set()
    async with redis.pubsub() as ears:
        await ears.subscribe(channel_of(BOT, "first"))
        await ears.get_message(timeout=5)

        assert await inbox.stale(inbox.ready, silences) == {"first"}
        assert await inbox.renew([claim]) == set()
        assert await inbox.stale(inbox.ready, silences) == set()


async def test_only_what_is_suspected_is_taken_over(inbox: RedisInbox, other: RedisInbox, redis: Redis) -> None:
    for number, chat in enumerate((ANNA, BORIS)):
        await inbox.put(envelope(number, chat))
    for box, name in ((inbox, "first"), (other, "second")):
        (claim,) = await box.claim(box.ready, 1, wait_ms=1)
        await silence(redis, name, claim)
    heir, silences = RedisInbox(redis, BOT, consumer="third"), Silence(A_MINUTE_MS, A_MINUTE_MS)

    assert await heir.stale(heir.ready, silences) == {"first", "second"}
    (taken,) = await heir.take_over(heir.ready, 10, ["second"], silences)

    assert taken.update == '{"update_id":1}'
    assert await heir.stale(heir.ready, silences) == {"first"}


@pytest.mark.parametrize(("company", "blame"), [(1, 1.0), (2, 0.5), (5, 0.2), (9, 0.2)])
async def test_those_with_whom_a_worker_dies_share_the_blame(
    inbox: RedisInbox, other: RedisInbox, company: int, blame: float
) -> None:
    for number in range(company):
        await inbox.put(envelope(number, ConversationKey(BOT, number + 1)))
    await inbox.claim(inbox.ready, company, wait_ms=1)
    silences = Silence(0, 0)

    first = await other.stale(other.ready, silences)
    for _ in range(2):  # only the first time counts
        await other.judge(other.ready, first, silences)
    by_ones = [one for _ in range(company) for one in await other.take_over(other.ready, 1, first, silences)]
    again = await take_over(inbox, inbox.ready, company, stale_ms=0)

    assert first == {"first"}
    assert [claim.blame for claim in by_ones] == [blame] * company
    assert [claim.blame for claim in again] == [2 * blame] * company


class Mortuary:
    """Workers who take over one after another, and die."""

    def __init__(self, redis: Redis) -> None:
        self.box = RedisInbox(redis, BOT, consumer="0")
        self._redis = redis
        self._deaths = 0

    async def fill(self, count: int) -> None:
        """Put so many updates, and let the first worker die of them."""
        await self.box.open()
        for number in range(1, count + 1):
            await self.box.put(envelope(number, ConversationKey(BOT, number)))
        assert len(await self.box.claim(self.box.ready, count, wait_ms=1)) == count

    async def take_over(self, soon_ms: int = 10_000) -> list[Claim]:
        """Let the next worker take over what it is given at one go; before `soon_ms` its death is sudden."""
        self._deaths += 1
        self.box = RedisInbox(self._redis, BOT, consumer=str(self._deaths))
        await self.box.open()
        return await self.goes_on(soon_ms)

    async def goes_on(self, soon_ms: int = 10_000) -> list[Claim]:
        """Let it take over more; it is the only one who is not dead."""
        silence = Silence(0, 0, soon_ms)
        dead = await self.box.stale(self.box.ready, silence) - {str(self._deaths)}
        await self.box.judge(self.box.ready, dead, silence)
        return await self.box.take_over(self.box.ready, 8, dead, silence, trial=8)


_SOON_MS = 20


def _ids(claims: Sequence[Claim]) -> list[int]:
    return sorted(int(claim.slug) for claim in claims)


async def test_what_dies_soon_again_and_again_is_tried_apart_half_by_half(redis: Redis) -> None:
    mortuary = Mortuary(redis)
    await mortuary.fill(4)
    for _ in range(5):
        taken = await mortuary.take_over()
        assert ([claim.is_suspect for claim in taken], _ids(taken)) == ([False] * 4, [1, 2, 3, 4])

    first = await mortuary.take_over()
    assert ([claim.is_suspect for claim in first], _ids(first)) == ([True] * 2, [1, 2])
    assert (_ids(await mortuary.goes_on()), _ids(await mortuary.goes_on())) == ([3], [4])


async def test_suspects_wait_for_all_others_which_are_blamed_for_nothing_then(redis: Redis) -> None:
    mortuary = Mortuary(redis)
    await mortuary.fill(2)
    for _ in range(5):
        await mortuary.take_over()
    await mortuary.box.put(envelope(3, ConversationKey(BOT, 3)))
    await mortuary.box.claim(mortuary.box.ready, 1, wait_ms=1)

    seen = []
    for _ in range(2):
        (other,) = await mortuary.take_over()
        assert (other.slug, other.is_suspect) == ("3", False)
        seen.append((other.blame, [(claim.slug, claim.is_suspect) for claim in await mortuary.goes_on()]))

    assert [blame for blame, _ in seen] == [0.33, 0.33]
    assert [tried for _, tried in seen] == [[("1", True)], [("2", True)]]


@pytest.mark.parametrize(
    ("count", "poisons"), [(1, {1}), (12, {3}), (12, {3, 9}), (4, {1, 3}), (8, {2, 3}), (12, {1, 5, 9})]
)
async def test_trials_find_those_that_end_workers_and_no_others(
    redis: Redis, count: int, poisons: set[int]
) -> None:
    mortuary, deaths = Mortuary(redis), 0
    buried: set[int] = set()
    await mortuary.fill(count)

    while buried != poisons and deaths < 50:
        deaths += 1
        taken = await mortuary.take_over(_SOON_MS)
        held = [*taken]
        while taken and not (poisons - buried).intersection(_ids(taken)):
            await asyncio.sleep(_SOON_MS / 800)
            assert await mortuary.box.renew(held) == set()
            taken = await mortuary.goes_on(_SOON_MS)
            held += taken
        for claim in taken:
            if claim.blame >= 20:
                await mortuary.box.done(claim, why_dead="the bot died of it")
                buried.add(int(claim.slug))

    assert buried == poisons
    assert deaths < 10 + 10 * len(poisons)
    left = [await mortuary.take_over(), *[await mortuary.goes_on() for _ in range(count)]]
    assert sorted(id_ for claims in left for id_ in _ids(claims)) == sorted({*range(1, count + 1)} - poisons)


async def test_a_worker_that_was_judged_while_it_was_frozen_is_judged_again_when_it_dies(
    inbox: RedisInbox, other: RedisInbox
) -> None:
    await inbox.put(envelope(1))
    (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
    await other.judge(other.ready, ["first"], Silence(0, 0))
    await asyncio.sleep(0.1)
    await inbox.renew([claim])

    (taken,) = await take_over(other, other.ready, 1, stale_ms=0)

    assert taken.blame == 2.0


async def test_who_lives_a_while_is_suspected_of_nothing(redis: Redis) -> None:
    mortuary = Mortuary(redis)
    await mortuary.fill(2)
    for _ in range(12):
        taken = await mortuary.take_over(soon_ms=1)
        await asyncio.sleep(0.005)
        assert await mortuary.box.renew(taken) == set()

    assert [claim.is_suspect for claim in await mortuary.take_over()] == [False] * 2


@pytest.mark.parametrize("conversation", [ANNA, None])
async def test_what_is_handed_back_stays_blamed_until_it_is_done(
    inbox: RedisInbox, other: RedisInbox, redis: Redis, conversation: ConversationKey | None
) -> None:
    await inbox.put(envelope(1, conversation))
    stream = inbox.ready if conversation else inbox.control
    await inbox.claim(stream, 1, wait_ms=1)
    for times in (1, 2):
        (claim,) = await take_over(other, stream, 1, stale_ms=0)
        await other.release(claim)
        (again,) = await inbox.claim(stream, 1, wait_ms=1)
        assert (claim.blame, again.blame) == (times, times)
    (claim,) = await take_over(other, stream, 1, stale_ms=0)
    await other.done(claim)

    assert claim.blame == 3.0
    assert not await redis.exists(f"{{govorun:{BOT}}}:deaths")


async def test_nobody_died_where_a_worker_finds_what_it_forgot(inbox: RedisInbox) -> None:
    await inbox.put(envelope(1))
    await inbox.claim(inbox.ready, 1, wait_ms=1)

    (claim,) = await take_over(inbox, inbox.ready, 1, stale_ms=0)

    assert (claim.deliveries, claim.blame) == (2, 0.0)


async def test_many_claims_are_renewed_at_once(inbox: RedisInbox, other: RedisInbox, redis: Redis) -> None:
    claims: list[Claim] = []
    for number in range(1200):
        await inbox.put(envelope(number, ConversationKey(BOT, number + 1)))
        claims += await inbox.claim(inbox.ready, 1, wait_ms=1)
    entries: Any = [claim.entry for claim in claims]
    await redis.xclaim(inbox.ready, GROUP, "first", 0, entries, idle=A_MINUTE_MS)
    lost = await take_over(other, other.ready, 3, stale_ms=A_MINUTE_MS)

    assert {claim.entry for claim in await inbox.renew(claims)} == {claim.entry for claim in lost}

    half = A_MINUTE_MS // 2
    assert await other.stale(other.ready, Silence(half, half)) == set()
    assert len(await redis.xpending_range(inbox.ready, GROUP, "-", "+", 2000, consumername="first")) == 1197


async def test_a_user_of_redis_who_may_not_ask_who_listens_waits_the_whole_time(
    shared_redis: RedisProcess,
) -> None:
    rights: Any = {"categories": ["+@all"], "commands": ["-pubsub"], "keys": ["*"]}
    limited_url = shared_redis.url.replace("://", "://limited:any@")
    async with (
        Redis.from_url(shared_redis.url, decode_responses=True) as master,
        Redis.from_url(limited_url, decode_responses=True) as limited,
    ):
        await master.flushall()
        await master.acl_setuser("limited", enabled=True, nopass=True, **rights)
        dead, box = RedisInbox(master, BOT, consumer="first"), RedisInbox(limited, BOT, consumer="second")
        await dead.open()
        await dead.put(envelope(1))
        (claim,) = await dead.claim(dead.ready, 1, wait_ms=1)
        await silence(master, "first", claim)

        assert await box.stale(box.ready, Silence(2 * A_MINUTE_MS, gone_ms=0)) == set()
        assert await box.stale(box.ready, Silence(A_MINUTE_MS, gone_ms=0)) == {"first"}
        assert await take_over(box, box.ready, 1, stale_ms=A_MINUTE_MS, gone_ms=0)


@pytest.mark.parametrize("conversation", [ANNA, None])
async def test_a_released_claim_is_there_for_the_next(
    inbox: RedisInbox, other: RedisInbox, conversation: ConversationKey | None
) -> None:
    await inbox.put(envelope(1, conversation))
    stream = inbox.ready if conversation else inbox.control
    (claim,) = await inbox.claim(stream, 1, wait_ms=1)

    await inbox.release(claim)
    await inbox.release(claim)

    assert await updates(other, stream) == ['{"update_id":1}']
    assert await updates(other, stream) == []


@pytest.mark.parametrize("conversation", [ANNA, None])
async def test_a_dead_letter_is_kept_with_its_reason(
    inbox: RedisInbox, redis: Redis, conversation: ConversationKey | None
) -> None:
    await inbox.put(envelope(1, conversation))
    (claim,) = await inbox.claim(inbox.ready if conversation else inbox.control, 1, wait_ms=1)

    assert await inbox.done(claim, why_dead="poison")
    assert not await inbox.done(claim, why_dead="poison")

    ((_, letter),) = await redis.xrange(inbox.dead) or []
    assert letter is not None
    assert letter["why"] == "poison"
    assert letter["update"] == '{"update_id":1}'


async def test_nothing_is_left_in_redis_but_what_is_remembered(inbox: RedisInbox, redis: Redis) -> None:
    before = set(await redis.keys())
    for number in range(20):
        await inbox.put(envelope(number, ConversationKey(BOT, number)))
    for claim in await inbox.claim(inbox.ready, 20, wait_ms=1):
        await inbox.done(claim)

    assert set(await redis.keys()) - before == {f"{{govorun:{BOT}}}:seen"}
    assert await redis.xlen(inbox.ready) == 0


async def test_leaving_keeps_a_name_that_still_holds_something(inbox: RedisInbox, redis: Redis) -> None:
    await inbox.put(envelope(1))
    (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)

    await inbox.leave()
    assert len(await redis.xinfo_consumers(inbox.ready, "workers")) == 1

    await inbox.done(claim)
    await inbox.leave()
    assert await redis.xinfo_consumers(inbox.ready, "workers") == []


async def test_consumers_that_died_long_ago_are_forgotten(
    inbox: RedisInbox, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await inbox.put(envelope(1))
    await inbox.claim(inbox.ready, 1, wait_ms=1)
    await RedisInbox(redis, BOT, consumer="dead").claim(inbox.ready, 1, wait_ms=1)
    monkeypatch.setattr("bot.updates.inbox._FORGOTTEN_MS", -1)

    await inbox.open()

    assert [one["name"] for one in await redis.xinfo_consumers(inbox.ready, "workers")] == ["first"]


async def test_opening_twice_is_harmless(inbox: RedisInbox) -> None:
    await inbox.put(envelope(1))

    await inbox.open()

    assert await updates(inbox, inbox.ready) == ['{"update_id":1}']


async def test_redis_away_is_a_store_error(mortal_redis: RedisProcess) -> None:
    async with Redis.from_url(mortal_redis.url, decode_responses=True) as client:
        box = RedisInbox(client, BOT, consumer="first")
        await box.open()
        mortal_redis.kill()

        with pytest.raises(StoreError):
            await box.put(envelope(1))


async def test_a_wrong_kind_of_key_is_not_mistaken_for_a_group(redis: Redis) -> None:
    box = RedisInbox(redis, BOT, consumer="first")
    await redis.set(box.ready, "not a stream")

    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await box.open()


async def test_a_late_owner_can_neither_release_nor_finish_what_another_holds(
    inbox: RedisInbox, other: RedisInbox, redis: Redis
) -> None:
    for number in (1, 2):
        await inbox.put(envelope(number))
    (late,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
    await take_over(other, other.ready, 1, stale_ms=0)

    await inbox.release(late)
    assert not await inbox.done(late)

    assert await updates(RedisInbox(redis, BOT, consumer="third"), inbox.ready) == []


async def test_a_stale_claim_is_found_among_many_live_ones(
    inbox: RedisInbox, other: RedisInbox, redis: Redis
) -> None:
    for number in range(1, 13):
        await inbox.put(envelope(number, ConversationKey(BOT, number)))
    live = await inbox.claim(inbox.ready, 11, wait_ms=1)
    (dead,) = await other.claim(other.ready, 1, wait_ms=1)
    await silence(redis, "second", dead)
    await inbox.renew(live)

    (claim,) = await take_over(inbox, inbox.ready, 1, stale_ms=A_MINUTE_MS // 2)

    assert claim.update == '{"update_id":12}'


@pytest.mark.parametrize("conversation", [ANNA, None])
async def test_a_redis_that_lost_everything_is_used_anew(
    inbox: RedisInbox, redis: Redis, conversation: ConversationKey | None
) -> None:
    await inbox.put(envelope(1, conversation))
    stream = inbox.ready if conversation else inbox.control
    claims = await inbox.claim(stream, 1, wait_ms=1)
    await redis.flushall()
    await inbox.put(envelope(2, conversation))

    assert await inbox.renew(claims) == set()
    assert await take_over(inbox, stream, 1, stale_ms=0) == []
    assert await updates(inbox, stream) == ['{"update_id":2}']
    assert await inbox.renew(claims) == set()


async def waiting(redis: Redis) -> list[str]:
    items = await redis.lrange(f"{{govorun:{BOT}}}:waiting:1", 0, -1)
    return [str(item).rpartition(SEPARATOR)[2] for item in items]


async def test_a_claim_shows_what_waits_behind(inbox: RedisInbox) -> None:
    for number in (1, 2):
        await inbox.put(envelope(number))

    (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
    await inbox.put(envelope(3))

    assert [len(one.updates) for one in (claim, await inbox.look_again(claim))] == [2, 3]


async def test_what_was_taken_together_is_so_for_whoever_takes_it_over(
    inbox: RedisInbox, other: RedisInbox, redis: Redis
) -> None:
    await inbox.put_all([envelope(number) for number in range(1, 5)])
    (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)

    taken = await inbox.take(claim, 2, dropping=1)
    await inbox.put(envelope(5))
    (again,) = await take_over(other, other.ready, 1, stale_ms=0)

    assert taken is not None
    assert (again.updates, again.is_taken) == (taken.updates, True) == (claim.updates[1:3], True)
    assert await inbox.take(claim, 4) is None
    assert not await inbox.done(taken)
    assert await other.done(again)
    assert await waiting(redis) == ['{"update_id":4}', '{"update_id":5}']


async def test_what_was_handed_back_stays_together(inbox: RedisInbox) -> None:
    for number in (1, 2):
        await inbox.put(envelope(number))
    (claim,) = await inbox.claim(inbox.ready, 10, wait_ms=1)
    await inbox.take(claim, 2)

    await inbox.release(claim)
    await inbox.put(envelope(3))
    (again,) = await inbox.claim(inbox.ready, 10, wait_ms=1)

    assert (again.updates, again.is_taken) == (claim.updates, True)


@pytest.mark.parametrize(
    ("update", "is_alone"),
    [("x" * (CUT_BYTES - 1), True), ("x" * CUT_BYTES, False), (f"{{{ALBUM}: 7}}", False)],
    ids=["short", "long", "of an album"],
)
async def test_a_lone_update_stays_alone_unless_more_of_it_may_be_on_its_way(
    inbox: RedisInbox, other: RedisInbox, update: str, *, is_alone: bool
) -> None:
    await inbox.put(Envelope("1:x", ANNA, update, sender_id=-1001))
    await inbox.claim(inbox.ready, 1, wait_ms=1)

    await inbox.put(envelope(2))
    (claim,) = await take_over(other, other.ready, 1, stale_ms=0)

    assert (len(claim.updates), claim.is_taken) == ((1, True) if is_alone else (2, False))


async def test_what_came_while_nobody_read_is_claimed_together_and_keeps_its_place(inbox: RedisInbox) -> None:
    await inbox.put(envelope(1, ANNA))
    await inbox.put(envelope(2, BORIS))
    await inbox.put(envelope(3, ANNA))

    first, second = await inbox.claim(inbox.ready, 10, wait_ms=1)

    assert [len(first.updates), len(second.updates)] == [2, 1]
    assert not first.is_taken
    assert await inbox.take(first, 2) is not None


@pytest.mark.parametrize(("pause_s", "are_together"), [(0.4, False), (0.6, True)])
async def test_what_was_announced_a_moment_ago_is_taken_as_it_was(
    redis: Redis, pause_s: float, *, are_together: bool
) -> None:
    now_s = 0.0
    inbox = RedisInbox(redis, BOT, consumer="first", clock=lambda: now_s)
    await inbox.open()
    await updates(inbox, inbox.ready)
    await inbox.put(envelope(1))
    await inbox.put(envelope(2))
    now_s += pause_s

    (claim,) = await inbox.claim(inbox.ready, 10, wait_ms=1)

    assert (len(claim.updates), claim.is_taken) == ((2, False) if are_together else (1, True))


async def test_an_answer_that_is_read_late_is_looked_into(redis: Redis) -> None:
    times_s = iter([0.0, 0.1, 0.2, 10.0, 10.0])
    inbox = RedisInbox(redis, BOT, consumer="first", clock=lambda: next(times_s))
    await inbox.open()
    await inbox.claim(inbox.ready, 1, wait_ms=1)
    await inbox.put(envelope(1))

    await inbox.put(envelope(2))

    (claim,) = await inbox.claim(inbox.ready, 10, wait_ms=1)

    assert (len(claim.updates), claim.is_taken) == (2, False)


async def test_after_a_read_that_may_have_left_something_it_is_looked(inbox: RedisInbox) -> None:
    await updates(inbox, inbox.ready)
    for number in (1, 2, 3):
        await inbox.put(envelope(number, ConversationKey(BOT, number)))

    claims = [claim for _ in range(3) for claim in await inbox.claim(inbox.ready, 1, wait_ms=1)]

    assert [claim.is_taken for claim in claims] == [True, False, False]


async def test_a_claim_that_is_over_is_not_taken_over_though_it_was_found(
    inbox: RedisInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await inbox.put(envelope(1))
    (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
    script = inbox._take_over

    async def slowly(**call: Any) -> Any:
        found = await script(**call)
        await inbox.done(claim)
        return found

    monkeypatch.setattr(inbox, "_take_over", slowly)

    assert await take_over(inbox, inbox.ready, 1, stale_ms=0) == []


async def test_who_is_handed_back_alone_stays_alone(inbox: RedisInbox, redis: Redis) -> None:
    await inbox.put(envelope(1))
    (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
    await inbox.release(claim)
    await inbox.put(envelope(2))

    (again,) = await inbox.claim(inbox.ready, 10, wait_ms=1)

    assert (again.updates, again.is_taken) == (claim.updates, True)
    assert await redis.xlen(inbox.ready) == 1


async def test_of_one_sender_so_many_may_wait_and_no_more(redis: Redis) -> None:
    inbox = RedisInbox(redis, BOT, consumer="first", limits=Limits(100, 3))
    await inbox.open()
    flood = [Envelope(f"{number}:x", ANNA, f"{number}", sender_id=1) for number in range(6)]

    answers = await inbox.put_all(flood)
    (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
    taken = await inbox.take(claim, 1, dropping=1)
    assert taken is not None
    await inbox.done(taken)
    more = [Envelope(f"{number}:y", BORIS, f"{number}", sender_id=1) for number in range(3)]

    assert answers == [Put.KEPT, Put.KEPT, Put.KEPT, Put.FULL, Put.TOLD, Put.TOLD]
    assert await inbox.put_all(more) == [Put.KEPT, Put.KEPT, Put.TOLD]
    assert await inbox.put(Envelope("9:z", ANNA, "9", sender_id=2)) is Put.KEPT


async def test_who_is_refused_is_told_though_the_answer_was_lost(redis: Redis) -> None:
    inbox = RedisInbox(redis, BOT, consumer="first", limits=Limits(100, 1))
    await inbox.open()
    flood = [Envelope(f"{number}:x", ANNA, f"{number}", sender_id=1) for number in range(3)]

    answers = [await inbox.put_all(flood) for _ in range(2)]

    assert answers == [[Put.KEPT, Put.FULL, Put.TOLD], [Put.KNOWN, Put.FULL, Put.TOLD]]


async def test_of_one_sender_so_many_presses_may_wait_and_no_more(redis: Redis) -> None:
    inbox = RedisInbox(redis, BOT, consumer="first", limits=Limits(100, 2))
    await inbox.open()
    flood = [Envelope(f"{number}:x", None, f"{number}", sender_id=1) for number in range(3)]

    answers = await inbox.put_all(flood)
    first, second = await inbox.claim(inbox.control, 3, wait_ms=1)
    await inbox.release(first)
    (first,) = await inbox.claim(inbox.control, 3, wait_ms=1)
    for claim in (first, second):
        await inbox.done(claim)

    assert sorted(answers) == [Put.KEPT, Put.KEPT, Put.TOLD]
    assert not await redis.hgetall(f"{{govorun:{BOT}}}:senders")
    assert await inbox.put(Envelope("9:x", None, "9", sender_id=1)) is Put.KEPT


async def test_taking_again_because_the_answer_was_lost_takes_no_more(inbox: RedisInbox, redis: Redis) -> None:
    await inbox.put_all([envelope(number) for number in range(1, 5)])
    (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)

    taken = [await inbox.take(claim, 2, dropping=1) for _ in range(2)]

    assert [one and one.updates for one in taken] == [claim.updates[1:3]] * 2
    assert len(await waiting(redis)) == 3


async def test_an_announcement_of_nothing_ends_without_another(inbox: RedisInbox, redis: Redis) -> None:
    await inbox.put(envelope(1))
    (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
    await redis.delete(f"{{govorun:{BOT}}}:waiting:1")
    await inbox.release(claim)
    (empty,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
    await inbox.put(envelope(2))

    assert await inbox.done(empty)

    assert await updates(inbox, inbox.ready) == ['{"update_id":2}']
    assert await updates(inbox, inbox.ready) == []


async def test_a_replica_that_has_not_heard_of_the_loss_goes_on_with_its_claims(
    inbox: RedisInbox, other: RedisInbox, redis: Redis
) -> None:
    await other.open()
    await inbox.put(envelope(1))
    claims = await other.claim(other.ready, 1, wait_ms=1)
    await redis.flushall()
    await inbox.claim(inbox.ready, 1, wait_ms=1)

    assert await other.renew(claims) == set()
    assert await other.renew(claims) == set()


async def test_whoever_starts_on_a_full_redis_works_its_inbox_off(inbox: RedisInbox, redis: Redis) -> None:
    await inbox.put(envelope(1))
    late = RedisInbox(redis, BOT, consumer="late")
    await redis.config_set("maxmemory", 1)
    try:
        await late.open()
        (claim,) = await late.claim(late.ready, 1, wait_ms=1)
        assert await late.done(claim)
        assert await late.renew([claim]) == {claim}
    finally:
        await redis.config_set("maxmemory", 0)


async def test_a_full_redis_lets_the_inbox_be_worked_off(
    inbox: RedisInbox, other: RedisInbox, redis: Redis
) -> None:
    await inbox.put_all([envelope(number) for number in range(1, 4)])
    (first,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
    await redis.config_set("maxmemory", 1)
    try:
        assert await inbox.take(first, 2) is not None
        await inbox.done(replace(first, updates=first.updates[:2], is_taken=True))
        (last,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
        (taken,) = await take_over(other, other.ready, 1, stale_ms=0)
        assert await other.done(taken)
    finally:
        await redis.config_set("maxmemory", 0)

    assert taken.updates == last.updates == ('{"update_id":3}',)
