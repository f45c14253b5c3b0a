"""The list of models: found by any of their names, and the one that the bot comes with."""

from pathlib import Path

import pytest

from bot.promptbook import Catalogue, PromptBook
from bot.types import Ability, Dialect, ModelChoice, Price, Server
from tests.unit.promptbook.conftest import Desk

MODELS = """
models:
  lite-5:
    title: {ru: Лёгкая, en: Light}
    uri: lite-5/latest
    aliases: [lite, light/rc]
    context_tokens: 8000
    abilities: [async]
    price: {input: 0.2, output: 0.4, async_input: 0.1, async_output: 0.3, request: 0.15, request_tokens: 1000}
  seer:
    dialect: openai
    abilities: [VISION]
  full:
    uri: gpt://elsewhere/full/latest
  llama3.2:
    server: own
"""


@pytest.fixture
def catalogue(desk: Desk) -> Catalogue:
    desk.write("models.yaml", MODELS)
    return desk.loaded().catalogue


def test_a_model_is_what_its_entry_says(catalogue: Catalogue) -> None:
    spec = catalogue.find("lite-5")

    assert spec
    assert (spec.name, spec.uri, spec.context_tokens) == ("lite-5", "lite-5/latest", 8000)
    assert (spec.dialect, spec.server, spec.abilities) == (
        Dialect.NATIVE,
        Server.YANDEX,
        frozenset({Ability.ASYNC}),
    )
    assert spec.price == Price(0.2, 0.4, 0.1, 0.3, 0.15, 1000)
    assert spec.title == {"ru": "Лёгкая", "en": "Light"}


def test_what_an_entry_leaves_out_is_filled_in(catalogue: Catalogue) -> None:
    seer, llama = catalogue.find("seer"), catalogue.find("llama3.2")

    assert seer
    assert (seer.uri, seer.price, seer.title, seer.context_tokens) == ("seer", Price(), {}, None)
    assert llama
    assert (llama.server, llama.dialect) == (Server.OWN, Dialect.OPENAI)


@pytest.mark.parametrize(
    "name",
    [
        "lite-5/latest",
        "LITE-5",
        "lite",
        "lite/latest",
        "light/rc",
        "gpt://folder/lite-5",
        "gpt://folder/lite-5/latest",
        "cls://other/lite",
        "lite-5/latest@tuned",
        "gpt://folder/lite@tuned",
    ],
)
def test_a_model_is_found_by_any_of_its_names_and_asked_for_by_that(catalogue: Catalogue, name: str) -> None:
    spec = catalogue.find(name)

    assert spec
    assert (spec.name, spec.uri, spec.context_tokens) == ("lite-5", name, 8000)


@pytest.mark.parametrize(
    "name", ["light", "lite-5/rc", "lite-6", "", "gpt://folder/", "gpt://folder/unknown@lite"]
)
def test_another_model_is_not_known(catalogue: Catalogue, name: str) -> None:
    assert catalogue.find(name) is None


def test_a_model_of_another_folder_is_asked_for_there(catalogue: Catalogue) -> None:
    spec = catalogue.find("full")

    assert spec
    assert spec.uri == "gpt://elsewhere/full/latest"


def test_a_tuned_model_may_have_an_entry_of_its_own(desk: Desk) -> None:
    desk.write(
        "models.yaml", "models:\n  base: {}\n  tones:\n    uri: base/latest@abc\n    context_tokens: 5\n"
    )
    catalogue = desk.loaded().catalogue

    found = [catalogue.find(name) for name in ("cls://folder/base/latest@abc", "base/latest@xyz")]

    assert [spec and spec.name for spec in found] == ["tones", "base"]


def test_a_tuned_classifier_pays_for_its_own_number_of_tokens() -> None:
    price = {"request": 0.1525, "request_tokens": 1000, "tuned_request_tokens": 250}
    catalogue = Catalogue.of({"lite": {"price": price}, "pro": {"price": price | {"tuned_request_tokens": 0}}})

    specs = [catalogue.find(name) for name in ("lite", "cls://folder/lite/latest@abc", "pro@abc")]

    assert [spec and spec.price.request_tokens for spec in specs] == [1000, 250, 1000]


def test_a_choice_and_its_fallbacks_learn_what_is_known(catalogue: Catalogue) -> None:
    wanted = ModelChoice("lite", temperature=0.5, fallbacks=(ModelChoice("seer"), ModelChoice("unknown")))

    choice = catalogue.choice(wanted)

    assert (choice.label, choice.address, choice.temperature) == ("lite-5", "lite", 0.5)
    assert [(one.label, one.dialect) for one in choice.fallbacks] == [
        ("seer", Dialect.OPENAI),
        ("unknown", Dialect.NATIVE),
    ]
    assert choice.fallbacks[1].spec is None


def test_models_are_listed_in_their_order_and_by_what_they_can_do(catalogue: Catalogue) -> None:
    assert [spec.name for spec in catalogue.specs] == ["lite-5", "seer", "full", "llama3.2"]
    assert [spec.name for spec in catalogue.able(Ability.VISION)] == ["seer"]


def test_lists_of_several_files_are_one(desk: Desk) -> None:
    desk.write("models.yaml", MODELS)
    desk.write("ours.yaml", "kind: models\nmodels:\n  ours: {server: own}\n")

    assert desk.loaded().catalogue.find("ours")


def test_a_folder_without_a_list_has_the_one_that_the_bot_comes_with(desk: Desk) -> None:
    catalogue = desk.loaded().catalogue

    lite = catalogue.find("yandexgpt-lite")
    assert lite
    assert lite.price.request_tokens > 0


def test_a_list_of_ones_own_stands_instead_of_it(catalogue: Catalogue) -> None:
    assert catalogue.find("yandexgpt-lite") is None


def test_the_list_that_the_bot_comes_with_is_without_a_mistake() -> None:
    book = PromptBook(Path(__file__).parents[3] / "prompts")
    book.load()

    assert len({spec.name for spec in book.catalogue.specs}) == len(book.catalogue.specs) > 10
    assert all(spec.price != Price() or spec.server is Server.OWN for spec in book.catalogue.specs)
