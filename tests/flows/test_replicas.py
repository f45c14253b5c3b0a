import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.presses import Act
from bot.settings import Role
from tests.tools.command import running
from tests.tools.house import ANNA, BORIS
from tests.tools.pressing import data_of
from tests.tools.redis_server import RedisProcess
from tests.tools.street import Street, a_street

STARTED_S = 120
"""Processes take their time to start while all of a machine's cores are busy."""
SEEN_S = 60
"""So does everything else; what is asserted is what happens, and not when."""


@pytest.fixture
async def street(redis_url: str) -> AsyncIterator[Street]:
    async with a_street(redis_url) as one:
        yield one
        assert (one.telegram.most_at_once, one.telegram.conflicts) == (1, 0)


async def someone_polls(street: Street, more_than: int = 0) -> None:
    await street.house.until(lambda: street.telegram.polls > more_than, SEEN_S)


async def pid_on_duty(redis: Redis) -> str:
    """Which process holds the lease: holders are named by host, process and chance."""
    return str(await redis.get("{govorun:42}:lease:ingress")).split("-")[-2]


@pytest.mark.parametrize("count", [2, 5])
async def test_one_replica_polls_and_when_it_stops_another_does(street: Street, count: int) -> None:
    async with AsyncExitStack() as replicas:
        stops = []
        for _ in range(count):
            polls = street.telegram.polls
            stops.append(await replicas.enter_async_context(street.replica()))
            if len(stops) == 1:
                await someone_polls(street, polls)
        for number, stop in enumerate(stops[:-1]):
            await street.house.asks(f"question {number}")
            polls = street.telegram.polls
            stop()
            await someone_polls(street, polls)
        await street.house.asks("the last one still answers")

    assert len(street.house.bodies()) == count


@pytest.mark.timeout(180)
async def test_another_replica_polls_when_the_poller_is_killed(street: Street, redis: Redis) -> None:
    async with running("run", env=street.env) as one, running("run", env=street.env) as other:
        processes = {str(process.pid): process for process in (one, other)}
        await street.house.until(lambda: street.house.world.calls_of("setMyCommands")[7:], STARTED_S)
        await someone_polls(street)
        holder = await pid_on_duty(redis)
        street.house.world.say(ANNA, ANNA, "before")
        await street.house.until(lambda: street.house.world.bot_messages(ANNA))

        polls = street.telegram.polls
        processes[holder].kill()
        street.house.world.say(BORIS, BORIS, "after")
        await someone_polls(street, polls)
        await street.house.until(lambda: street.house.world.bot_messages(BORIS), SEEN_S)

        assert await pid_on_duty(redis) in processes.keys() - {holder}


async def test_the_poller_rests_while_redis_is_away_and_goes_on_by_itself(mortal_redis: RedisProcess) -> None:
    async with a_street(mortal_redis.url) as street, street.replica(telegram={"lease_s": 1}):
        await street.house.asks("before")
        with capture_logs() as logs:
            mortal_redis.kill()
            await street.house.until(lambda: "the lease was lost" in [one["event"] for one in logs], SEEN_S)
        await asyncio.sleep(1)
        polls = street.telegram.polls
        street.house.world.say(ANNA, ANNA, "meanwhile")
        await asyncio.sleep(1)
        assert street.telegram.polls == polls

        mortal_redis.start()
        await street.house.until(lambda: len(street.house.notebook.traces) == 2, SEEN_S)

    assert (street.telegram.most_at_once, street.telegram.conflicts) == (1, 0)


async def test_one_process_may_take_updates_in_and_another_answer_them(street: Street) -> None:
    async with street.replica(Role.INGRESS, yandex={"folder_id": "", "api_key": None}):
        await someone_polls(street)
        street.house.world.say(ANNA, ANNA, "hello")
        await street.house.until(lambda: not len(street.house.world.state.updates))
        assert street.house.bodies() == []
        polls = street.telegram.polls

        async with street.replica(Role.WORKER):
            await street.house.until(lambda: street.house.notebook.traces)

        assert street.telegram.polls <= polls + 1


@pytest.mark.timeout(180)
async def test_roles_are_processes_too(street: Street) -> None:
    async with (
        running("run", "--role", "ingress", env=street.env),
        running("run", "--role", "worker", env=street.env),
    ):
        street.house.world.say(ANNA, ANNA, "hello")
        await street.house.until(lambda: street.house.world.bot_messages(ANNA), STARTED_S)


@pytest.mark.timeout(180)
async def test_a_replica_that_stood_still_says_nothing_more_of_what_another_one_has_answered(
    street: Street, redis: Redis
) -> None:
    world, until = street.house.world, street.house.until
    street.house.models.token_s = 0.02
    env = {**street.env, "WORKERS__LEASE_S": "2", "TELEGRAM__LEASE_S": "1"}
    async with (
        running("run", "--role", "ingress", env=env),
        running("run", "--role", "worker", env=env) as one,
        running("run", "--role", "worker", env=env) as other,
    ):
        await until(lambda: len(world.calls_of("getMe")) == 3, STARTED_S)
        world.say(ANNA, ANNA, "300 words")
        await until(lambda: world.calls_of("editMessageText"), SEEN_S)
        (holder,) = [
            consumer["name"]
            for consumer in await redis.xinfo_consumers("{govorun:42}:ready", "workers")
            if consumer["pending"]
        ]
        frozen = next(process for process in (one, other) if f"-{process.pid}-" in f"{holder}-")
        frozen.send_signal(signal.SIGSTOP)
        await until(lambda: data_of((world.bot_messages(ANNA) or [{}])[-1], Act.AGAIN), SEEN_S)
        answer, calls = world.text_of_last_bot_message(ANNA), len(world.calls_of("editMessageText"))

        frozen.send_signal(signal.SIGCONT)
        await asyncio.sleep(4)

        assert len(world.bot_messages(ANNA)) == 1
        assert world.text_of_last_bot_message(ANNA) == answer
        assert len(answer.split()) >= 300
        assert len(world.calls_of("editMessageText")) == calls
