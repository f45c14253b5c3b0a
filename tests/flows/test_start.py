import asyncio

import aiohttp

from bot.sandbox.telegram.world import Fault
from tests.tools.house import ANNA, a_world, open_house
from tests.tools.redis_server import RedisProcess, free_port

IAM = {"api_key": None, "iam_token": "t1.stand-in"}


async def test_an_iam_token_opens_the_service_too(redis_url: str) -> None:
    async with open_house(redis_url, yandex=IAM) as house:
        trace = await house.asks("hello")

    assert trace.outcome == "complete"
    assert house.models.requests[0].headers["Authorization"] == "Bearer t1.stand-in"


async def test_a_telegram_that_stumbles_at_first_is_asked_again(redis_url: str) -> None:
    world = a_world()
    world.faults.add(Fault.server_error(), "getMe", times=2)
    world.faults.add(Fault.bad_gateway(), "deleteWebhook")

    async with open_house(redis_url, world=world) as house:
        assert (await house.asks("hello")).outcome == "complete"


async def test_health_tells_whether_redis_answers(mortal_redis: RedisProcess) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/readyz"
    async with (
        open_house(mortal_redis.url, http={"port": port}),
        aiohttp.ClientSession() as session,
    ):
        async with session.get(url) as response:
            assert response.status == 200
        mortal_redis.kill()
        async with session.get(url) as response:
            assert response.status == 503
        mortal_redis.start()


async def test_the_inbox_survives_a_flapping_line_to_telegram(redis_url: str) -> None:
    async with open_house(redis_url) as house:
        house.world.faults.add(Fault.bad_gateway(), "getUpdates", times=2)
        house.world.faults.add(Fault.drop(), "getUpdates")

        await house.asks("hello")
        await asyncio.sleep(0.1)

    assert len(house.world.bot_messages(ANNA)) == 1
