import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from redis.asyncio import Redis

from bot.errors import StoreError
from bot.types import ConversationKey, Happening
from bot.updates.inbox import RedisInbox
from bot.updates.lanes import Envelope
from bot.updates.worker import Job, Terms, Worker
from tests.tools.metering import Clicker

BOT = 42
QUICK = Terms(concurrency=8, lease_s=0.3, attempts=2, stop_timeout_s=0.05, pause_s=0.01, wait_ms=20)

Handle = Callable[[Sequence[str]], Awaitable[None]]


async def nothing(_updates: Sequence[str]) -> None:
    """Handle and be content."""


async def poison(_updates: Sequence[str]) -> None:
    raise ValueError("poison")


async def for_ever(_updates: Sequence[str]) -> None:
    await asyncio.Event().wait()


@pytest.fixture
async def inbox(redis: Redis) -> RedisInbox:
    box = RedisInbox(redis, BOT, consumer="one")
    await box.open()
    await box.put(Envelope("a", ConversationKey(BOT, 1), '{"update_id":5}'))
    return box


async def counted(inbox: RedisInbox, handle: Handle, until: Happening) -> Clicker:
    """Work until something was counted, and stop."""
    clicker = Clicker()
    worker = Worker(inbox, Job(handle, nothing), QUICK, meter=clicker)
    working = asyncio.create_task(worker.run())
    async with asyncio.timeout(40):
        while not clicker.counts[until]:  # noqa: ASYNC110 - the worker is watched from outside
            await asyncio.sleep(0.005)
    worker.stop()
    await working
    return clicker


async def test_what_is_handled_is_done(inbox: RedisInbox) -> None:
    clicker = await counted(inbox, nothing, Happening.DONE)

    assert clicker.counts == {Happening.DONE: 1}


async def test_what_cannot_be_handled_is_dead(inbox: RedisInbox) -> None:
    clicker = await counted(inbox, poison, Happening.DEAD)

    assert clicker.counts == {Happening.DEAD: 1}


async def test_what_redis_interrupts_is_handed_back_and_done_later(inbox: RedisInbox) -> None:
    begun = []

    async def stumble(updates: Sequence[str]) -> None:
        begun.append(updates)
        if len(begun) == 1:
            raise StoreError("a blink")

    clicker = await counted(inbox, stumble, Happening.DONE)

    assert clicker.counts == {Happening.HANDED_BACK: 1, Happening.DONE: 1}


async def test_what_is_taken_from_a_dead_worker_is_taken_over(inbox: RedisInbox, redis: Redis) -> None:
    await inbox.claim(inbox.ready, 1, wait_ms=1)

    clicker = await counted(RedisInbox(redis, BOT, consumer="two"), nothing, Happening.DONE)

    assert clicker.counts == {Happening.TAKEN_OVER: 1, Happening.DONE: 1}


async def test_what_a_stop_breaks_off_is_handed_back(inbox: RedisInbox) -> None:
    clicker = Clicker()
    worker = Worker(inbox, Job(for_ever, nothing), QUICK, meter=clicker)
    working = asyncio.create_task(worker.run())
    while not worker.running:  # noqa: ASYNC110 - the worker is watched from outside
        await asyncio.sleep(0.005)

    worker.stop()
    await working

    assert clicker.counts == {Happening.HANDED_BACK: 1}
