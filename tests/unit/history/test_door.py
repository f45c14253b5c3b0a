from typing import Any

import pytest
from redis.asyncio import Redis

from bot.errors import StoreError
from bot.history import keys
from bot.history.door import Admissions
from tests.tools.redis_server import RedisProcess

SOMEBODY, GROUP = 42, -100


@pytest.fixture
def door(redis: Redis) -> Admissions:
    return Admissions(redis, bot_id=1)


async def test_the_door_is_closed_until_it_is_opened(door: Admissions) -> None:
    assert not await door.is_admitted(SOMEBODY, SOMEBODY)


async def test_an_admitted_person_may_come_in_anywhere(door: Admissions) -> None:
    await door.admit_user(SOMEBODY)

    assert await door.is_admitted(SOMEBODY, SOMEBODY)
    assert await door.is_admitted(SOMEBODY, GROUP)


async def test_an_admitted_chat_lets_everybody_in_there_and_nowhere_else(door: Admissions) -> None:
    await door.admit_chat(GROUP)

    assert await door.is_admitted(SOMEBODY, GROUP)
    assert not await door.is_admitted(SOMEBODY, SOMEBODY)


async def test_a_refused_person_is_not_answered_in_an_admitted_chat(door: Admissions) -> None:
    await door.admit_chat(GROUP)
    await door.refuse(SOMEBODY)

    assert not await door.is_admitted(SOMEBODY, GROUP)


async def test_an_admitted_person_is_answered_in_a_refused_chat(door: Admissions) -> None:
    await door.refuse(GROUP)
    await door.admit_user(SOMEBODY)

    assert await door.is_admitted(SOMEBODY, GROUP)


async def test_the_last_decision_counts(door: Admissions) -> None:
    await door.admit_user(SOMEBODY)
    await door.refuse(SOMEBODY)

    assert not await door.is_admitted(SOMEBODY, SOMEBODY)


async def test_decisions_last_for_ever(redis: Redis, door: Admissions) -> None:
    await door.admit_user(SOMEBODY)

    assert await redis.ttl(keys.door(1)) == -1


async def test_decisions_are_for_one_bot(redis: Redis, door: Admissions) -> None:
    await door.admit_user(SOMEBODY)

    assert not await Admissions(redis, bot_id=2).is_admitted(SOMEBODY, SOMEBODY)


async def test_looking_at_the_door_is_one_round_trip(redis: Redis, door: Admissions) -> None:
    await redis.config_resetstat()

    await door.is_admitted(SOMEBODY, GROUP)

    seen: dict[str, Any] = await redis.info("commandstats")
    assert sum(stat["calls"] for name, stat in seen.items() if "config" not in name) == 1


async def test_a_knock_is_heard_once(door: Admissions) -> None:
    heard = [await door.first_knock(SOMEBODY, within_s=60) for _ in range(3)]

    assert heard == [True, False, False]


async def test_a_knock_is_heard_again_after_a_while(redis: Redis, door: Admissions) -> None:
    await door.first_knock(SOMEBODY, within_s=60)
    assert 59_000 < await redis.pttl(keys.knock(1, SOMEBODY)) <= 60_000
    await redis.delete(keys.knock(1, SOMEBODY))

    assert await door.first_knock(SOMEBODY, within_s=60)


async def test_everybody_has_a_knock_of_their_own(door: Admissions) -> None:
    await door.first_knock(SOMEBODY, within_s=60)

    assert await door.first_knock(GROUP, within_s=60)


async def test_the_owners_are_not_asked_about_the_refused(door: Admissions) -> None:
    await door.refuse(SOMEBODY)

    assert not await door.first_knock(SOMEBODY, within_s=60)


async def test_the_door_stays_closed_while_redis_is_away(mortal_redis: RedisProcess) -> None:
    async with Redis.from_url(mortal_redis.url, retry=None) as redis:
        door = Admissions(redis, 1)
        await door.admit_user(SOMEBODY)
        mortal_redis.kill()

        for doing in (
            door.is_admitted(SOMEBODY, SOMEBODY),
            door.first_knock(SOMEBODY, 60),
            door.admit_chat(GROUP),
        ):
            with pytest.raises(StoreError):
                await doing
