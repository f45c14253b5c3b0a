"""Prompts with `mode: async` and a model that answers at once only."""

import pytest

from bot.promptbook import shelf
from tests.unit.promptbook.conftest import Desk

MODELS = """
kind: models
models:
  patient: {abilities: [async]}
  hasty: {}
  foreign: {abilities: [async], dialect: openai}
"""
THERE_ARE = "for 'mode: async' there are: patient"


@pytest.fixture
def stocked(desk: Desk) -> Desk:
    desk.write("models.yaml", MODELS)
    return desk


@pytest.mark.parametrize("name", ["hasty", "foreign", "gpt://folder/hasty/latest"])
def test_a_model_that_answers_at_once_only_is_told_at_its_name(stocked: Desk, name: str) -> None:
    text = f"system: x\nmode: async\nmodel:\n  name: {name}\n  temperature: 0.5\n"

    assert stocked.told_of(text) == [f"4:9: model: {name!r} answers at once only; {THERE_ARE}"]


def test_so_it_is_if_the_name_stands_alone(stocked: Desk) -> None:
    assert stocked.told_of("system: x\nmode: async\nmodel: hasty\n") == [
        f"3:8: model: 'hasty' answers at once only; {THERE_ARE}"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "system: x\nmode: async\nmodel: patient\n",
        "system: x\nmode: async\nmodel: patient/latest@tuned\n",
        "system: x\nmode: async\nmodel: nobody-knows-it\n",
        "system: x\nmode: async\n",
        "system: x\nmode: sync\nmodel: hasty\n",
        "system: x\nmodel: hasty\n",
    ],
)
def test_nothing_is_said_of_what_may_be(stocked: Desk, text: str) -> None:
    assert stocked.told_of(text) == []


def test_a_mode_that_does_not_suit_an_inherited_model_is_told_where_it_stands(stocked: Desk) -> None:
    stocked.write("parent.yaml", "system: x\nmodel: hasty\n")

    assert stocked.told_of("extends: parent\nmode: async\n") == [
        f"2:7: model: 'hasty' answers at once only; {THERE_ARE}"
    ]


def test_what_a_child_only_inherits_is_told_of_its_parent(stocked: Desk) -> None:
    stocked.write("parent.yaml", "system: x\nmodel: hasty\nmode: async\n")

    told = stocked.told()
    stocked.write("it.yaml", "extends: parent\n")

    assert [line.partition(":")[0] for line in told] == ["parent.yaml"]
    assert stocked.told() == told


def test_where_there_is_no_list_the_shipped_one_counts(desk: Desk) -> None:
    (told,) = desk.told_of("system: x\nmode: async\nmodel: deepseek-v4-flash\n")

    assert told.startswith("3:8: model: 'deepseek-v4-flash' answers at once only")


def test_a_list_that_is_broken_comes_first(desk: Desk) -> None:
    desk.write("models.yaml", "kind: models\nmodels: 5\n")

    told = desk.told_of("system: x\nmode: async\nmodel: deepseek-v4-flash\n")

    assert [line.partition(":")[0] for line in told] == ["models.yaml"]


def test_if_that_was_deleted_nothing_is_known_of_models(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "_SHIPPED_MODELS", desk.folder / "gone.yaml")
    shelf.shipped_catalogue.cache_clear()
    try:
        book = desk.book()
        book.load()

        assert book.catalogue.specs == ()
    finally:
        monkeypatch.undo()
        shelf.shipped_catalogue.cache_clear()
