"""Whether the quotas of the service are kept without anybody being refused, and how near to them the bot works.

The bot, Telegram and the service run in one process here: what is measured is waiting, not work.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from bot.backends.seats import Seats
from bot.backends.ticket import Ticket
from bot.embedded import EmbeddedRedis
from bot.sandbox.models.rules import DOCUMENTED_RATES, Rules
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.telegram.world import Account, Chat
from tests.bench.table import Row
from tests.tools.house import ANNA, KEY, House, open_house
from tests.tools.street import a_street

_PEOPLE, _PLACES = range(101, 131), 10
_TEXTS, _HAND_OVERS = 50, 20
_FIRST_TOKEN_S, _TOKEN_S = 0.3, 0.02


async def rows() -> list[Row]:
    """Let thirty people ask one copy of the bot, then two, and one person have fifty texts classified."""
    return [*await _line(1), *await _line(2), *await _classes()]


async def _line(copies: int) -> list[Row]:
    twin = _twin()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = await stack.enter_async_context(EmbeddedRedis(folder))
        street = await stack.enter_async_context(a_street(redis.url, twin))
        for user_id in _PEOPLE:
            street.house.world.add_person(Account(user_id, f"N{user_id}", "en"))
            street.house.world.add_chat(Chat(user_id, "private", title=f"N{user_id}", members={user_id}))
        for _ in range(copies):
            await stack.enter_async_context(street.replica())
        await street.house.until(lambda: street.telegram.polls)
        one_s = await _asked(street.house, [ANNA])
        all_s = await _asked(street.house, _PEOPLE)
        rounds = len(_PEOPLE) / _PLACES
        return [
            Row(f"30 people, 10 places, copies: {copies}; all done", all_s, rounds * one_s, "s", "<= 1.2x"),
            Row("  most answers open at once", twin.most_open_requests, _PLACES, promise="never more"),
            Row("  refusals by the service", twin.refused_by_quota.total(), promise="none"),
            *(await _handed_over(redis.url) if copies > 1 else ()),
        ]


async def _asked(house: House, people: Any) -> float:
    """Let people ask at once, and return how long it takes until the last answer is there."""
    before, began_at = len(house.notebook.traces), asyncio.get_running_loop().time()
    for user_id in people:
        house.world.say(user_id, user_id, "200 words")
    await house.until(lambda: len(house.notebook.traces) == before + len(people), 120)
    return asyncio.get_running_loop().time() - began_at


async def _handed_over(url: str) -> list[Row]:
    """Let two copies hand one seat over, among themselves and to each other."""
    async with (
        Redis.from_url(url, decode_responses=True) as redis,
        Seats(redis, 1, 1) as one,
        Seats(redis, 1, 1) as other,
    ):
        here_ms = [await _hand_over_ms(one, one) for _ in range(_HAND_OVERS)]
        there_ms = [await _hand_over_ms(one, other) for _ in range(_HAND_OVERS)]
        return [
            Row("  a seat handed over in one copy (median)", statistics.median(here_ms), unit="ms"),
            Row("  to another copy (median)", statistics.median(there_ms), unit="ms"),
            Row("  at most", max(there_ms), unit="ms", promise="~ 100"),
        ]


async def _hand_over_ms(giver: Seats, taker: Seats) -> float:
    """Return how long a seat is nobody's between two questions."""
    holder = giver.ask(1)
    await _seated(holder)
    waiter = taker.ask(2)
    await asyncio.sleep(0.25)
    began_s = time.perf_counter()
    giver.leave(holder)
    await _seated(waiter)
    took_s = time.perf_counter() - began_s
    taker.leave(waiter)
    return took_s * 1000


async def _seated(ticket: Ticket) -> None:
    """Wait for the seat."""
    while not await ticket.seated():
        pass


async def _classes() -> list[Row]:
    twin = _twin(rules=Rules(rates=DOCUMENTED_RATES))
    async with _house(twin) as house:
        began_at = asyncio.get_running_loop().time()
        house.world.say(ANNA, ANNA, "/classify " + "\n".join(f"text {number}" for number in range(_TEXTS)))
        await house.until(lambda: "document" in str(house.world.bot_messages(ANNA)[-1:]), 120)
        took_s = asyncio.get_running_loop().time() - began_at
        return [
            Row("50 texts, one classification a second", took_s, float(_TEXTS), "s", "50 to 55 s"),
            Row("  refusals by the service", twin.refused_by_quota.total(), promise="none"),
        ]


def _twin(**more: Any) -> ModelsTwin:
    return ModelsTwin(api_key=KEY, folder_id="folder", first_token_s=_FIRST_TOKEN_S, token_s=_TOKEN_S, **more)


@asynccontextmanager
async def _house(twin: ModelsTwin) -> AsyncIterator[House]:
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedRedis(Path(folder)) as redis, open_house(redis.url, models=twin) as house:
            yield house
