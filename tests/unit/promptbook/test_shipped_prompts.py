"""The prompts that come with the bot: no problem in any, and each shows something else."""

from itertools import product
from pathlib import Path

import pytest

from bot.promptbook import PromptBook
from bot.types import Ability, Mode, Person

FOLDER = Path(__file__).parents[3] / "prompts"
NAMES = (
    "assistant",
    "cook",
    "editor",
    "essayist",
    "ideas",
    "interviewer",
    "letters",
    "observer",
    "programmer",
    "summariser",
    "translator",
    "tutor",
)


@pytest.fixture(scope="module")
def book() -> PromptBook:
    book = PromptBook(FOLDER)
    book.load()
    return book


def test_all_are_there(book: PromptBook) -> None:
    assert book.names == NAMES
    assert book.menu()[0].name == "assistant"


@pytest.mark.parametrize(("name", "language"), list(product(NAMES, ("ru", "en"))))
def test_each_speaks_both_languages(book: PromptBook, name: str, language: str) -> None:
    prompt = book.get(name)
    facts = book.facts(Person(1, "Anna", language), bot_name="Govorun")

    assert prompt.ask("?", (), facts, "yandexgpt").system
    for texts in (prompt.title, prompt.description, prompt.welcome):
        assert set(texts.by_language) == {"ru", "en"}
        assert texts.in_(language)


@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_asked_in_a_group(book: PromptBook, name: str) -> None:
    facts = book.facts(Person(1, "Anna", "en"), bot_name="Govorun", chat_title="Our house", is_group=True)

    assert book.get(name).ask("?", (), facts, "yandexgpt").system


def test_those_that_work_on_one_text_remember_nothing(book: PromptBook) -> None:
    forgetful = [name for name in NAMES if book.get(name).window.max_tokens == 0]

    assert forgetful == ["summariser", "translator"]


def test_the_assistant_knows_who_asks_and_what_day_it_is(book: PromptBook) -> None:
    facts = book.facts(Person(1, "Аня", "ru"), bot_name="Говорун", chat_title="Дача", is_group=True)

    system = book.get("assistant").ask("?", (), facts, "yandexgpt").system

    assert all(word in system for word in ("Аня", "Говорун", "«Дача»", facts.date, facts.time, facts.weekday))


def test_ideas_are_the_assistant_at_a_higher_temperature(book: PromptBook) -> None:
    ideas, assistant = book.get("ideas"), book.get("assistant")

    assert ideas.model.temperature == 0.9
    assert ideas.window == assistant.window


def test_the_observer_sees_and_so_does_whoever_answers_instead(book: PromptBook) -> None:
    model = book.catalogue.choice(book.get("observer").choice("yandexgpt"))

    assert [one.may(Ability.VISION) for one in (model, *model.fallbacks)] == [True, True]


def test_the_programmer_reasons_and_shows_braces_to_the_model(book: PromptBook) -> None:
    programmer = book.get("programmer")
    facts = book.facts(Person(1, "Anna", "en"), bot_name="Govorun")

    assert programmer.model.reasoning
    assert "{{ скобками }}" in programmer.ask("?", (), facts, "yandexgpt").system


def test_the_essayist_answers_later_with_a_model_that_can(book: PromptBook) -> None:
    essayist = book.get("essayist")

    assert essayist.mode is Mode.ASYNC
    assert book.catalogue.choice(essayist.model).answers_later


CLASSIFIERS = ("support", "tone", "urgency")


def test_three_classifiers_are_there(book: PromptBook) -> None:
    assert tuple(one.name for one in book.classifiers()) == CLASSIFIERS


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_each_classifier_has_a_title_and_a_description_in_both_languages(book: PromptBook, name: str) -> None:
    classifier = book.classifier(name)

    assert classifier
    for texts in (classifier.title, classifier.description):
        assert set(texts.by_language) == {"ru", "en"}
        assert all(texts.by_language.values())
    assert 2 <= len(classifier.scheme.labels) <= 20


def test_one_classifier_has_no_examples_and_the_others_have_one_for_each_label(book: PromptBook) -> None:
    schemes = {one.name: one.scheme for one in book.classifiers()}

    assert schemes["tone"].samples == ()
    for name in ("support", "urgency"):
        assert {sample.label for sample in schemes[name].samples} == set(schemes[name].labels)
