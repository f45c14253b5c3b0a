import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.errors import StoreError
from bot.running import Growing
from bot.types import ConversationKey
from bot.updates.arrivals import channel
from bot.updates.inbox import RedisInbox
from bot.updates.lanes import Envelope, enveloped
from bot.updates.signals import Signals
from tests.tools.clock import FakeClock
from tests.tools.deployments import until
from tests.tools.redis_server import RedisProcess
from tests.tools.replicas import ANNAS, HERE, QUESTION, Replica, listeners, replicas
from tests.tools.updates import ME, a_message

RECORD = "{govorun:42}:growing:1"
LONG_S = 20
OUTAGE_S = 2.5
"""Longer than a client insists by itself."""


@pytest.fixture
async def two(redis_url: str) -> AsyncIterator[list[Replica]]:
    async with replicas(redis_url) as both:
        yield both


async def test_a_stop_pressed_at_another_replica_ends_the_answer(two: list[Replica]) -> None:
    here, there = two

    async with here.running.stoppable(HERE, ANNAS) as switch:
        await there.sees()
        assert await there.stop()
        await asyncio.sleep(LONG_S)

    assert switch.is_pressed


async def test_an_answer_that_has_ended_is_not_found_any_more(two: list[Replica]) -> None:
    here, there = two

    async with here.running.stoppable(HERE, ANNAS):
        await there.sees()

    await there.sees(None)
    assert not await there.running.stop(HERE, ANNAS)
    assert not await here.redis.exists(RECORD)


async def test_a_press_for_another_reply_stops_nothing(two: list[Replica]) -> None:
    here, there = two

    async with here.running.stoppable(HERE, ANNAS) as switch:
        await there.sees()
        assert not await there.running.stop(HERE, Growing(1, 99))
        await there.redis.publish(channel(42), "stop 1 99")
        await asyncio.sleep(0.1)

    assert not switch.is_pressed


async def test_a_stop_is_not_lost_with_the_connection_that_was_to_bring_it(two: list[Replica]) -> None:
    here, there = two

    async with here.running.stoppable(HERE, ANNAS) as switch:
        await there.sees()
        # As if the press was told just when the connection broke.
        await there.redis.hset(RECORD, "stopped", 1)
        await there.redis.client_kill_filter(_type="pubsub")
        await asyncio.sleep(LONG_S)

    assert switch.is_pressed
    await until(listeners(there.redis, 2))


async def test_a_stop_that_nobody_was_told_of_is_found_by_looking(redis_url: str, redis: Redis) -> None:
    async with (
        replicas(redis_url, 1, look_every_s=0.05) as (here,),
        here.running.stoppable(HERE, ANNAS) as switch,
    ):
        await here.sees()
        await redis.hset(RECORD, "stopped", 1)
        await asyncio.sleep(LONG_S)

    assert switch.is_pressed


async def test_a_stop_between_a_crash_and_the_take_over_stops_the_second_attempt(two: list[Replica]) -> None:
    dying, there = two

    async def first_attempt() -> None:
        async with dying.running.stoppable(HERE, ANNAS):
            await asyncio.sleep(LONG_S)

    dead = asyncio.create_task(first_attempt())
    await there.sees()
    dead.cancel()
    await asyncio.wait({dead})
    assert await there.stop()
    assert 60 < await there.redis.ttl(RECORD) <= 600
    async with there.running.stoppable(HERE, ANNAS) as switch:
        await asyncio.sleep(LONG_S)

    assert switch.is_pressed


async def test_what_the_first_attempt_had_said_is_known_to_the_second(redis_url: str) -> None:
    async with replicas(redis_url, look_every_s=0.02) as (dying, there):

        async def first_attempt() -> None:
            async with dying.running.stoppable(HERE, ANNAS) as switch:
                switch.said = "Once upon"
                await asyncio.sleep(LONG_S)

        dead = asyncio.create_task(first_attempt())

        async def is_kept() -> bool:
            return await there.redis.hget(RECORD, "said") == "Once upon"

        await until(is_kept)
        dead.cancel()
        await asyncio.wait({dead})
        assert await there.stop()
        async with there.running.stoppable(HERE, ANNAS) as switch:
            await asyncio.sleep(LONG_S)

    assert (switch.is_pressed, switch.said) == (True, "Once upon")


async def test_a_stop_that_is_heard_at_the_very_beginning_finds_what_was_said(two: list[Replica]) -> None:
    here, there = two
    for field, value in {"asker": "1", "tag": "101", "said": "Once upon", "stopped": "1"}.items():
        await there.redis.hset(RECORD, field, value)

    async with here.running.stoppable(HERE, ANNAS) as switch:
        here.signals._heed("stop 1 101")
        await asyncio.sleep(LONG_S)

    assert (switch.is_pressed, switch.said) == (True, "Once upon")


async def test_a_stop_pressed_here_is_kept_until_the_answer_is_delivered(two: list[Replica]) -> None:
    here, there = two

    for replica in (here, there):
        async with replica.running.stoppable(HERE, ANNAS) as switch:
            if replica is here:
                await there.sees()
                assert await here.stop()
            await asyncio.sleep(LONG_S)
        assert switch.is_pressed
        await there.sees(None)

    assert not await there.stop()
    assert 60 < await there.redis.ttl(RECORD) <= 600


async def test_a_stop_is_no_matter_of_the_next_answer(two: list[Replica]) -> None:
    here, there = two
    async with here.running.stoppable(HERE, ANNAS):
        await there.sees()
        await there.stop()
        await asyncio.sleep(LONG_S)

    async with here.running.stoppable(HERE, Growing(1, 102)) as switch:
        await there.sees(Growing(1, 102))

    assert not switch.is_pressed


async def test_a_leftover_of_a_dead_process_is_soon_gone(two: list[Replica]) -> None:
    here, there = two

    async with here.running.stoppable(HERE, ANNAS):
        await there.sees()

        assert 0 < await there.redis.ttl(RECORD) <= 60


async def test_an_end_that_redis_did_not_hear_is_told_again(mortal_redis: RedisProcess) -> None:
    async with replicas(mortal_redis.url) as (here, there):
        async with here.running.stoppable(HERE, ANNAS):
            await there.sees()
            mortal_redis.kill()
        await asyncio.sleep(OUTAGE_S)
        mortal_redis.start()

        await there.sees(None)


async def test_an_end_is_not_undone_by_a_look_that_came_late(two: list[Replica]) -> None:
    here, there = two
    async with here.running.stoppable(HERE, ANNAS):
        await there.sees()
        (post,) = here.signals._posts.values()
    await there.sees(None)

    await here.signals._tell(post)

    await there.sees(None)


async def test_the_end_of_an_older_answer_leaves_the_newer_one_to_be_found(two: list[Replica]) -> None:
    here, there = two
    newer = Growing(2, 102)

    async with AsyncExitStack() as stack:
        async with here.running.stoppable(HERE, ANNAS):
            switch = await stack.enter_async_context(here.running.stoppable(HERE, newer))
            await there.sees(newer)
        await here.signals._look()
        assert await there.stop()
        await asyncio.sleep(LONG_S)

    assert switch.is_pressed


async def test_a_redis_that_is_full_stops_answers_too(mortal_redis: RedisProcess) -> None:
    async with replicas(mortal_redis.url) as (here, there):
        await there.redis.config_set("maxmemory", 1)

        async with here.running.stoppable(HERE, ANNAS) as switch:
            await there.sees()
            await here.signals._look()
            assert await there.stop()
            await asyncio.sleep(LONG_S)

    assert switch.is_pressed


async def test_without_redis_an_answer_can_be_stopped_in_its_process(mortal_redis: RedisProcess) -> None:
    async with replicas(mortal_redis.url) as (here, there):
        mortal_redis.kill()

        async with here.running.stoppable(HERE, ANNAS) as switch:
            assert await here.stop()
            await asyncio.sleep(LONG_S)
        assert switch.is_pressed
        with pytest.raises(StoreError):
            await there.stop()


async def test_an_answer_begun_without_redis_can_be_stopped_from_anywhere_when_it_is_back(
    mortal_redis: RedisProcess,
) -> None:
    async with replicas(mortal_redis.url) as (here, there):
        mortal_redis.kill()
        async with here.running.stoppable(HERE, ANNAS) as switch:
            await asyncio.sleep(1)
            mortal_redis.start()
            await there.sees()
            assert await there.stop()
            await asyncio.sleep(LONG_S)

    assert switch.is_pressed


def changed(text: str) -> Envelope:
    """Anna changes her question."""
    envelope = enveloped({"update_id": 2, "edited_message": a_message(text, edit_date=1_700_000_009)}, 42)
    assert envelope
    return envelope


def said(text: str, message_id: int = 10) -> Envelope:
    """Anna says something, with a minute between two messages."""
    message = a_message(text, message_id=message_id, date=1_700_000_000 + 60 * (message_id - 9))
    envelope = enveloped({"update_id": message_id, "message": message}, 42)
    assert envelope
    return envelope


@pytest.fixture
async def inbox(redis: Redis) -> RedisInbox:
    """An inbox in which Anna's question is being handled."""
    inbox = RedisInbox(redis, 42, consumer="a")
    await inbox.open()
    await inbox.put(said("why?", 9))
    await inbox.claim(inbox.ready, 1, wait_ms=1)
    return inbox


@pytest.mark.parametrize("is_early", [True, False], ids=["before it grows", "while it grows"])
async def test_an_answer_gives_way_to_the_changed_question(
    two: list[Replica], inbox: RedisInbox, *, is_early: bool
) -> None:
    here, there = two
    if is_early:
        await inbox.put(changed("who?"))

    async with here.running.stoppable(HERE, ANNAS, QUESTION) as switch:
        if not is_early:
            await there.sees()
            await inbox.put(changed("who?"))
        await asyncio.sleep(LONG_S)

    assert switch.is_pressed


@pytest.mark.parametrize("gives_way", [True, False])
async def test_an_answer_gives_way_to_a_newer_question_if_it_shall(
    two: list[Replica], inbox: RedisInbox, *, gives_way: bool
) -> None:
    here, there = two

    async with here.running.stoppable(HERE, ANNAS, QUESTION, gives_way=gives_way) as switch:
        await there.sees()
        await inbox.put(said("and?"))
        await asyncio.sleep(LONG_S if gives_way else 0.2)

    assert switch.is_pressed is gives_way


async def test_a_forward_that_comes_after_its_comment_does_not_replace_it(
    two: list[Replica], inbox: RedisInbox
) -> None:
    here, there = two
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "X"}
    forward = a_message("the moon is cheese", message_id=10, date=1_700_000_001, forward_origin=origin)
    envelope = enveloped({"update_id": 10, "message": forward}, 42)
    assert envelope

    async with here.running.stoppable(HERE, ANNAS, QUESTION, gives_way=True) as switch:
        await there.sees()
        await inbox.put(envelope)
        await here.signals._look()

    assert not switch.is_pressed


async def test_messages_that_are_answered_together_are_not_newer(redis: Redis, two: list[Replica]) -> None:
    inbox, here = RedisInbox(redis, 42, consumer="a"), two[0]
    await inbox.open()
    await inbox.put_all([said("why?", 9), said("and?", 10)])
    (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
    await inbox.take(claim, 2)

    async with here.running.stoppable(HERE, ANNAS, QUESTION, gives_way=True) as switch:
        await here.sees()

    assert not switch.is_pressed


@pytest.mark.parametrize("text", ["", "stop", "arrived 2 message 10 1", "arrived 1", "dance 1 now"])
async def test_what_is_none_of_its_business_changes_nothing(two: list[Replica], text: str) -> None:
    here, there = two

    async with here.running.stoppable(HERE, ANNAS, QUESTION, gives_way=True) as switch:
        await there.sees()
        await there.redis.publish(channel(42), text)
        await there.redis.publish(channel(42), json.dumps({}))
        assert await there.stop()
        await asyncio.sleep(LONG_S)

    assert switch.is_pressed


async def test_an_answer_that_cannot_be_looked_at_leaves_the_others_to_be_stopped(
    redis_url: str, redis: Redis
) -> None:
    await redis.rpush("{govorun:42}:waiting:7", "question", "no JSON")
    with capture_logs() as logs:
        async with (
            replicas(redis_url, 1, look_every_s=0.02) as (here,),
            here.running.stoppable(ConversationKey(42, 7), Growing(7, 1)),
            here.running.stoppable(HERE, ANNAS) as switch,
        ):
            await here.sees()
            await redis.hset(RECORD, "stopped", 1)
            await asyncio.sleep(LONG_S)

    assert switch.is_pressed
    assert [line["event"] for line in logs] == ["signals of other replicas may be missed"]


class HalfDeaf(Signals):
    """Breaks at everything it is told."""

    heard = 0

    def _heed(self, text: str) -> None:
        self.heard += 1
        raise ZeroDivisionError(text)


async def test_whatever_is_told_the_listening_goes_on_and_each_episode_is_logged_once(redis: Redis) -> None:
    clock = FakeClock()
    signals = HalfDeaf(redis, 42, ME, replica="one", clock=clock)

    async def is_heard(times: int) -> None:
        async def is_so() -> bool:
            await redis.publish(channel(42), "boo")
            return signals.heard >= times

        await until(is_so)

    with capture_logs() as logs:
        async with signals:
            await is_heard(2)
            clock.advance(61)
            await is_heard(4)

    assert [line["event"] for line in logs] == ["signals of other replicas may be missed"] * 2
