import asyncio
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web
from structlog.testing import capture_logs

from bot.sandbox.telegram.params import Upload
from bot.sandbox.telegram.server import TelegramServer
from bot.sandbox.telegram.world import Fault, TelegramWorld
from bot.updates.files import Files
from tests.tools.house import ANNA, TOKEN, a_world

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def world() -> TelegramWorld:
    return a_world()


@pytest.fixture
async def bot(world: TelegramWorld) -> AsyncIterator[Bot]:
    async with TelegramServer(world) as server, a_bot(server.url) as one:
        yield one


def a_bot(url: str) -> Bot:
    return Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))


def sent(world: TelegramWorld) -> str:
    """The id of a file that Anna has sent."""
    message = world.send_document(ANNA, ANNA, Upload("notes.txt", "text/plain", CONTENT))
    return str(message["document"]["file_id"])


async def test_a_file_comes_as_it_was_sent(world: TelegramWorld, bot: Bot) -> None:
    assert await Files(bot, timeout_s=5).fetch(sent(world)) == CONTENT


async def test_what_telegram_does_not_know_cannot_be_had(bot: Bot) -> None:
    with capture_logs() as logs:
        assert await Files(bot, timeout_s=5).fetch("made up") is None

    assert [line["event"] for line in logs] == ["file not fetched"]


async def test_what_is_too_large_is_not_even_begun(world: TelegramWorld, bot: Bot) -> None:
    assert await Files(bot, timeout_s=5).fetch(sent(world), most_bytes=len(CONTENT) - 1) is None


async def test_telegram_is_not_waited_for_longer_than_was_set(world: TelegramWorld, bot: Bot) -> None:
    world.latency_s = 30

    assert await Files(bot, timeout_s=0.05).fetch(sent(world)) is None


@pytest.mark.parametrize("fault", [Fault.flood(7), Fault.server_error(), Fault.drop()])
async def test_a_refusal_is_no_file(world: TelegramWorld, bot: Bot, fault: Fault) -> None:
    world.faults.add(fault, "getFile")

    assert await Files(bot, timeout_s=5).fetch(sent(world)) is None


class Liar:
    """A Bot API that tells no size and sends what it likes, or nothing for long, or a refusal."""

    def __init__(self, *, size_bytes: int = 0, status: int = 200, silence_s: float = 0) -> None:
        self.size_bytes, self.status, self.silence_s = size_bytes, status, silence_s

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/bot{token}/getFile", self.get_file)
        app.router.add_get("/file/bot{token}/{path}", self.download)
        return app

    async def get_file(self, _: web.Request) -> web.Response:
        return web.json_response(
            {"ok": True, "result": {"file_id": "1", "file_unique_id": "1", "file_path": "x"}}
        )

    async def download(self, _: web.Request) -> web.Response:
        await asyncio.sleep(self.silence_s)
        return web.Response(status=self.status, body=b"x" * self.size_bytes)


@pytest.mark.parametrize(
    ("liar", "size_bytes"),
    [
        (Liar(size_bytes=100_000), 100_000),
        (Liar(size_bytes=100_001), None),
        (Liar(status=404), None),
        (Liar(silence_s=30), None),
    ],
    ids=["as agreed", "larger than was told", "gone meanwhile", "silent"],
)
async def test_a_download_is_watched_too(liar: Liar, size_bytes: int | None) -> None:
    runner = web.AppRunner(liar.application(), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with a_bot(f"http://127.0.0.1:{runner.addresses[0][1]}") as bot:
            with capture_logs() as logs:
                found = await Files(bot, timeout_s=0.5).fetch("1", most_bytes=100_000)
    finally:
        await runner.cleanup()

    assert (found and len(found)) == size_bytes
    assert TOKEN not in str(logs)
