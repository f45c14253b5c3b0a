from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.errors import StoreError
from bot.history.entry import dump_turn
from bot.history.keys import ChatKeys, member
from bot.history.store import RedisHistory
from bot.types import ConversationKey, DialogueKey, Turn, Window
from tests.tools.redis_server import RedisProcess

NOW = 1_700_000_000.0
HOME = DialogueKey(ConversationKey(1, 42), "assistant")
CHAT = ChatKeys.of(HOME.conversation)
KEY = CHAT.turns(member(HOME))
ALL = Window(1_000_000)


def turn(number: int) -> Turn:
    return Turn(f"question {number}", "answer", NOW, 10)


@pytest.fixture
def history(redis: Redis) -> RedisHistory:
    return RedisHistory(redis, retention_days=2, max_turns=5)


async def fill(redis: Redis, turns: int) -> None:
    await redis.rpush(KEY, *(dump_turn(turn(number), str(number)) for number in range(turns)))


async def cost_of_loading(redis: Redis, history: RedisHistory) -> tuple[int, int]:
    """Commands and bytes that the server sees and sends for one load."""
    await redis.config_resetstat()
    await history.load(HOME, Window(1000), now=NOW)
    commands: dict[str, Any] = await redis.info("commandstats")
    traffic: dict[str, Any] = await redis.info("stats")
    return int(commands["cmdstat_lrange"]["calls"]), int(traffic["total_net_output_bytes"])


async def test_loading_costs_the_same_however_long_the_dialogue_is(redis: Redis, history: RedisHistory) -> None:
    await fill(redis, 150)
    short_commands, short_bytes = await cost_of_loading(redis, history)
    await fill(redis, 10_000)

    long_commands, long_bytes = await cost_of_loading(redis, history)

    assert long_commands == short_commands <= 3
    assert long_bytes < short_bytes * 1.3


async def test_only_the_newest_turns_are_kept(redis: Redis, history: RedisHistory) -> None:
    for number in range(8):
        await history.append(HOME, turn(number), turn_id=str(number))

    assert await history.load(HOME, ALL, now=NOW) == tuple(map(turn, range(3, 8)))
    assert await redis.llen(KEY) == 5


async def test_a_dialogue_is_deleted_days_after_its_newest_turn(redis: Redis, history: RedisHistory) -> None:
    await history.append(HOME, turn(1), turn_id="1")
    await redis.expire(KEY, 60)
    await redis.expire(CHAT.dialogues, 60)

    await history.append(HOME, turn(2), turn_id="2")

    assert 172_790 < await redis.ttl(KEY) <= 172_800
    assert 172_790 < await redis.ttl(CHAT.dialogues) <= 172_800


async def test_a_corrupt_turn_is_skipped_and_told(redis: Redis, history: RedisHistory) -> None:
    await history.append(HOME, turn(1), turn_id="1")
    await redis.rpush(KEY, b"\xff{")
    await history.append(HOME, turn(2), turn_id="2")

    with capture_logs() as told:
        shown = await history.load(HOME, ALL, now=NOW)

    assert shown == (turn(1), turn(2))
    assert [line["event"] for line in told] == ["corrupt turn skipped"]


async def test_undo_takes_corrupt_turns_away_as_well(redis: Redis, history: RedisHistory) -> None:
    await history.append(HOME, turn(1), turn_id="1")
    await redis.rpush(KEY, "not JSON")

    taken = await history.undo(HOME)

    assert taken == turn(1)
    assert not await redis.exists(KEY)


async def test_forgetting_leaves_nothing_behind(redis: Redis, history: RedisHistory) -> None:
    await history.append(HOME, turn(1), turn_id="1")

    await history.forget(HOME)

    assert await redis.keys() == []


async def test_it_works_with_a_client_that_does_not_decode(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        history = RedisHistory(redis, 1, 5)
        await history.append(HOME, turn(1), turn_id="1")

        shown = await history.load(HOME, ALL, now=NOW)

    assert shown == (turn(1),)


async def test_redis_away_is_a_store_error(mortal_redis: RedisProcess) -> None:
    async with Redis.from_url(mortal_redis.url, retry=None) as redis:
        history = RedisHistory(redis, 1, 5)
        mortal_redis.kill()

        for doing in (
            history.load(HOME, ALL, now=NOW),
            history.append(HOME, turn(1), turn_id="1"),
            history.undo(HOME),
            history.forget(HOME),
            history.migrate(1, 42, 43),
        ):
            with pytest.raises(StoreError):
                await doing


async def test_a_full_redis_takes_what_was_answered_so_that_the_inbox_is_worked_off(
    mortal_redis: RedisProcess,
) -> None:
    async with Redis.from_url(mortal_redis.url) as redis:
        history = RedisHistory(redis, 1, 5)
        await redis.config_set("maxmemory", 1)

        await history.append(HOME, turn(1), turn_id="1")
        await history.append(HOME, turn(2), turn_id="2")

        assert await history.load(HOME, ALL, now=NOW) == (turn(1), turn(2))
