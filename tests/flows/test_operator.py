import asyncio
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from redis.asyncio import Redis

from bot import logs
from bot.embedded import EmbeddedRedis
from bot.sandbox.models.faults import Refuse
from bot.sandbox.telegram.world import Fault
from bot.updates.inbox import RedisInbox
from bot.updates.lanes import enveloped
from tests.tools.command import ROOT, ended
from tests.tools.house import ANNA, BORIS, BOT, KEY, TOKEN, open_house
from tests.tools.metering import figures
from tests.tools.redis_server import RedisProcess, free_port
from tests.tools.updates import a_message


class Engineer:
    """Looks at a running bot from outside."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    async def figures(self) -> dict[str, float]:
        async with aiohttp.ClientSession() as session, session.get(f"{self._url}/metrics") as response:
            return figures(await response.text())

    async def readiness(self) -> tuple[int, dict[str, str]]:
        async with aiohttp.ClientSession() as session, session.get(f"{self._url}/readyz") as response:
            return response.status, await response.json()

    async def until_ready(self, code: int, timeout_s: float = 120) -> dict[str, str]:
        async with asyncio.timeout(timeout_s):
            while (told := await self.readiness())[0] != code:  # noqa: ASYNC110 - seen from outside
                await asyncio.sleep(0.1)
        return told[1]

    async def sees(self, name: str, value: float) -> dict[str, float]:
        """Wait for a figure, and return all."""
        async with asyncio.timeout(90):
            while (page := await self.figures()).get(name) != value:  # noqa: ASYNC110 - the same
                await asyncio.sleep(0.05)
        return page


async def test_a_turn_moves_the_figures_from_its_update_to_its_tokens(redis_url: str) -> None:
    port = free_port()
    async with open_house(redis_url, http={"port": port}) as house:
        engineer = Engineer(port)
        before = await engineer.figures()
        house.models.token_s = 0.005

        trace = await house.asks("200 words")
        page = await engineer.sees("govorun_updates_total{state=done}", 1)

    moved = {name: page[name] - before.get(name, 0) for name in page}
    assert moved["govorun_updates_total{state=received}"] == moved["govorun_updates_total{state=kept}"] == 1
    assert moved["govorun_replies_total{outcome=complete}"] == 1
    assert moved["govorun_first_text_seconds_count"] == moved["govorun_done_seconds_count"] == 1
    assert page["govorun_done_seconds_sum"] == pytest.approx(trace.total_s)
    assert moved["govorun_frames_total{outcome=granted}"] >= 2
    assert trace.usage
    tokens = {kind: page[f"govorun_tokens_total{{kind={kind},model={trace.ask.model.name}}}"] for kind in KINDS}
    assert tokens == {"input": trace.usage.input_tokens, "completion": trace.usage.completion_tokens}
    assert page["govorun_redis_up"] == 1
    assert page["govorun_updates_waiting"] == page["govorun_conversations{state=claimed}"] == 0


KINDS = ("input", "completion")


async def test_what_is_being_answered_is_seen_while_it_is(redis_url: str) -> None:
    port = free_port()
    async with open_house(redis_url, http={"port": port}) as house:
        house.models.token_s = 0.05
        house.world.say(ANNA, ANNA, "900 words")
        page = await Engineer(port).sees("govorun_conversations{state=claimed}", 1)
        house.world.say(ANNA, ANNA, "/stop")
        await house.until(lambda: house.notebook.traces)

    assert page["govorun_updates_waiting"] == 1
    assert page["govorun_oldest_waiting_seconds"] == 0


async def test_flood_control_is_counted(redis_url: str) -> None:
    port = free_port()
    async with open_house(redis_url, http={"port": port}) as house:
        house.world.faults.add(Fault.flood(1), "sendMessage")

        await house.asks("hello")

        assert (await Engineer(port).figures())["govorun_flood_waits_total"] == 1


async def test_readiness_follows_redis_down_and_up_again(mortal_redis: RedisProcess) -> None:
    port = free_port()
    async with open_house(mortal_redis.url, http={"port": port}, telegram={"poll_timeout_s": 1}) as house:
        engineer = Engineer(port)
        await engineer.until_ready(200)

        mortal_redis.kill()
        told = await engineer.until_ready(503)
        assert "redis" in told
        assert (await engineer.figures())["govorun_redis_up"] == 0

        mortal_redis.start()
        assert await engineer.until_ready(200) == {"status": "ready"}
        await house.asks("are you there?")


@pytest.fixture
def log_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = before, level
    structlog.reset_defaults()


@pytest.mark.usefixtures("log_as_before")
async def test_every_line_about_an_answer_names_its_update_and_no_secret(
    redis_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("DEBUG", "json", [TOKEN, KEY])
    async with open_house(redis_url) as house:
        house.world.faults.extend([Fault.flood(1), Fault.drop(), Fault.server_error()], "sendMessage")
        house.world.faults.add(Fault.flood(1), "editMessageText")
        await house.asks("200 words")
        house.models.fail_next(Refuse(401, f"Unknown api key '{KEY}'"))
        await house.asks("hello", BORIS)

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    told = [line for line in lines if line["logger"].startswith(ROOMS_OF_A_TURN)]
    assert {line["event"] for line in told} >= {"turn ended", "turn failed", "call_repeated"}
    assert [line for line in told if not isinstance(line.get("update_id"), int)] == []
    assert {line["conversation"] for line in told} == {str(ANNA), str(BORIS)}
    assert not [line for line in lines if TOKEN in str(line) or KEY in str(line)]


ROOMS_OF_A_TURN = ("bot.replies", "bot.conversation", "bot.course", "bot.backends", "handlers", "aiogram")


class Shell:
    """A terminal of the operator's."""

    def __init__(self, **env: str) -> None:
        self._env = {"TELEGRAM__TOKEN": TOKEN, **env}

    async def types(self, *words: str, code: int = 0, is_cold: bool = False) -> str:
        """Run `inbox` to its end; return what it said."""
        found, out, err = await ended("inbox", *words, env=self._env, is_cold=is_cold)
        assert found == code, err
        return out or err


async def bury(redis_url: str, *updates: dict[str, Any]) -> None:
    """Let updates die in the inbox, as they would if a version of the bot could not handle them."""
    async with Redis.from_url(redis_url, decode_responses=True) as redis:
        inbox = RedisInbox(redis, BOT.user_id, consumer="broken")
        await inbox.open()
        for update in updates:
            envelope = enveloped(update, BOT.user_id)
            assert envelope
            await inbox.put(envelope)
            (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
            await inbox.done(claim, why_dead="KeyError: 'a bug'")


async def test_a_dead_letter_that_is_replayed_is_answered(redis_url: str) -> None:
    message = a_message("are you there?", chat={"id": ANNA, "type": "private"})
    await bury(redis_url, {"update_id": 5, "message": message}, {"update_id": 6, "message": message})
    shell = Shell(REDIS__URL=redis_url)
    async with open_house(redis_url) as house:
        listed = await shell.types("list")
        assert await shell.types("replay", "5") == "Replayed 1 dead letter.\n"
        await house.until(lambda: house.notebook.traces)

        assert house.notebook.traces[0].ask.question == "are you there?"
        assert house.world.text_of_last_bot_message(ANNA)

    assert "KeyError: 'a bug'" in listed
    left = json.loads(await shell.types("list", "--json"))
    assert [letter["update_id"] for letter in left["dead"]] == [6]
    assert json.loads(await shell.types("show", "6"))["message"]["text"] == "are you there?"
    assert await shell.types("drop", "--all") == "Dropped 1 dead letter.\n"
    assert "nothing with the id 6" in await shell.types("show", "6", code=1)


async def test_the_operator_is_told_what_is_wrong_and_no_secret(redis_url: str, tmp_path: Path) -> None:
    message = a_message(f"my key is {KEY}")
    await bury(redis_url, {"update_id": 5, "message": message})

    shown = await Shell(REDIS__URL=redis_url, YANDEX__API_KEY=KEY).types("show", "5")
    assert KEY not in shown
    assert "my key is" in shown

    nowhere = Shell(REDIS__DIR=str(tmp_path))
    assert "no Redis of the bot runs on the data in" in await nowhere.types("list", code=1)
    assert "TELEGRAM__TOKEN" in await Shell(TELEGRAM__TOKEN="none").types("list", code=2)
    assert "Redis does not answer" in await Shell(REDIS__URL="redis://127.0.0.1:1").types("list", code=1)
    assert "usage: python -m bot inbox" in await nowhere.types("--help")


async def test_the_inbox_of_a_bot_with_its_own_redis_is_reached_while_it_runs(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path):
        assert "Nothing waits." in await Shell(REDIS__DIR=str(tmp_path)).types("list", is_cold=True)


async def test_the_command_needs_nothing_of_telegrams_library() -> None:
    code = (
        "import sys; from bot.__main__ import main; import bot.desk.command, bot.desk.opening;"
        "sys.exit(any(name in sys.modules for name in ('aiogram', 'aiohttp', 'prometheus_client')))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT)

    assert await process.wait() == 0
