from pathlib import Path

import pytest

from bot.desk.opening import open_desk
from bot.embedded import EmbeddedRedis
from bot.errors import ConfigError, StoreError


async def test_the_redis_of_a_running_bot_is_used_and_left_alone(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path):
        for _ in range(2):
            async with open_desk("", tmp_path, 42, timeout_s=5) as desk:
                assert (await desk.look(1)).queues == ()


async def test_no_server_is_started_where_none_runs(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"no Redis of the bot runs on the data in {tmp_path}"):
        async with open_desk("", tmp_path, 42, timeout_s=5):
            pass

    assert not (tmp_path / "redis.sock").exists()


async def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(ConfigError, match="REDIS__URL"):
        async with open_desk("nonsense", Path(), 42, timeout_s=5):
            pass


async def test_a_server_of_the_operator_that_is_away_is_a_store_error() -> None:
    with pytest.raises(StoreError, match="Redis does not answer"):
        async with open_desk("redis://127.0.0.1:1/0", Path(), 42, timeout_s=1):
            pass
