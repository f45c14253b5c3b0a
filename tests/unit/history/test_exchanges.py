import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.errors import StoreError
from bot.history.exchanges import RedisExchanges, load_exchange
from bot.history.keys import ChatKeys
from bot.types import ConversationKey, Exchange, Person
from tests.tools.redis_server import RedisProcess

HERE = ConversationKey(1, 42, 7)
CHAT = ChatKeys.of(HERE)
EXCHANGE = Exchange("1", "assistant", "why?", 9, Person(5, "Anna", "en"), (10, 11), "because")


async def test_an_exchange_is_deleted_with_its_history(redis: Redis) -> None:
    await RedisExchanges(redis, 2).keep(HERE, EXCHANGE)

    names = await redis.keys()

    assert sorted(names) == sorted([CHAT.exchange(":7"), CHAT.exchanges])
    assert all([172_790 < await redis.ttl(name) <= 172_800 for name in names])


async def test_dropping_leaves_nothing_behind(redis: Redis) -> None:
    exchanges = RedisExchanges(redis, 2)
    await exchanges.keep(HERE, EXCHANGE)

    await exchanges.drop(HERE)

    assert await redis.keys() == []


@pytest.mark.parametrize("broken", [b"", b"{", b"\xff", b"[]", b'{"turn_id":"1"}', b'{"turn_id":1}'])
def test_a_broken_exchange_is_none_and_told(broken: bytes) -> None:
    with capture_logs() as told:
        assert load_exchange(broken) is None

    assert [line["event"] for line in told] == ["corrupt exchange skipped"]


def test_names_of_a_newer_version_are_ignored_and_those_of_an_older_one_suffice() -> None:
    asker = '"asker":{"user_id":5,"name":"Anna","language":"en","new":1}'
    fields = '"turn_id":"1","prompt":"assistant","question":"why?","question_id":9,"answer":"because"'

    loaded = load_exchange(f'{{{fields},{asker},"message_ids":[10,11],"newer":[]}}'.encode())

    assert loaded == EXCHANGE


async def test_it_works_with_a_client_that_does_not_decode(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        exchanges = RedisExchanges(redis, 1)
        await exchanges.keep(HERE, EXCHANGE)

        assert await exchanges.newest(HERE) == EXCHANGE


async def test_redis_away_is_a_store_error(mortal_redis: RedisProcess) -> None:
    async with Redis.from_url(mortal_redis.url, retry=None) as redis:
        exchanges = RedisExchanges(redis, 1)
        mortal_redis.kill()

        for doing in (exchanges.newest(HERE), exchanges.keep(HERE, EXCHANGE), exchanges.drop(HERE)):
            with pytest.raises(StoreError):
                await doing
