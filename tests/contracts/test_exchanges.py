"""The port `Exchanges`: one suite for all its adapters. A new adapter is one more line in `ADAPTERS`."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.history.exchanges import RedisExchanges
from bot.ports import Exchanges
from bot.types import ConversationKey, Exchange, Part, Person

HERE = ConversationKey(1, 42)
ELSEWHERE = [
    ConversationKey(1, 43),
    ConversationKey(2, 42),
    ConversationKey(1, 42, 7),
    ConversationKey(1, 4, 2),
]
ANNA = Person(5, "Анна", "ru")
FAILED = Exchange("1", "assistant", "why?", 9, ANNA, (), "")

ADAPTERS: dict[str, Callable[[Redis], Exchanges]] = {
    "redis": lambda redis: RedisExchanges(redis, retention_days=90),
}

TEXTS = st.text(max_size=50)  # st.text() has no surrogates
EXCHANGES = st.builds(
    Exchange,
    turn_id=TEXTS,
    prompt=TEXTS,
    question=TEXTS,
    question_id=st.none() | st.integers(1, 2**31),
    asker=st.builds(Person, st.integers(-(2**52), 2**52), TEXTS, st.sampled_from(["ru", "en"])),
    message_ids=st.lists(st.integers(1, 2**31), max_size=5).map(tuple),
    answer=TEXTS,
    is_truncated=st.booleans(),
    quote=TEXTS,
    is_continuation=st.booleans(),
    remembered_id=TEXTS,
    asked_at=st.floats(0, 2**40),
    parts=st.lists(st.builds(Part, st.integers(1, 2**31), TEXTS, TEXTS, TEXTS), max_size=3).map(tuple),
)


@pytest.fixture(params=ADAPTERS)
def exchanges(request: pytest.FixtureRequest, redis: Redis) -> Exchanges:
    return ADAPTERS[request.param](redis)


async def test_where_nothing_was_asked_there_is_none(exchanges: Exchanges) -> None:
    assert await exchanges.newest(HERE) is None


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EXCHANGES)
async def test_an_exchange_comes_back_as_it_went(exchanges: Exchanges, exchange: Exchange) -> None:
    await exchanges.keep(HERE, exchange)

    assert await exchanges.newest(HERE) == exchange


async def test_only_the_newest_is_known(exchanges: Exchanges) -> None:
    await exchanges.keep(HERE, FAILED)

    await exchanges.keep(HERE, replace(FAILED, turn_id="2"))

    assert await exchanges.newest(HERE) == replace(FAILED, turn_id="2")


async def test_conversations_do_not_leak_into_each_other(exchanges: Exchanges) -> None:
    places = [HERE, *ELSEWHERE]
    for number, place in enumerate(places):
        await exchanges.keep(place, replace(FAILED, turn_id=str(number)))

    await exchanges.drop(HERE)

    known = [await exchanges.newest(place) for place in places]
    assert [one and one.turn_id for one in known] == [None, "1", "2", "3", "4"]


async def test_dropping_what_is_not_there_changes_nothing(exchanges: Exchanges) -> None:
    await exchanges.drop(HERE)

    assert await exchanges.newest(HERE) is None


async def test_half_a_character_does_not_keep_an_exchange_from_being_kept(exchanges: Exchanges) -> None:
    await exchanges.keep(HERE, replace(FAILED, answer="\ud83e"))

    assert await exchanges.newest(HERE) == replace(FAILED, answer="?")
