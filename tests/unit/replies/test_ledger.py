import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisAway

from bot.replies import ledger
from bot.replies.ledger import MOST_KEPT, Ledger
from tests.tools.reply_stage import AwayRedis


class Blinking(Redis):
    """A Redis that is away as long as it is told to."""

    is_away = False

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        if self.is_away:
            raise RedisAway("away")
        return await super().execute_command(*words, **options)  # type: ignore[no-untyped-call]


async def test_what_one_replica_sent_another_one_knows(redis: Redis) -> None:
    await Ledger(redis, 42).note(7, 100)
    await Ledger(redis, 42).note(7, 102)

    assert await Ledger(redis, 42).known(7) == frozenset({100, 102})


async def test_chats_and_bots_have_ledgers_of_their_own(redis: Redis) -> None:
    await Ledger(redis, 42).note(7, 100)

    assert await Ledger(redis, 42).known(8) == frozenset()
    assert await Ledger(redis, 43).known(7) == frozenset()


async def test_the_newest_of_all_private_chats_is_known_to_every_replica(redis: Redis) -> None:
    await Ledger(redis, 42).note(7, 100, is_private=True)
    await Ledger(redis, 42).note(8, 99, is_private=True)
    await Ledger(redis, 42).note(-9, 500)

    assert await Ledger(redis, 42).newest_of_all() == 100
    assert await Ledger(redis, 43).newest_of_all() == 0


async def test_what_people_write_counts_too(redis: Redis) -> None:
    mine = Ledger(redis, 42)
    mine.hear(120)
    await mine.note(7, 100, is_private=True)

    assert await Ledger(redis, 42).newest_of_all() == 120


async def test_what_stands_in_private_chats_is_known_to_every_replica(redis: Redis) -> None:
    mine = Ledger(redis, 42)
    mine.meet([98, 99])
    await mine.note(7, 100, is_private=True)
    await mine.note(-9, 101)
    await Ledger(redis, 42).note(8, 102, is_private=True)

    assert await Ledger(redis, 42).row(98, None) == {99, 100, 102}
    assert await Ledger(redis, 42).row(98, 102) == {99, 100}
    assert await Ledger(redis, 43).row(0, None) == frozenset()


async def test_of_the_row_only_the_newest_are_kept(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_ROW_KEPT", 5)
    mine = Ledger(redis, 42)
    for message_id in range(1, 21):
        await mine.note(message_id, message_id, is_private=True)

    assert await mine.row(0, None) == {16, 17, 18, 19, 20}


async def test_people_who_write_while_redis_is_away_are_remembered(redis: Redis) -> None:
    blinking = Blinking(connection_pool=redis.connection_pool)
    mine = Ledger(blinking, 42)
    mine.meet([99])
    blinking.is_away = True
    await mine.note(7, 100, is_private=True)
    assert await mine.row(0, None) == frozenset()
    blinking.is_away = False

    await mine.note(7, 101, is_private=True)

    assert await Ledger(redis, 42).row(0, None) >= {99, 101}


async def test_where_each_chat_counts_for_itself_there_is_no_row(redis: Redis) -> None:
    mine, other = Ledger(redis, 42), Ledger(redis, 42)
    await other.note(7, 100, is_private=True)
    assert await mine.newest_of_all() == 100

    mine.compare(3, above=100)
    assert mine.newest_private_id == 0
    await mine.note(8, 3, is_private=True)
    await other.note(7, 101, is_private=True)

    for one in (mine, other, Ledger(redis, 42)):
        assert await one.newest_of_all() == 0
        assert one.newest_private_id == 0
        assert await one.row(0, None) == frozenset()
    assert await mine.known(8) == frozenset({3})


async def test_that_there_is_no_row_is_doubted_a_day_later(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "_NO_ROW_S", 1)
    mine = Ledger(redis, 42)
    mine.compare(3, above=100)
    await mine.note(8, 3, is_private=True)
    assert await mine.newest_of_all() == 0
    await asyncio.sleep(1.1)

    assert await mine.newest_of_all() == 3


async def test_while_redis_is_away_the_newest_is_what_this_replica_has_sent() -> None:
    mine = Ledger(AwayRedis(), 42)
    await mine.note(7, 100, is_private=True)

    assert await mine.newest_of_all() == 100


async def test_nobody_looks_while_redis_is_away() -> None:
    assert await Ledger(AwayRedis(), 42).known(7) is None


async def test_what_could_not_be_written_down_is_known_all_the_same(redis: Redis) -> None:
    blinking = Blinking(connection_pool=redis.connection_pool)
    mine = Ledger(blinking, 42)
    blinking.is_away = True
    await mine.note(7, 100)
    blinking.is_away = False

    assert await mine.known(7) == frozenset({100})


async def test_what_could_not_be_written_down_is_written_with_the_next(redis: Redis) -> None:
    blinking = Blinking(connection_pool=redis.connection_pool)
    mine = Ledger(blinking, 42)
    blinking.is_away = True
    await mine.note(7, 100)
    blinking.is_away = False

    await mine.note(7, 101)

    assert await Ledger(redis, 42).known(7) == frozenset({100, 101})


async def test_only_the_newest_are_kept(redis: Redis) -> None:
    mine = Ledger(redis, 42)
    for message_id in range(1, MOST_KEPT + 11):
        await mine.note(7, message_id)

    assert await mine.known(7) == frozenset(range(11, MOST_KEPT + 11))


async def test_a_redis_that_hangs_keeps_nobody_waiting(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_PATIENCE_S", 0.05)
    mine = Ledger(redis, 42)
    await redis.client_pause(1000)

    await mine.note(7, 100)

    assert await mine.known(7) is None
    await redis.client_unpause()
