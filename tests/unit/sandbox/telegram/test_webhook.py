import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.telegram.webhook import SECRET_HEADER
from bot.sandbox.telegram.world import TelegramWorld
from tests.tools.clock import FakeClock
from tests.unit.sandbox.telegram.api import GROUP, PERSON, Api


@dataclass
class Receiver:
    """The bot's side: takes updates, answers as told."""

    url: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    held: dict[int, asyncio.Event] = field(default_factory=dict)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.got.append(update)
        self.secrets.append(request.headers.get(SECRET_HEADER, ""))
        self.came.set()
        chat_id = update.get("message", {}).get("chat", {}).get("id", 0)
        if chat_id in self.held:
            await self.held[chat_id].wait()
        return self.answers.pop(0) if self.answers else web.Response()

    async def until(self, count: int) -> list[str]:
        """Wait for so many deliveries; return their texts."""
        while len(self.got) < count:
            self.came.clear()
            await self.came.wait()
        return [update["message"]["text"] for update in self.got]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/hook", receiver.take)
    async with TestServer(application) as server:
        receiver.url = str(server.make_url("/hook"))
        yield receiver
        for event in receiver.held.values():
            event.set()


async def drained(world: TelegramWorld) -> None:
    while len(world.state.updates):  # noqa: ASYNC110 - the queue tells of what comes, not of what goes
        await asyncio.sleep(0.01)


async def test_updates_are_posted_with_the_secret(world: TelegramWorld, api: Api, receiver: Receiver) -> None:
    world.say(PERSON, PERSON, "before")

    envelope = await api("setWebhook", url=receiver.url, secret_token="s3cret-_")
    world.say(PERSON, PERSON, "after")

    assert envelope["description"] == "Webhook was set"
    assert await receiver.until(2) == ["before", "after"]
    assert receiver.secrets == ["s3cret-_"] * 2
    await drained(world)


async def test_a_chat_waits_for_its_former_update_and_others_do_not(
    world: TelegramWorld, api: Api, receiver: Receiver
) -> None:
    receiver.held[PERSON] = asyncio.Event()
    await api.result("setWebhook", url=receiver.url)

    world.say(PERSON, PERSON, "one")
    world.say(PERSON, PERSON, "two")
    world.say(GROUP, PERSON, "/three")

    assert sorted(await receiver.until(2)) == ["/three", "one"]
    receiver.held.pop(PERSON).set()
    assert (await receiver.until(3))[-1] == "two"


async def test_what_is_not_taken_comes_again(
    world: TelegramWorld, api: Api, receiver: Receiver, clock: FakeClock
) -> None:
    receiver.answers = [
        web.Response(status=500),
        web.Response(status=503),
        web.Response(status=429, headers={"Retry-After": "30"}),
    ]
    await api.result("setWebhook", url=receiver.url)

    world.say(PERSON, PERSON, "hi")

    assert await receiver.until(4) == ["hi"] * 4
    assert clock.slept == [0.0, 2.0, 30.0]
    info = await api.result("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 429 Too Many Requests"


async def test_nobody_there_is_tried_until_the_update_is_too_old(
    world: TelegramWorld, api: Api, clock: FakeClock
) -> None:
    await api.result("setWebhook", url="http://127.0.0.1:9/hook")
    world.say(PERSON, PERSON, "hi")

    await drained(world)

    assert sum(clock.slept) >= 24 * 3600
    assert 60 <= max(clock.slept) <= 120
    assert (await api.result("getWebhookInfo"))["last_error_message"].startswith("Connection failed")


async def test_an_answer_may_hold_a_call(world: TelegramWorld, api: Api, receiver: Receiver) -> None:
    receiver.answers = [
        web.json_response({"method": "sendMessage", "chat_id": PERSON, "text": "at once"}),
        web.json_response([1]),
    ]
    await api.result("setWebhook", url=receiver.url)

    world.say(PERSON, PERSON, "hi")
    world.say(PERSON, PERSON, "ho")
    await receiver.until(2)
    await drained(world)

    assert [message["text"] for message in world.bot_messages(PERSON)] == ["at once"]


async def test_the_webhook_is_moved_and_deleted(api: Api, clock: FakeClock) -> None:
    url = "http://127.0.0.1:9/hook"
    first = await api("setWebhook", url=url, max_connections=500)
    clock.advance(1)
    again = await api("setWebhook", url=url, max_connections=500)
    hurried = await api("setWebhook", url=url + "2")
    info = await api.result("getWebhookInfo")
    gone = await api("deleteWebhook")
    gone_again = await api("setWebhook")

    assert [first["description"], again["description"]] == ["Webhook was set", "Webhook is already set"]
    assert hurried["parameters"] == {"retry_after": 1}
    assert info == {
        "url": url,
        "has_custom_certificate": False,
        "pending_update_count": 0,
        "max_connections": 100,
    }
    assert [gone["description"], gone_again["description"]] == [
        "Webhook was deleted",
        "Webhook is already deleted",
    ]
    assert "max_connections" not in await api.result("getWebhookInfo")


async def test_after_the_webhook_polling_gets_what_was_left(world: TelegramWorld, api: Api) -> None:
    world.say(PERSON, PERSON, "hi")
    await api.result("setWebhook", url="http://127.0.0.1:9/hook")

    await api.result("deleteWebhook")

    assert [update["message"]["text"] for update in await api.result("getUpdates")] == ["hi"]


async def test_waiting_updates_are_dropped_on_demand(world: TelegramWorld, api: Api) -> None:
    world.say(PERSON, PERSON, "hi")

    await api.result("deleteWebhook", drop_pending_updates=True)

    assert len(world.state.updates) == 0


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"url": "nonsense"}, "invalid webhook URL specified"),
        ({"url": "http://a.b/", "secret_token": "x" * 257}, "secret token is too long"),
        ({"url": "http://a.b/", "secret_token": "я"}, "secret token contains unallowed characters"),
    ],
)
async def test_a_bad_address_is_refused(api: Api, params: dict[str, object], reason: str) -> None:
    assert await api.refusal("setWebhook", **params) == f"Bad Request: {reason}"
