"""What it costs that no update is lost, and whether anything of it stays behind in Redis.

Inbox and worker run here, as in the bot, over a Redis that writes to disk; the handler does nothing. The ideal
is a function call.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from bot import settings
from bot.app.redis import open_redis
from bot.updates.inbox import RedisInbox
from bot.updates.lanes import Envelope, enveloped
from bot.updates.worker import Job, Terms, Worker
from tests.bench.stage import until
from tests.bench.table import Row

_BOT = 42
_CHATS = 200
_ONE_BY_ONE = 2_000
_PAUSE_S = 0.004
"""Between two updates when their way is timed: Redis and the worker are not hurried."""
_MANY = 100_000
_WARM_UP = 20_000
"""After so many, what is remembered to tell repetitions has its full size."""
_BATCH = 1_000
"""Delivered at one go when there are many."""


async def rows() -> list[Row]:
    """Time updates one by one, then send a great many."""
    async with _stage() as stage:
        await stage.send(_updates(0, _CHATS))
        cpu_s, delays_s = time.process_time(), await stage.timed(_updates(_CHATS, _ONE_BY_ONE))
        cpu_s = time.process_time() - cpu_s - await _bare_s(_updates(_CHATS, _ONE_BY_ONE))
        quantiles = statistics.quantiles(delays_s, n=100)
        await stage.flood(_WARM_UP)
        before = await stage.footprint()
        began_at = time.perf_counter()
        await stage.flood(_MANY)
        took_s = time.perf_counter() - began_at
        after = await stage.footprint()
        return [
            Row("from delivery to the handler, half of the updates", quantiles[49] * 1e3, 0, "ms", "<= 5"),
            Row("  99 of 100", quantiles[98] * 1e3, unit="ms"),
            Row("  CPU added to an update, there and back", cpu_s / _ONE_BY_ONE * 1e3, 0, "ms", "<= 2"),
            Row("100,000 updates: how many a second", _MANY / took_s),
            Row("  keys in Redis afterwards", after["keys"], before["keys"], promise="the same"),
            Row("  its memory afterwards", after["mib"], before["mib"], "MiB", "the same"),
        ]


async def _bare_s(updates: Sequence[dict[str, Any]]) -> float:
    """Return the processor time of the same without an inbox: at the same pace, to the same handler."""
    began_s = time.process_time()
    for update in updates:
        json.loads(_in_envelope(update).update)
        await asyncio.sleep(_PAUSE_S)
    return time.process_time() - began_s


class _Stage:
    def __init__(self, redis: Redis, inbox: RedisInbox) -> None:
        self._redis = redis
        self._inbox = inbox
        self._sent = 0
        self.begun_at: dict[int, float] = {}
        self.handled = 0

    async def handle(self, updates: Sequence[str]) -> None:
        """Do nothing but take note."""
        self.begun_at[json.loads(updates[0])["update_id"]] = time.perf_counter()
        self.handled += 1

    async def send(self, updates: Sequence[dict[str, Any]]) -> None:
        """Deliver what came together, and wait until it is done."""
        self._sent += len(updates)
        await self._inbox.put_all([_in_envelope(update) for update in updates])
        await until(lambda: self.handled == self._sent)

    async def timed(self, updates: Sequence[dict[str, Any]]) -> list[float]:
        """Deliver one by one; return how long each took from its delivery to its handler, in seconds."""
        self._sent += len(updates)
        sent_at = {}
        for update in updates:
            sent_at[update["update_id"]] = time.perf_counter()
            await self._inbox.put_all([_in_envelope(update)])
            await asyncio.sleep(_PAUSE_S)
        await until(lambda: self.handled == self._sent)
        return [self.begun_at[update_id] - at for update_id, at in sent_at.items()]

    async def flood(self, count: int) -> None:
        """Deliver so many as fast as they are worked off."""
        for first in range(self._sent, self._sent + count, _BATCH):
            await self.send(_updates(first, _BATCH))
            self.begun_at.clear()

    async def footprint(self) -> dict[str, float]:
        """Return what Redis holds."""
        await asyncio.sleep(1)
        memory: dict[str, Any] = await self._redis.info("memory")
        return {"keys": float(await self._redis.dbsize()), "mib": memory["used_memory_dataset"] / 2**20}


@asynccontextmanager
async def _stage() -> AsyncIterator[_Stage]:
    with tempfile.TemporaryDirectory() as folder:
        async with open_redis(settings.Redis(dir=Path(folder))) as redis:
            inbox = RedisInbox(redis, _BOT, consumer="bench")
            await inbox.open()
            stage = _Stage(redis, inbox)
            worker = Worker(inbox, Job(stage.handle, stage.handle), Terms())
            working = asyncio.create_task(worker.run())
            try:
                yield stage
            finally:
                worker.stop()
                await working


def _updates(first: int, count: int) -> list[dict[str, Any]]:
    return [_update(number) for number in range(first, first + count)]


def _update(number: int) -> dict[str, Any]:
    person = {"id": number % _CHATS + 1, "is_bot": False, "first_name": "N", "language_code": "en"}
    chat = {"id": person["id"], "type": "private", "first_name": "N"}
    text = "How far is it to the Moon, and how long would I have to walk?"
    message = {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": person, "text": text}
    return {"update_id": number, "message": message}


def _in_envelope(update: dict[str, Any]) -> Envelope:
    envelope = enveloped(update, _BOT)
    assert envelope is not None
    return envelope
