from pathlib import Path

import pytest

from bot.promptbook import PromptBook, Selection
from bot.types import ModelChoice, ModelSpec

MODELS = """
kind: models
models:
  pro:
    title: {ru: Профи, en: Pro}
    aliases: [yandexgpt]
  lite:
    title: Lite
  qwen:
    dialect: openai
"""
PROMPT = "system: x\nmodel: {name: lite, temperature: 0.3}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "models.yaml").write_text(MODELS, "utf-8")
    return tmp_path


def selection(folder: Path, models: str, chosen: str | None = None, prompt: str = PROMPT) -> Selection:
    (folder / "assistant.yaml").write_text(f"{prompt}models: {models}\n", "utf-8")
    book = PromptBook(folder)
    book.load()
    return book.selection(book.get(), "yandexgpt/latest", chosen)


def names(chosen: Selection) -> list[str]:
    return [model.name for model in chosen.models]


def test_a_prompt_that_lists_none_has_its_own_model(folder: Path) -> None:
    models = selection(folder, "[]", chosen="qwen")

    assert names(models) == ["lite"]
    assert models.in_use.name == "lite"


def test_the_prompts_own_model_can_always_be_returned_to(folder: Path) -> None:
    assert names(selection(folder, "[pro, qwen]")) == ["lite", "pro", "qwen"]


def test_a_model_that_is_listed_keeps_its_place(folder: Path) -> None:
    models = selection(folder, "[qwen, lite]")

    assert names(models) == ["qwen", "lite"]
    assert models.in_use.name == "lite"


def test_a_model_by_two_names_is_one(folder: Path) -> None:
    models = selection(folder, "[yandexgpt, pro, lite]", prompt="system: x\n")

    assert names(models) == ["pro", "lite"]
    assert models.is_in_use(models.models[0])


def test_a_tuned_model_is_not_its_base(folder: Path) -> None:
    assert names(selection(folder, "[lite, lite/latest@mine]")) == ["lite", "lite/latest@mine"]


def test_the_one_that_was_chosen_answers_as_the_prompt_writes(folder: Path) -> None:
    models = selection(folder, "[pro, qwen]", chosen="qwen")

    assert (models.in_use.name, models.in_use.temperature) == ("qwen", 0.3)
    assert [models.is_in_use(one) for one in models.models] == [False, False, True]


def test_a_choice_by_another_name_still_counts(folder: Path) -> None:
    assert selection(folder, "[pro, qwen]", chosen="yandexgpt/latest").in_use.name == "pro"


@pytest.mark.parametrize("gone", ["pro", "lite/latest@mine", "never-heard-of"])
def test_a_choice_that_is_not_allowed_any_more_is_ignored(folder: Path, gone: str) -> None:
    assert selection(folder, "[qwen]", chosen=gone).in_use.name == "lite"


@pytest.mark.parametrize("words", ["pro", "PRO", "yandexgpt", "gpt://any/yandexgpt/latest", "Профи", "профи"])
def test_a_model_is_found_by_any_of_its_names(folder: Path, words: str) -> None:
    found = selection(folder, "[pro, qwen]").find(words)

    assert found is not None
    assert found.name == "pro"


@pytest.mark.parametrize("words", ["", "pirate", "pro@tuned"])
def test_what_is_no_name_finds_nothing(folder: Path, words: str) -> None:
    assert selection(folder, "[pro, qwen]").find(words) is None


@pytest.mark.parametrize(
    ("model", "title"),
    [
        (ModelChoice("lite", spec=ModelSpec("lite", "lite", title={"ru": "Лайт"})), "Лайт"),
        (ModelChoice("lite", spec=ModelSpec("lite", "lite")), "lite"),
        (ModelChoice("lite@mine", spec=ModelSpec("lite", "lite@mine", title={"ru": "Лайт"})), "Лайт (mine)"),
        (ModelChoice("llama3.2"), "llama3.2"),
        (ModelChoice("gpt://b1gfolder/some/latest@x"), "some/latest@x"),
    ],
)
def test_menus_call_a_model_by_its_title_and_never_name_the_folder(model: ModelChoice, title: str) -> None:
    assert model.title_for("ru") == title
