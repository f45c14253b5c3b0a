import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.embedded import socket_path
from bot.presses import Act
from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.telegram.server import TelegramServer
from bot.sandbox.telegram.world import Fault
from tests.tools.command import ended, running
from tests.tools.house import ANNA, KEY, OWNER, TOKEN, House, a_world
from tests.tools.impostor import impostor
from tests.tools.pressing import data_of
from tests.tools.redis_server import RedisProcess, free_port


class Town:
    """Stand-ins that outlive the bot's process, and the environment that leads to them."""

    def __init__(self, house: House, env: dict[str, str]) -> None:
        self.house = house
        self.env = env

    async def until_said(self, words: str, timeout_s: float = 120) -> str:
        world = self.house.world
        await self.house.until(lambda: words in world.text_of_last_bot_message(ANNA), timeout_s)
        return world.text_of_last_bot_message(ANNA)

    async def until_answered(self, timeout_s: float = 120) -> str:
        """Wait for an answer that has stopped growing: it can be asked for again."""
        world = self.house.world
        await self.house.until(
            lambda: world.bot_messages(ANNA) and data_of(world.bot_messages(ANNA)[-1], Act.AGAIN), timeout_s
        )
        return world.text_of_last_bot_message(ANNA)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    house = House(a_world(), ModelsTwin(api_key=KEY, folder_id="folder", first_token_s=0.05, token_s=0.01))
    async with TelegramServer(house.world) as telegram, ModelsServer(house.models) as service:
        env = {
            "TELEGRAM__TOKEN": TOKEN,
            "TELEGRAM__API_URL": telegram.url,
            "YANDEX__FOLDER_ID": "folder",
            "YANDEX__API_KEY": KEY,
            "YANDEX__API_URL": service.url,
            "YANDEX__OPERATIONS_URL": service.operations_url,
            "YANDEX__OPENAI_URL": service.openai_url,
            "ACCESS__OWNERS": f"{OWNER},{ANNA}",
            "REDIS__DIR": str(tmp_path / "redis"),
            "HTTP__PORT": "0",
            "WORKERS__LEASE_S": "2",
        }
        yield Town(house, env)
        house.judge()


async def test_a_bot_that_is_killed_in_the_middle_comes_back_and_finishes(town: Town) -> None:
    world = town.house.world
    async with running("run", env=town.env) as process:
        world.say(ANNA, ANNA, "300 words")
        await town.house.until(lambda: len(world.calls_of("editMessageText")) >= 1)
        process.kill()
        await process.wait()

    async with running("run", env=town.env):
        answer = await town.until_answered()

    assert len(world.bot_messages(ANNA)) == 1
    assert len(answer.split()) >= 300


async def test_a_picture_that_was_ordered_before_a_kill_arrives_and_is_ordered_once(town: Town) -> None:
    world, models = town.house.world, town.house.models
    models.drawing_s = 4.0
    env = {**town.env, "YANDEX__IMAGE_MODEL": "yandex-art-2.0", "YANDEX__IMAGE_POLL_S": "0.2"}
    async with running("run", env=env) as process:
        world.say(ANNA, ANNA, "/image a red cat")
        await town.house.until(lambda: models.requests_of("operations") and world.bot_messages(ANNA))
        process.kill()
        await process.wait()

    async with running("run", env=env):
        await town.house.until(lambda: any("photo" in one for one in world.bot_messages(ANNA)), 40)
        await town.house.until(lambda: len(world.bot_messages(ANNA)) == 1, 40)

    assert len(models.requests_of("imageGenerationAsync")) == 1


async def test_what_was_answered_as_one_is_so_again_after_a_kill(town: Town) -> None:
    house, world = town.house, town.house.world
    async with running("run", env=town.env) as process:
        world.say(ANNA, ANNA, "100 words")
        await house.until(lambda: world.bot_messages(ANNA))
        for text in ("one", "200 words"):
            world.say(ANNA, ANNA, text)
        await house.until(lambda: len(world.bot_messages(ANNA)) == 2)
        world.say(ANNA, ANNA, "three")
        process.kill()
        await process.wait()

    async with running("run", env=town.env):
        await town.until_said("You wrote")  # to "three"; what was sent at the kill may be there twice
        await town.until_answered()
        await house.until(lambda: len(world.bot_messages(ANNA)) == 3)

    asked = [body["messages"][-1]["text"] for body in house.bodies()]
    assert asked == ["100 words", *["one\n\n200 words"] * 2, "three"]
    assert len(world.bot_messages(ANNA)) == 3


async def test_a_bot_that_is_told_to_stop_finishes_its_answer_and_exits_with_0(town: Town) -> None:
    world = town.house.world
    async with running("run", env=town.env, is_cold=True) as process:
        world.say(ANNA, ANNA, "100 words")
        await town.house.until(lambda: world.bot_messages(ANNA))
        process.terminate()
        await asyncio.wait_for(process.wait(), 30)

        assert process.returncode == 0
    assert len((await town.until_answered(1)).split()) >= 100


async def test_a_second_signal_does_not_wait(town: Town) -> None:
    world = town.house.world
    async with running("run", env=town.env) as process:
        world.say(ANNA, ANNA, "900 words")
        await town.house.until(lambda: world.bot_messages(ANNA))
        process.terminate()
        await asyncio.sleep(0.3)
        process.terminate()
        await asyncio.wait_for(process.wait(), 10)

        assert process.returncode == 0
        assert "reply_markup" in world.bot_messages(ANNA)[-1]


async def test_the_embedded_redis_remembers_across_restarts(town: Town) -> None:
    world = town.house.world
    for question in ("remember the teapot", "what was it?"):
        async with running("run", env=town.env) as process:
            before = len(world.bot_messages(ANNA))
            world.say(ANNA, ANNA, question)
            await town.house.until(lambda before=before: len(world.bot_messages(ANNA)) > before)  # type: ignore[misc]
            await town.until_answered()
            process.terminate()
            await process.wait()

    assert "remember the teapot" in [message["text"] for message in town.house.bodies()[-1]["messages"]]


async def test_a_token_that_is_revoked_ends_the_bot(town: Town) -> None:
    async with running("run", env=town.env) as process:
        await town.house.until(lambda: town.house.world.calls_of("setMyCommands")[3:])
        town.house.world.faults.add(Fault.refusal(401, "Unauthorized"), "getUpdates")
        town.house.world.say(ANNA, ANNA, "/help")
        _, told = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == 2
    assert "TELEGRAM__TOKEN" in told.decode()


async def test_a_bot_that_waits_for_telegram_can_be_stopped(town: Town) -> None:
    async with running("run", env={**town.env, "TELEGRAM__API_URL": "http://127.0.0.1:1"}) as process:
        assert process.stderr is not None
        await asyncio.wait_for(process.stderr.readline(), 30)
        process.terminate()
        await asyncio.wait_for(process.wait(), 30)

    assert process.returncode == 0


@pytest.mark.parametrize("token", ["not a token", "42:unknown"])
async def test_a_token_that_telegram_does_not_know_ends_the_start(town: Town, token: str) -> None:
    code, _, told = await ended("run", env={**town.env, "TELEGRAM__TOKEN": token})

    assert code == 2
    assert "TELEGRAM__TOKEN" in told
    assert "Traceback" not in told


async def test_a_redis_that_is_not_there_yet_is_waited_for(town: Town, mortal_redis: RedisProcess) -> None:
    mortal_redis.kill()
    port = free_port()
    env = {**town.env, "REDIS__URL": mortal_redis.url, "HTTP__HOST": "127.0.0.1", "HTTP__PORT": str(port)}
    async with running("run", env=env) as process, aiohttp.ClientSession() as session:
        assert process.stderr is not None
        while b"redis is in trouble" not in await asyncio.wait_for(process.stderr.readline(), 30):
            pass
        async with session.get(f"http://127.0.0.1:{port}/readyz") as ready:
            assert (ready.status, "does not answer" in (await ready.json())["redis"]) == (503, True)

        mortal_redis.start()
        town.house.world.say(ANNA, ANNA, "hello")
        await town.until_answered()
        process.terminate()
        _, told = await asyncio.wait_for(process.communicate(), 30)
        assert b"redis is in trouble" not in told, "it was told once before"


async def test_a_bot_that_waits_for_redis_can_be_stopped(town: Town) -> None:
    async with running("run", env={**town.env, "REDIS__URL": "redis://127.0.0.1:1/0"}) as process:
        assert process.stderr is not None
        while b"redis is in trouble" not in await asyncio.wait_for(process.stderr.readline(), 30):
            pass
        process.terminate()
        await asyncio.wait_for(process.wait(), 30)

    assert process.returncode == 0


async def test_a_bot_whose_own_redis_reads_its_data_can_be_stopped(town: Town) -> None:
    is_told = asyncio.Event()

    def answer(line: bytes) -> bytes:
        is_told.set()
        return b"bye" if line == b"SHUTDOWN" else b"-LOADING a moment\r\n"

    async with (
        impostor(socket_path(Path(town.env["REDIS__DIR"])), answer),
        running("run", env=town.env) as process,
    ):
        await asyncio.wait_for(is_told.wait(), 30)
        process.terminate()
        await asyncio.wait_for(process.wait(), 30)

    assert process.returncode == 0


async def test_a_redis_address_that_is_none_is_named(town: Town) -> None:
    code, _, told = await ended("run", env={**town.env, "REDIS__URL": "nonsense"})

    assert code == 2
    assert ".env: REDIS__URL" in told


@pytest.mark.parametrize("is_cold", [True, False])
async def test_what_is_missing_is_named_before_anything_starts(tmp_path: Path, *, is_cold: bool) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "assistant.yaml").write_text("system: Hi", "utf-8")

    code, _, told = await ended("run", cwd=tmp_path, is_cold=is_cold)

    assert code == 2
    for name in ("TELEGRAM__TOKEN", "YANDEX__FOLDER_ID", "YANDEX__API_KEY"):
        assert name in told


MISTAKES: dict[str, tuple[bytes, int]] = {
    "unknown-key.yaml": (b"title: A\nsistem: Hi\nsystem: Hi\n", 2),
    "wrong-type.yaml": (b"system: Hi\nmodel:\n  temperature: hot\n", 3),
    "undefined.yaml": (b"system: |\n  Hi\n  {{ persn_name }}\n", 3),
    "syntax.yaml": (b"title: A\nsystem: |\n  {% if %}\n", 3),
    "parent.yaml": (b"extends: nobody\nsystem: Hi\n", 1),
    "tab.yaml": (b"system: Hi\nmodel:\n\tname: x\n", 3),
    "bytes.yaml": (b"system: Hi\ntitle: \xff\n", 2),
    "twin.yaml": (b"system: Hi\n", 1),
    "twin.yml": (b"system: Hi\n", 1),
}


@pytest.mark.parametrize("command", ["check", "run"])
async def test_every_mistake_in_every_prompt_is_named_with_its_line(
    town: Town, tmp_path: Path, command: str
) -> None:
    folder = tmp_path / "mistaken"
    folder.mkdir()
    (folder / "assistant.yaml").write_text("system: Hi", "utf-8")
    for name, (text, _) in MISTAKES.items():
        (folder / name).write_bytes(text)

    code, _, told = await ended(command, env={**town.env, "PROMPTS__DIR": str(folder)})

    assert code == 2
    for name, (_, line) in MISTAKES.items():
        if name != "twin.yaml":
            assert f"{name}:{line}" in told
    assert "did you mean 'system'" in told
    assert town.house.world.calls == []


async def test_check_is_content_with_the_shipped_prompts() -> None:
    code, told, _ = await ended("check", is_cold=True)

    assert code == 0
    assert "12 prompts" in told


ACCOUNT = {"YANDEX__FOLDER_ID": "folder", "YANDEX__API_KEY": "key"}
OWN = {"OPENAI__URL": "http://anna:pass-word@localhost:11434/v1", "OPENAI__MODEL": "llama3.2"}


@pytest.mark.parametrize(
    ("env", "words"),
    [
        (ACCOUNT, "those of Yandex; prompts that name none take yandexgpt/latest"),
        (ACCOUNT | OWN, "those of Yandex, and those of your server at http://anna:"),
        (OWN, "localhost:11434/v1, and no others; prompts that name none take llama3.2"),
    ],
    ids=["yandex", "both", "own"],
)
async def test_check_says_whose_models_are_used(env: dict[str, str], words: str) -> None:
    code, told, _ = await ended("check", env=env)

    assert code == 0
    assert words in told
    assert "pass-word" not in told
    assert "YANDEX__" not in told


@pytest.mark.parametrize(
    ("env", "prompt", "words"),
    [
        (ACCOUNT, "model: llama3.2", "assistant: llama3.2 is on a server of your own"),
        (ACCOUNT, "fallback: llama3.2", "assistant: llama3.2 is on a server of your own"),
        (OWN, "models: [lite]", "assistant: lite is one of Yandex"),
    ],
)
async def test_check_names_models_that_nobody_serves(
    tmp_path: Path, env: dict[str, str], prompt: str, words: str
) -> None:
    (tmp_path / "models.yaml").write_text("kind: models\nmodels: {llama3.2: {server: own}, lite: {}}", "utf-8")
    (tmp_path / "assistant.yaml").write_text(f"system: Hi\n{prompt}\n", "utf-8")

    code, told, _ = await ended("check", env={**env, "PROMPTS__DIR": str(tmp_path)})

    assert code == 0
    assert words in told


@pytest.mark.parametrize("command", [(), ("run",), ("play",), ("check",)])
async def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    code, told, _ = await ended(*command, "--help", is_cold=True)

    assert code == 0
    assert "usage: python -m bot" in told
