import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.errors import ConfigError
from bot.sandbox.telegram.world import Fault
from bot.settings import Role
from bot.updates.webhook import SECRET_HEADER
from tests.tools.deployments import until
from tests.tools.house import ANNA, BORIS
from tests.tools.redis_server import free_port
from tests.tools.street import Street, a_street

SECRET = "a-secret_of-Telegram"


@pytest.fixture
async def street(redis_url: str) -> AsyncIterator[Street]:
    async with a_street(redis_url) as one:
        yield one
        assert one.telegram.polls == 0


def delivered_to(port: int) -> dict[str, Any]:
    """Settings of a replica that listens there."""
    url = f"http://127.0.0.1:{port}/telegram/hook"
    webhook = {"delivery": "webhook", "webhook_url": url, "webhook_secret": SECRET}
    return {"telegram": webhook, "http": {"port": port}}


def address(street: Street) -> str:
    return street.house.world.state.webhook.address.url


async def until_set(street: Street) -> None:
    await street.house.until(lambda: address(street))


async def test_updates_are_delivered_and_answered(street: Street) -> None:
    async with street.replica(**delivered_to(free_port())):
        answers = [await street.house.asks("hello", chat_id) for chat_id in (ANNA, BORIS, ANNA)]

    assert [trace.outcome for trace in answers] == ["complete"] * 3
    (told,) = street.house.world.calls_of("setWebhook")
    assert told.params["secret_token"] == SECRET
    assert not told.params.get("drop_pending_updates")


async def test_what_comes_while_the_bot_restarts_is_answered_afterwards(street: Street) -> None:
    settings = delivered_to(free_port())
    async with street.replica(**settings):
        await street.house.asks("before")
    assert address(street), "other replicas may go on"

    street.house.world.say(ANNA, ANNA, "meanwhile")
    async with street.replica(**settings):
        await street.house.until(lambda: len(street.house.notebook.traces) == 2)
        await street.house.asks("after")

    said = [body["messages"][-1]["text"] for body in street.house.bodies()]
    assert said == ["before", "meanwhile", "after"]


async def test_a_bot_that_stops_finishes_its_answer_and_takes_no_more(street: Street) -> None:
    port = free_port()
    street.house.models.token_s = 0.02
    async with street.replica(**delivered_to(port)) as stop, aiohttp.ClientSession() as client:
        street.house.world.say(ANNA, ANNA, "100 words")
        await street.house.until(lambda: street.house.world.bot_messages(ANNA))

        async def is_sent_away() -> bool:
            headers = {SECRET_HEADER: SECRET}
            async with client.post(address(street), json={"update_id": 1}, headers=headers) as answer:
                return (answer.status, answer.headers.get("Retry-After")) == (503, "2")

        stop()
        await until(is_sent_away, timeout_s=60)
        async with client.get(f"http://127.0.0.1:{port}/readyz") as ready:
            assert ready.status == 503

    assert [trace.outcome for trace in street.house.notebook.traces] == ["complete"]


async def test_of_two_replicas_one_looks_after_the_webhook(street: Street) -> None:
    first, second = delivered_to(free_port()), delivered_to(free_port())
    async with street.replica(**second):
        await until_set(street)
        async with street.replica(**first) as stop:
            await street.house.asks("taken by the second")
            assert address(street) == second["telegram"]["webhook_url"]
            stop()
    async with street.replica(**first):
        await street.house.until(lambda: address(street) == first["telegram"]["webhook_url"])
        await street.house.asks("taken by the first")


async def test_a_telegram_that_stumbles_at_first_is_asked_again(street: Street) -> None:
    street.house.world.faults.add(Fault.bad_gateway(), "setWebhook", times=2)

    async with street.replica(**delivered_to(free_port())):
        assert (await street.house.asks("hello")).outcome == "complete"


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (Fault.refusal(400, "Bad Request: bad webhook: HTTPS url must be provided"), "TELEGRAM__WEBHOOK_URL"),
        (Fault.refusal(401, "Unauthorized"), "TELEGRAM__TOKEN"),
    ],
)
async def test_an_address_that_telegram_does_not_take_ends_the_bot(
    street: Street, fault: Fault, name: str
) -> None:
    street.house.world.faults.add(fault, "setWebhook")

    with pytest.raises(ConfigError, match=name):
        await street.serve(asyncio.Event(), **delivered_to(free_port()))


async def test_a_port_that_is_taken_ends_the_bot(street: Street) -> None:
    settings = delivered_to(free_port())
    async with street.replica(**settings):
        await until_set(street)
        with pytest.raises(ConfigError, match="HTTP__PORT"):
            await street.serve(asyncio.Event(), **settings)


async def test_a_worker_listens_to_no_webhook(street: Street) -> None:
    port = free_port()
    async with street.replica(Role.WORKER, **delivered_to(port)), aiohttp.ClientSession() as client:
        await street.house.until(lambda: street.house.world.calls_of("getMe"))
        async with client.post(f"http://127.0.0.1:{port}/telegram/hook") as answer:
            assert answer.status == 404
    assert address(street) == ""


async def test_polling_takes_the_webhook_away(redis_url: str) -> None:
    async with a_street(redis_url) as street:
        async with street.replica(**delivered_to(free_port())):
            await street.house.asks("by webhook")
        async with street.replica():
            await street.house.asks("by polling")

    assert address(street) == ""


async def test_a_change_from_webhook_to_polling_waits_for_the_last_replica(redis_url: str) -> None:
    async with a_street(redis_url) as street, street.replica(**delivered_to(free_port())) as stop_old:
        await until_set(street)
        async with street.replica():
            await street.house.asks("still by webhook")
            assert street.telegram.polls == 0
            stop_old()
            await street.house.until(lambda: street.telegram.polls)
            await street.house.asks("by polling")
