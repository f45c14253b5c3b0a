"""Whether a turn costs more when the store is full: ten thousand dialogues, a million turns."""

import statistics
import tempfile
import time
from pathlib import Path

from redis.asyncio import Redis

from bot import settings
from bot.app.redis import open_redis
from bot.history import RedisExchanges, RedisHistory
from bot.types import ConversationKey, DialogueKey, Exchange, Person, Turn, Window
from tests.bench.table import Row

_BOT = 42
_DIALOGUES, _TURNS = 10_000, 100
_MEASURED = 300
_WINDOW = Window(max_tokens=4000)
_ANNA = Person(1, "Anna", "en")
_TEXT = "How far is it to the Moon, and how long would I have to walk?"


async def rows() -> list[Row]:
    """Play turns on an empty store and on a full one."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_redis(settings.Redis(dir=Path(folder))) as redis:
            desk = _Desk(redis)
            await desk.turns_ms(1)
            empty_ms = await desk.turns_ms(2)
            await desk.fill()
            full_ms = await desk.turns_ms(3)
            keys = float(await redis.dbsize())
            return [
                Row(
                    "what a turn asks of a store with 1,000,000 turns", full_ms, empty_ms, "ms", "that of none"
                ),
                Row("  keys in it", keys),
            ]


class _Desk:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._history = RedisHistory(redis, 90, 500)
        self._exchanges = RedisExchanges(redis, 90)

    async def turns_ms(self, chat_id: int) -> float:
        """Return the median of what one turn in a dialogue of a hundred costs."""
        dialogue = DialogueKey(ConversationKey(_BOT, chat_id), "assistant")
        for number in range(_TURNS):
            await self._turn(dialogue, number)
        spent_ms = []
        for number in range(_TURNS, _TURNS + _MEASURED):
            began_at = time.perf_counter()
            await self._turn(dialogue, number)
            spent_ms.append((time.perf_counter() - began_at) * 1000)
        return statistics.median(spent_ms)

    async def _turn(self, dialogue: DialogueKey, number: int) -> None:
        now = 1_700_000_000.0 + number
        await self._history.load(dialogue, _WINDOW, now=now)
        await self._history.append(dialogue, Turn(_TEXT, _TEXT * 4, now, 80), turn_id=f"{number}:1")
        exchange = Exchange(str(number), dialogue.prompt, _TEXT, number, _ANNA, (number,), _TEXT * 4)
        await self._exchanges.keep(dialogue.conversation, exchange)

    async def fill(self) -> None:
        """Let Redis copy what one chat of a hundred turns left to ten thousand others."""
        chat_id = 7_000_000
        dialogue = DialogueKey(ConversationKey(_BOT, chat_id), "assistant")
        for number in range(_TURNS):
            await self._turn(dialogue, number)
        left = [key async for key in self._redis.scan_iter(match=f"*{chat_id}*")]
        for copy in range(chat_id + 1, chat_id + _DIALOGUES):
            async with self._redis.pipeline(transaction=False) as pipe:
                for key in left:
                    _ = pipe.copy(key, str(key).replace(str(chat_id), str(copy)))
                await pipe.execute()
