"""`make bench`: what one live reply and a start cost the bot's own process, beside the least that could do.

The ideal is a loop that only reads the model's stream (`tests/bench/bare.py`). The bot runs as in production,
as a process of its own; the stand-ins of Telegram and of the model run here, so that their work is not counted.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.telegram.server import TelegramServer
from bot.sandbox.telegram.world import TelegramWorld
from tests.bench.process import ROOT, child, cpu_s, peak_mib
from tests.tools.house import ANNA, KEY, TOKEN, a_world

TOKENS, REPLIES = 200, 10
QUESTION = "153 words"
"""The stand-in writes about 200 tokens for so many words."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    measured: float
    ideal: float
    unit: str

    def __str__(self) -> str:
        ratio = f"{self.measured / self.ideal:7.2f}x" if self.ideal else " " * 8
        ideal = f"{self.ideal:10.1f}" if self.ideal else " " * 10
        return f"{self.what:40} {self.measured:10.1f} {ideal} {ratio}  {self.unit}"


async def figures() -> list[Row]:
    """Measure everything."""
    world = a_world()
    models = ModelsTwin(api_key=KEY, folder_id="folder", first_token_s=0.3, token_s=0.02)
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(TelegramServer(world))
        service = await stack.enter_async_context(ModelsServer(models))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        env = {
            "TELEGRAM__TOKEN": TOKEN,
            "TELEGRAM__API_URL": telegram.url,
            "YANDEX__API_URL": service.url,
            "YANDEX__API_KEY": KEY,
            "YANDEX__FOLDER_ID": "folder",
            "ACCESS__POLICY": "open",
            "REDIS__DIR": folder,
            "HTTP__PORT": "0",
        }
        printed = await output("-m", "tests.bench.bare", service.url, KEY, "folder", QUESTION, str(REPLIES))
        bare_start_ms, bare_ms = map(float, printed.split())
        began_s = time.perf_counter()
        process = await stack.enter_async_context(child("-m", "bot", "run", env=env))
        await until(lambda: world.calls_of("setMyCommands"))
        started_s = time.perf_counter() - began_s
        start_cpu_s = cpu_s(process.pid)
        reply_s, calls = await reply_cost(world, process.pid)
        return [
            Row(f"CPU of one live reply of {TOKENS} tokens", reply_s * 1000, bare_ms, "ms"),
            Row("calls to Telegram for it", calls, 0, ""),
            Row("CPU of the start", start_cpu_s * 1000, bare_start_ms, "ms"),
            Row("time from the start to the first poll", started_s * 1000, 0, "ms"),
            Row("peak memory, without Redis", peak_mib(process.pid), 0, "MiB"),
        ]


async def reply_cost(world: TelegramWorld, pid: int) -> tuple[float, float]:
    """Return processor seconds and calls of one reply, the mean of several in a row after a first one."""
    await one_reply(world)
    before_s, before_calls = cpu_s(pid), len(world.calls) - len(world.calls_of("getUpdates"))
    for _ in range(REPLIES):
        await one_reply(world)
    calls = len(world.calls) - len(world.calls_of("getUpdates")) - before_calls
    return (cpu_s(pid) - before_s) / REPLIES, calls / REPLIES


async def one_reply(world: TelegramWorld) -> None:
    """Ask, and wait until the answer has grown to its end: the button under it is gone."""
    before = len(world.bot_messages(ANNA))
    world.say(ANNA, ANNA, QUESTION)
    await until(lambda: len(world.bot_messages(ANNA)) > before)
    await until(lambda: "reply_markup" not in world.bot_messages(ANNA)[-1])
    await asyncio.sleep(0.2)


async def until(condition: Callable[[], object]) -> None:
    """Wait for something to be true."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - the world is watched from outside
            await asyncio.sleep(0.01)


async def output(*arguments: str) -> str:
    """Run Python and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    return printed.decode()


if __name__ == "__main__":
    print(f"{'':40} {'measured':>10} {'ideal':>10} {'ratio':>8}")
    for row in asyncio.run(figures()):
        print(row)
