import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis
from structlog.testing import capture_logs
from yarl import URL

from bot.updates import webhook as room
from bot.updates.inbox import RedisInbox
from bot.updates.intake import Intake
from bot.updates.webhook import SECRET_HEADER, Webhook
from tests.tools.redis_server import RedisProcess
from tests.tools.updates import a_message

BOT_ID = 42
PATH = "/telegram/hook"
SECRET = "a-secret_of-Telegram"
WITH_SECRET = {SECRET_HEADER: SECRET}
UPDATE = {"update_id": 7, "message": a_message()}
BIG = 10 << 20


class Gate:
    """The webhook as Telegram meets it, before an inbox in Redis."""

    def __init__(self, redis: Redis, client: aiohttp.ClientSession) -> None:
        self.redis = redis
        self.told: list[int] = []
        self.webhook = Webhook(f"https://bot.example.org{PATH}", SECRET)
        self.url = ""
        self._client = client

    async def post(self, body: object = UPDATE, **more: Any) -> aiohttp.ClientResponse:
        """Post a body, as JSON unless it is bytes already, with the secret unless `headers` says otherwise."""
        if not hasattr(body, "__aiter__"):
            body = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        async with self._client.post(self.url, data=body, **{"headers": WITH_SECRET, **more}) as answer:
            await answer.read()
            return answer

    async def status(self, body: object = UPDATE, **more: Any) -> int:
        return (await self.post(body, **more)).status

    @contextmanager
    def opened(self) -> Iterator[None]:
        async def told(update: dict[str, Any]) -> None:
            self.told.append(update["update_id"])

        inbox = RedisInbox(self.redis, BOT_ID, consumer="test")
        with self.webhook.open(Intake(inbox, BOT_ID, when_kept_waiting=told, when_full=told)):
            yield

    async def stored(self) -> int:
        """How many updates are kept."""
        return int(await self.redis.zcard(f"{{govorun:{BOT_ID}}}:seen"))


@pytest.fixture
async def closed_gate(redis: Redis) -> AsyncIterator[Gate]:
    """Before the bot is ready, and after it was told to stop."""
    async with aiohttp.ClientSession() as client:
        gate, app = Gate(redis, client), web.Application()
        gate.webhook.add_to(app)
        async with TestServer(app) as server:
            gate.url = str(server.make_url(PATH))
            yield gate


@pytest.fixture
def gate(closed_gate: Gate) -> Iterator[Gate]:
    with closed_gate.opened():
        yield closed_gate


async def test_an_update_is_kept_and_then_acknowledged(gate: Gate) -> None:
    answer = await gate.post()

    assert (answer.status, answer.content_length) == (200, 0)
    assert await gate.stored() == 1


@pytest.mark.parametrize(
    "headers",
    [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: SECRET[:-1]}, {SECRET_HEADER: "секрет"}],
    ids=["none", "empty", "almost", "not ascii"],
)
@pytest.mark.parametrize("body", [UPDATE, b"garbage", b"x" * BIG], ids=["update", "garbage", "big"])
async def test_nothing_is_read_of_who_does_not_know_the_secret(
    gate: Gate, headers: dict[str, str], body: object
) -> None:
    assert await gate.status(body, headers=headers) == 403
    assert await gate.stored() == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"[1]",
        b'"text"',
        b"null",
        b"{}",
        b'{"update_id": 7, "mess',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"update_id": 7, "message": {"chat": {"id": 1}, "x": ' + b"[" * 970 + b"]" * 970 + b"}}",
        {"message": a_message()},
        {"update_id": "7", "message": a_message()},
        {"update_id": True, "message": a_message()},
        {"update_id": 7.5, "message": a_message()},
    ],
    ids=str,
)
async def test_what_is_no_update_is_refused(gate: Gate, body: object) -> None:
    assert await gate.status(body) == 400
    assert await gate.stored() == 0


async def test_an_update_that_makes_no_sense_holds_nobody_up(gate: Gate) -> None:
    with capture_logs() as logs:
        assert await gate.status({"update_id": 7, "message": {}}) == 200

    assert [(line["log_level"], line["update_id"]) for line in logs] == [("error", 7)]
    assert await gate.stored() == 0


async def test_what_cannot_be_unpacked_is_refused(gate: Gate) -> None:
    headers = {**WITH_SECRET, "Content-Encoding": "gzip"}

    assert await gate.status(UPDATE, headers=headers) == 400
    assert await gate.status(gzip.compress(b" " * 99)[:-9], headers=headers) == 400
    assert await gate.stored() == 0


async def in_pieces() -> AsyncIterator[bytes]:
    for _ in range(BIG >> 16):
        yield b" " * (1 << 16)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b" " * BIG, {}), (in_pieces, {}), (gzip.compress(b" " * BIG), {"Content-Encoding": "gzip"})],
    ids=["10 MB", "10 MB of unknown length", "10 MB compressed"],
)
async def test_a_body_that_no_update_has_is_too_much(gate: Gate, body: Any, encoding: dict[str, str]) -> None:
    sent = body() if callable(body) else body

    try:
        status = await gate.status(sent, headers={**WITH_SECRET, **encoding})
    except aiohttp.ClientConnectionError:  # it was told while it still wrote
        status = 413

    assert status == 413
    assert await gate.stored() == 0


async def test_a_body_that_does_not_come_is_waited_for_for_a_while(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_BODY_S", 0.05)
    never = asyncio.Event()

    async def stalled() -> AsyncIterator[bytes]:
        yield b"{"
        await never.wait()

    assert await gate.status(stalled()) == 408


async def test_what_is_under_way_when_the_bot_stops_is_answered(closed_gate: Gate) -> None:
    body = json.dumps(UPDATE).encode()
    is_begun, may_go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield body[:5]
        is_begun.set()
        await may_go_on.wait()
        yield body[5:]

    with closed_gate.opened():
        posting = asyncio.ensure_future(closed_gate.status(slow()))
        await is_begun.wait()
        await asyncio.sleep(0.1)
    may_go_on.set()

    assert await posting == 200
    assert await closed_gate.stored() == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_other_methods_are_not_allowed(gate: Gate, method: str) -> None:
    async with aiohttp.request(method, gate.url, headers=WITH_SECRET) as answer:
        assert answer.status == 405


async def test_what_is_none_of_ours_is_acknowledged_and_let_go(gate: Gate) -> None:
    assert await gate.status({"update_id": 7, "message_of_tomorrow": {"chat": 1}}) == 200
    assert await gate.stored() == 0


async def test_the_same_update_a_hundred_times_at_once_is_kept_once(gate: Gate) -> None:
    statuses = await asyncio.gather(*(gate.status() for _ in range(100)))

    assert set(statuses) == {200}
    assert await gate.stored() == 1
    assert await gate.redis.llen("{govorun:42}:waiting:1") == 1


async def test_one_update_too_many_is_acknowledged_and_its_sender_told(gate: Gate) -> None:
    updates = [{"update_id": number, "message": a_message()} for number in range(40)]

    statuses = [await gate.status(update) for update in updates]

    assert set(statuses) == {200}
    assert gate.told == [30]


async def test_while_the_bot_starts_or_stops_telegram_is_asked_to_come_back(closed_gate: Gate) -> None:
    answers = [await closed_gate.post()]
    with closed_gate.opened():
        answers.append(await closed_gate.post())
    answers.append(await closed_gate.post({**UPDATE, "update_id": 8}))

    assert [answer.status for answer in answers] == [503, 200, 503]
    assert answers[0].headers["Retry-After"] == "2"
    assert await closed_gate.stored() == 1


async def test_while_redis_is_away_telegram_is_asked_to_come_back(
    closed_gate: Gate, mortal_redis: RedisProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Redis.from_url(mortal_redis.url, decode_responses=True) as redis:
        closed_gate.redis = redis
        with closed_gate.opened():
            mortal_redis.kill()
            answers = [await closed_gate.post() for _ in range(2)]
            mortal_redis.start()
            answers.append(await closed_gate.post())
            kept = await closed_gate.stored()

    assert [answer.status for answer in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "2"
    assert kept == 1
    assert closed_gate.told == [7, 7]
    assert capsys.readouterr().out.count("updates cannot be kept") == 1


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://bot.example.org", "/"),
        ("https://bot.example.org/a/b/", "/a/b/"),
        ("https://bot.example.org/%D1%85%D1%83%D0%BA%7B1%7D?x=1", "/%D1%85%D1%83%D0%BA%7B1%7D"),
    ],
)
async def test_it_is_served_where_the_address_says(url: str, path: str) -> None:
    app = web.Application()
    Webhook(url, SECRET).add_to(app)

    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        there = f"{server.scheme}://{server.host}:{server.port}{path}"
        async with client.post(URL(there, encoded=True), headers=WITH_SECRET) as answer:
            assert answer.status == 503
