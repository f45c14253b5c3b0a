import pytest
from redis.asyncio import Redis

from bot.desk.desk import Desk, Letter
from bot.types import ConversationKey
from bot.updates.inbox import Claim, RedisInbox
from bot.updates.lanes import Envelope
from tests.tools.heirs import take_over

BOT = 42
ANNA, BORIS = ConversationKey(BOT, 1), ConversationKey(BOT, -1001, 7)


def update(number: int) -> str:
    return f'{{"update_id":{number}}}'


def envelope(number: int, conversation: ConversationKey | None = ANNA) -> Envelope:
    sender_id = conversation.chat_id if conversation else None
    return Envelope(f"{number}:x", conversation, update(number), sender_id)


@pytest.fixture
async def inbox(redis: Redis) -> RedisInbox:
    box = RedisInbox(redis, BOT, consumer="first")
    await box.open()
    return box


@pytest.fixture
def desk(redis: Redis, inbox: RedisInbox) -> Desk:
    del inbox  # opened before
    return Desk(redis, BOT)


async def claimed(inbox: RedisInbox, stream: str = "") -> Claim:
    (claim,) = await inbox.claim(stream or inbox.ready, 1, wait_ms=1)
    return claim


async def buried(inbox: RedisInbox, number: int, conversation: ConversationKey | None = ANNA) -> None:
    await inbox.put(envelope(number, conversation))
    claim = await claimed(inbox, inbox.ready if conversation else inbox.control)
    await inbox.done(claim, why_dead=f"poison {number}")


async def letters(desk: Desk) -> list[Letter]:
    return [letter async for letter in desk.letters()]


async def handled(inbox: RedisInbox, *, together: int = 1) -> list[list[str]]:
    """Work the conversations off, so many updates at a time, and tell what a worker got."""
    seen = []
    while claims := await inbox.claim(inbox.ready, 10, wait_ms=1):
        for claim in claims:
            taken = await inbox.take(claim, min(together, len(claim.updates)))
            assert taken
            seen.append(list(taken.updates))
            await inbox.done(taken)
    return seen


async def left(redis: Redis) -> set[str]:
    """What is in Redis besides what is always there."""
    known = {f"{{govorun:{BOT}}}:{name}" for name in ("seen", "ready", "control", "dead", "epoch")}
    return {str(key) for key in await redis.keys()} - known


async def test_what_waits_is_seen_with_whoever_holds_it(inbox: RedisInbox, desk: Desk) -> None:
    for number, conversation in ((1, ANNA), (2, ANNA), (3, BORIS)):
        await inbox.put(envelope(number, conversation))
    await claimed(inbox)

    sight = await desk.look(10)

    first, second = sight.queues
    assert (first.conversation, first.updates, first.update_id) == ("1", 2, 1)
    assert (first.holder, first.deliveries) == ("first", 1)
    assert (second.conversation, second.updates, second.holder) == ("-1001:7", 1, "")
    assert 0 <= first.silent_s < 5
    assert 0 <= second.age_s < 5
    assert sight.backlog.updates == 3


async def test_no_more_is_shown_than_was_asked_for(inbox: RedisInbox, desk: Desk) -> None:
    for number in (1, 2, 3):
        await buried(inbox, number)
    for chat_id in (5, 6, 7):
        await inbox.put(envelope(chat_id, ConversationKey(BOT, chat_id)))

    sight = await desk.look(2)

    assert [queue.conversation for queue in sight.queues] == ["5", "6"]
    assert [letter.update_id for letter in sight.letters] == [3, 2]
    assert sight.backlog.dead_letters == 3


async def test_an_empty_inbox_is_seen_as_such(redis: Redis) -> None:
    sight = await Desk(redis, BOT).look(5)

    assert (sight.queues, sight.letters, sight.backlog.updates) == ((), (), 0)


@pytest.mark.parametrize("conversation", [ANNA, BORIS, None])
async def test_an_update_is_found_wherever_it_is(
    inbox: RedisInbox, desk: Desk, conversation: ConversationKey | None
) -> None:
    await buried(inbox, 1, conversation)
    await inbox.put(envelope(2, conversation))
    await inbox.put(envelope(3, conversation))

    assert [await desk.find(name) for name in ("1", "2", "3")] == [update(1), update(2), update(3)]
    (letter,) = await letters(desk)
    assert await desk.find(letter.entry) == update(1)


@pytest.mark.parametrize("name", ["", "9", "0-1", "99999-0", "nonsense", "-", "9-9-9"])
async def test_what_is_not_there_is_not_found(inbox: RedisInbox, desk: Desk, name: str) -> None:
    await buried(inbox, 1)
    await inbox.put(envelope(2))

    assert await desk.find(name) is None
    assert await desk.letter(name) is None


async def test_of_letters_with_one_update_the_newest_is_meant(inbox: RedisInbox, desk: Desk) -> None:
    await buried(inbox, 1)
    await inbox.put(Envelope("twin", ANNA, update(1)))
    await inbox.done(await claimed(inbox), why_dead="poison again")

    letter = await desk.letter("1")

    assert letter
    assert letter.why == "poison again"


async def test_many_letters_are_read_to_the_last(inbox: RedisInbox, desk: Desk, redis: Redis) -> None:
    for number in range(1001):
        await redis.xadd(inbox.dead, {"conversation": "1", "why": "x", "update": update(number)})

    assert [letter.update_id for letter in await letters(desk)] == list(range(1001))


async def test_a_replayed_letter_is_handled_behind_what_waits(inbox: RedisInbox, desk: Desk) -> None:
    await buried(inbox, 1)
    for number in (2, 3):
        await inbox.put(envelope(number))
    (letter,) = await letters(desk)

    assert await desk.replay(letter)
    assert not await desk.replay(letter)

    assert await handled(inbox) == [[update(2)], [update(3)], [update(1)]]
    assert await letters(desk) == []


async def test_a_replay_wakes_an_idle_conversation_once(inbox: RedisInbox, desk: Desk, redis: Redis) -> None:
    for number in (1, 2):
        await buried(inbox, number, BORIS)

    for letter in await letters(desk):
        await desk.replay(letter)

    assert await redis.xlen(inbox.ready) == 1
    assert await handled(inbox) == [[update(1)], [update(2)]]
    assert await left(redis) == set()


async def test_a_replayed_press_overtakes_everything_again(inbox: RedisInbox, desk: Desk) -> None:
    await buried(inbox, 1, None)
    (letter,) = await letters(desk)

    await desk.replay(letter)

    assert (await claimed(inbox, inbox.control)).update == update(1)


async def test_a_replay_of_what_another_operator_dropped_does_nothing(inbox: RedisInbox, desk: Desk) -> None:
    await buried(inbox, 1)
    (letter,) = await letters(desk)

    assert await desk.drop(letter)
    assert not await desk.drop(letter)

    assert not await desk.replay(letter)
    assert await handled(inbox) == []


async def test_what_waits_where_nobody_works_is_dropped_without_a_trace(
    inbox: RedisInbox, desk: Desk, redis: Redis
) -> None:
    for number in (1, 2, 3):
        await inbox.put(envelope(number))
    await inbox.put(envelope(4, BORIS))

    assert await desk.drop_waiting(ANNA.slug) == 3

    assert await handled(inbox) == [[update(4)]]
    assert await left(redis) == set()
    assert await desk.drop_waiting(ANNA.slug) == 0


async def test_what_was_handed_back_is_dropped_like_what_was_never_taken(
    inbox: RedisInbox, desk: Desk, redis: Redis
) -> None:
    for number in (1, 2, 3):
        await inbox.put(envelope(number))
    claim = await inbox.take(await claimed(inbox), 2)
    assert claim
    await inbox.release(claim)

    assert await desk.drop_waiting(ANNA.slug) == 3

    assert await left(redis) == set()


async def test_the_limit_forgets_what_was_dropped(inbox: RedisInbox, desk: Desk, redis: Redis) -> None:
    for number in (1, 2, 3):
        await inbox.put(envelope(number))
    claim = await inbox.take(await claimed(inbox), 1)
    assert claim

    await desk.drop_waiting(ANNA.slug)

    assert await redis.hgetall(f"{{govorun:{BOT}}}:senders") == {"1": "1", "in:1": "1"}
    await inbox.done(claim)
    assert await left(redis) == set()


@pytest.mark.parametrize("together", [1, 2])
async def test_what_is_being_handled_is_not_dropped(inbox: RedisInbox, desk: Desk, together: int) -> None:
    for number in (1, 2, 3, 4):
        await inbox.put(envelope(number))
    claim = await inbox.take(await claimed(inbox), together)
    assert claim

    assert await desk.drop_waiting(ANNA.slug) == 4 - together
    await inbox.put(envelope(5))
    await inbox.done(claim)

    assert await handled(inbox) == [[update(5)]]


async def test_nobody_is_waited_for_where_one_update_was_announced_alone(
    inbox: RedisInbox, redis: Redis
) -> None:
    async def no_wait(_seconds: float) -> None:
        raise AssertionError("there is nothing to be chosen")

    await inbox.put(envelope(1))
    claim = await claimed(inbox)
    await inbox.put(envelope(2))

    assert await Desk(redis, BOT, no_wait).drop_waiting(ANNA.slug) == 1
    await inbox.done(claim)
    assert await left(redis) == set()


async def test_what_a_dead_worker_was_handling_is_not_dropped_either(
    inbox: RedisInbox, desk: Desk, redis: Redis
) -> None:
    for number in (1, 2, 3):
        await inbox.put(envelope(number))
    await inbox.take(await claimed(inbox), 2)

    await desk.drop_waiting(ANNA.slug)

    (claim,) = await take_over(RedisInbox(redis, BOT, consumer="second"), inbox.ready, 1, stale_ms=0)
    assert claim.updates == (update(1), update(2))


async def test_a_worker_that_is_choosing_is_waited_for(inbox: RedisInbox, redis: Redis) -> None:
    for number in (1, 2, 3):
        await inbox.put(envelope(number))
    claim = await claimed(inbox)
    waits: list[float] = []

    async def choose(seconds: float) -> None:
        waits.append(seconds)
        await inbox.take(claim, 2)

    assert await Desk(redis, BOT, choose).drop_waiting(ANNA.slug) == 1
    assert waits == [0.1]


async def test_a_worker_that_chose_nothing_keeps_the_head_alone(inbox: RedisInbox, redis: Redis) -> None:
    for number in (1, 2, 3):
        await inbox.put(envelope(number))
    claim = await claimed(inbox)

    async def no_time(_seconds: float) -> None:
        """Let time pass."""

    assert await Desk(redis, BOT, no_time).drop_waiting(ANNA.slug) == 2
    await inbox.put(envelope(4))
    assert (await inbox.claim(inbox.ready, 1, wait_ms=1)) == []
    (heir,) = await take_over(RedisInbox(redis, BOT, consumer="second"), inbox.ready, 1, stale_ms=0)
    assert heir.updates == (update(1),)
    await RedisInbox(redis, BOT, consumer="second").done(heir)
    assert not await inbox.done(claim)

    assert await handled(inbox) == [[update(4)]]


async def test_a_lone_update_in_somebodys_hands_is_left_there(inbox: RedisInbox, desk: Desk) -> None:
    await inbox.put(envelope(1))
    claim = await claimed(inbox)

    assert await desk.drop_waiting(ANNA.slug) == 0
    assert await inbox.done(claim)


async def test_a_conversation_far_behind_others_is_found(inbox: RedisInbox, desk: Desk, redis: Redis) -> None:
    for chat_id in range(1, 1203):
        await redis.rpush(f"{{govorun:{BOT}}}:waiting:{chat_id}", update(chat_id))
        await redis.xadd(inbox.ready, {"conversation": str(chat_id)})

    assert await desk.drop_waiting("1202") == 1
    assert await redis.xlen(inbox.ready) == 1201


@pytest.mark.parametrize("together", [1, 2])
async def test_what_is_buried_is_a_dead_letter_and_what_waits_behind_it_is_next(
    inbox: RedisInbox, desk: Desk, redis: Redis, together: int
) -> None:
    for number in (1, 2, 3):
        await inbox.put(envelope(number))
    claim = await inbox.take(await claimed(inbox), together)
    assert claim

    assert await desk.bury(ANNA.slug) == together

    buried_ids = [(letter.update_id, letter.why) for letter in await letters(desk)]
    assert buried_ids == [(number, "buried by the operator") for number in (1, 2)[:together]]
    assert not await inbox.done(claim)
    assert await inbox.renew([claim]) == {claim}
    assert await handled(inbox) == [[update(number)] for number in (1, 2, 3)[together:]]
    assert await left(redis) == set()


async def test_what_a_dead_worker_held_is_buried_before_somebody_dies_of_it_again(
    inbox: RedisInbox, desk: Desk, redis: Redis
) -> None:
    await inbox.put(envelope(1))
    await claimed(inbox)
    await take_over(RedisInbox(redis, BOT, consumer="second"), inbox.ready, 1, stale_ms=0)

    assert await desk.bury(ANNA.slug) == 1

    assert await take_over(inbox, inbox.ready, 1, stale_ms=0) == []
    assert await left(redis) == set()


async def test_a_worker_that_is_choosing_finds_that_its_head_was_buried(inbox: RedisInbox, desk: Desk) -> None:
    for number in (1, 2, 3):
        await inbox.put(envelope(number))
    claim = await claimed(inbox)

    assert await desk.bury(ANNA.slug) == 1

    assert await inbox.take(claim, 2) is None
    assert await handled(inbox, together=2) == [[update(2), update(3)]]


async def test_what_nobody_handles_is_not_buried(inbox: RedisInbox, desk: Desk) -> None:
    await inbox.put(envelope(1))

    assert await desk.bury(ANNA.slug) == 0
    assert await desk.bury(BORIS.slug) == 0
    assert await handled(inbox) == [[update(1)]]
