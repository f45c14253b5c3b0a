"""Which model answers: chosen from a menu or by name, kept for each conversation and prompt."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.texts import ENGLISH, RUSSIAN
from tests.tools.house import ANNA, BORIS, GROUP, KEY, PROMPTS, House, open_house
from tests.tools.own_server import own_server

CHOICE = "\nmodels: [yandexgpt-5-lite, yandexgpt-5.1]\n"


@pytest.fixture
async def choosy(redis_url: str, tmp_path: Path) -> AsyncIterator[tuple[House, Path]]:
    """A bot whose assistant lets people choose; its cook does not."""
    folder = tmp_path / "prompts"
    shutil.copytree(PROMPTS, folder)
    allow(folder, CHOICE)
    async with open_house(redis_url, prompts=folder) as house:
        yield house, folder
        house.judge()


def allow(folder: Path, choice: str) -> None:
    own = (PROMPTS / "assistant.yaml").read_text("utf-8")
    (folder / "assistant.yaml").write_text(own + choice, "utf-8")


def asked_model(house: House) -> str:
    return str(house.bodies()[-1]["modelUri"])


def buttons(house: House, chat_id: int = ANNA) -> list[dict[str, Any]]:
    menu = house.world.bot_messages(chat_id)[-1]
    return [button for row in menu["reply_markup"]["inline_keyboard"] for button in row]


async def press(house: House, data: str, chat_id: int = ANNA) -> dict[str, Any]:
    message_id = house.world.bot_messages(chat_id)[-1]["message_id"]
    query = house.world.press(chat_id, ANNA, message_id, data, is_forged=True)
    await house.until(lambda: house.world.callback_answer(query) is not None)
    return house.world.callback_answer(query) or {}


async def test_a_model_is_chosen_from_the_menu(choosy: tuple[House, Path]) -> None:
    house, _ = choosy
    assert await house.hears("/model") == ENGLISH.choose_model
    assert [one["text"] for one in buttons(house)] == [
        "✓ YandexGPT Pro 5",
        "YandexGPT Lite 5",
        "YandexGPT Pro 5.1",
    ]

    await press(house, buttons(house)[1]["callback_data"])
    said = ENGLISH.model_chosen.format(title="YandexGPT Lite 5")
    await house.until(lambda: house.world.text_of_last_bot_message(ANNA) == said)
    await house.asks("hello")

    assert asked_model(house) == "gpt://folder/yandexgpt-5-lite"
    await house.hears("/model")
    assert [one["text"][0] for one in buttons(house)] == ["Y", "✓", "Y"]


@pytest.mark.parametrize("words", ["yandexgpt-5.1", "YandexGPT/RC", "yandexgpt pro 5.1"])
async def test_a_model_is_chosen_by_name(choosy: tuple[House, Path], words: str) -> None:
    house, _ = choosy

    assert await house.hears(f"/model {words}") == ENGLISH.model_chosen.format(title="YandexGPT Pro 5.1")
    await house.asks("hello")

    assert asked_model(house) == "gpt://folder/yandexgpt-5.1"


async def test_a_model_that_the_prompt_does_not_allow_shows_the_menu(choosy: tuple[House, Path]) -> None:
    house, _ = choosy

    assert await house.hears("/model gpt-oss-20b") == ENGLISH.no_such_model.format(name="gpt-oss-20b")

    assert len(buttons(house)) == 3


async def test_a_choice_is_for_one_conversation_and_one_prompt(choosy: tuple[House, Path]) -> None:
    house, _ = choosy
    await house.hears("/model yandexgpt-5-lite")

    await house.asks("@govorun_bot hello", GROUP, ANNA)
    in_the_group = asked_model(house)
    await house.hears("/prompts cook")
    await house.asks("hello")
    of_the_cook = asked_model(house)
    await house.hears("/prompts assistant")
    await house.asks("hello")

    assert "lite" not in in_the_group
    assert "lite" not in of_the_cook
    assert asked_model(house) == "gpt://folder/yandexgpt-5-lite"


async def test_a_choice_that_the_prompt_allows_no_more_is_ignored(choosy: tuple[House, Path]) -> None:
    house, folder = choosy
    await house.hears("/model yandexgpt-5-lite")

    allow(folder, "\nmodels: [yandexgpt-5.1]\n")
    await house.asks("hello")

    assert asked_model(house) == "gpt://folder/yandexgpt/latest"


async def test_a_prompt_with_one_model_says_which(house: House) -> None:
    assert await house.hears("/model") == ENGLISH.one_model.format(prompt="Assistant", title="YandexGPT Pro 5")
    said = await house.hears("/model yandexgpt-5-lite", BORIS)

    assert said == RUSSIAN.one_model.format(prompt="Помощник", title="YandexGPT Pro 5")


@pytest.mark.parametrize("data", ["model:assistant:000000000000", "model:cook:000000000000", "model:x"])
async def test_a_button_of_a_model_that_is_gone_says_so(choosy: tuple[House, Path], data: str) -> None:
    house, _ = choosy
    await house.hears("/model")

    assert (await press(house, data))["text"] == ENGLISH.button_expired


async def test_a_menu_of_a_prompt_that_is_not_in_use_any_more_says_so(choosy: tuple[House, Path]) -> None:
    house, _ = choosy
    await house.hears("/model")
    data = buttons(house)[1]["callback_data"]
    await house.hears("/prompts cook")

    assert (await press(house, data))["text"] == ENGLISH.button_expired


async def test_a_model_of_others_is_asked_in_the_openai_dialect(choosy: tuple[House, Path]) -> None:
    house, folder = choosy
    allow(folder, "\nmodels: [gpt-oss-20b, qwen3-235b-a22b-fp8]\n")
    await house.hears("/model qwen3-235b-a22b-fp8")

    trace = await house.asks("hello")

    assert [request.method for request in house.models.requests] == ["chat/completions"]
    assert house.models.requests[-1].body["model"] == "gpt://folder/qwen3-235b-a22b-fp8"
    assert trace.outcome == "complete"
    assert trace.usage is not None
    assert house.world.text_of_last_bot_message(ANNA).startswith("I am a stand-in")


OWN_MODEL = "kind: models\nmodels:\n  llama3.2: {server: own}\n"
ALONE = {"folder_id": "", "api_key": None}


def with_own_models(tmp_path: Path, prompt: str = "system: Be brief.\n") -> Path:
    (tmp_path / "models.yaml").write_text(OWN_MODEL, "utf-8")
    (tmp_path / "assistant.yaml").write_text(prompt, "utf-8")
    return tmp_path


async def test_a_model_of_ones_own_server_learns_nothing_of_the_account(redis_url: str, tmp_path: Path) -> None:
    folder = with_own_models(tmp_path, "system: Be brief.\nmodel: llama3.2\n")
    async with own_server() as own, open_house(redis_url, prompts=folder, openai={"url": own.url}) as house:
        trace = await house.asks("hello")

    [(headers, body)] = own.heard
    assert (trace.answer, house.models.requests) == ("I am your own model.", [])
    assert body["model"] == "llama3.2"
    assert not {"Authorization", "OpenAI-Project", "x-folder-id"} & set(headers)
    assert KEY not in f"{headers} {body}"


async def test_without_an_account_the_bot_runs_on_ones_own_server_alone(redis_url: str, tmp_path: Path) -> None:
    folder = with_own_models(tmp_path)
    async with own_server() as own:
        own.models = ("never-listed",)
        openai = {"url": own.url, "model": "never-listed", "api_key": "sk-mine"}
        async with open_house(redis_url, prompts=folder, yandex=ALONE, openai=openai) as house:
            trace = await house.asks("hello")

    [(headers, body)] = own.heard
    assert (trace.answer, trace.outcome) == ("I am your own model.", "complete")
    assert (headers["Authorization"], body["model"]) == ("Bearer sk-mine", "never-listed")


async def test_a_model_of_a_server_that_is_not_set_up_is_told_as_one_that_does_not_exist(
    redis_url: str, tmp_path: Path
) -> None:
    folder = with_own_models(tmp_path, "system: Be brief.\nmodel: llama3.2\n")
    async with open_house(redis_url, prompts=folder) as house:
        trace = await house.asks("hello")

        assert trace.outcome == "UnknownModel"
        assert ENGLISH.failures.unknown_model in house.world.text_of_last_bot_message(ANNA)
