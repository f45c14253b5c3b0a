"""Whether the quotas of the service are kept without anybody being refused, and how near to them the bot works.

The bot, Telegram and the service run in one process here: what is measured is waiting, not work.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.embedded import EmbeddedRedis
from bot.sandbox.models.rules import DOCUMENTED_RATES, Rules
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.telegram.world import Account, Chat
from tests.bench.table import Row
from tests.tools.house import ANNA, KEY, House, open_house

_PEOPLE, _PLACES = range(101, 131), 10
_TEXTS = 50
_FIRST_TOKEN_S, _TOKEN_S = 0.3, 0.02


async def rows() -> list[Row]:
    """Let thirty people ask at once, and one have fifty texts classified."""
    return [*await _line(), *await _classes()]


async def _line() -> list[Row]:
    twin = _twin()
    async with _house(twin) as house:
        for user_id in _PEOPLE:
            house.world.add_person(Account(user_id, f"N{user_id}", "en"))
            house.world.add_chat(Chat(user_id, "private", title=f"N{user_id}", members={user_id}))
        one_s = await _asked(house, [ANNA])
        all_s = await _asked(house, _PEOPLE)
        rounds = len(_PEOPLE) / _PLACES
        return [
            Row("30 people, 10 places: all done", all_s, rounds * one_s, "s", "<= 1.2x"),
            Row("  most answers open at once", twin.most_open_requests, _PLACES, promise="never more"),
            Row("  refusals by the service", twin.refused_by_quota.total(), promise="none"),
        ]


async def _asked(house: House, people: Any) -> float:
    """Let people ask at once, and return how long it takes until the last answer is there."""
    before, began_at = len(house.notebook.traces), asyncio.get_running_loop().time()
    for user_id in people:
        house.world.say(user_id, user_id, "200 words")
    await house.until(lambda: len(house.notebook.traces) == before + len(people), 120)
    return asyncio.get_running_loop().time() - began_at


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
