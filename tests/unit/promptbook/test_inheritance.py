"""A prompt has from its parent whatever it does not say itself."""

from bot.types import Example, Format, Manner, ModelChoice, Transport, WhileBusy, Window
from tests.unit.promptbook.conftest import Desk

BASE = """\
hidden: true
title: {ru: Основа, en: Base}
description: A base
welcome: Hello
system: {ru: Будь добр., en: Be kind.}
model: {name: yandexgpt, temperature: 0.2, max_tokens: 100, reasoning: true}
history: {max_tokens: 7, idle_reset: 8h}
examples: [{question: a, answer: b}]
starters: [One]
"""


def test_what_is_not_said_is_inherited(desk: Desk) -> None:
    desk.write("base.yaml", BASE)

    prompt = desk.prompt("extends: base\n")

    assert (prompt.name, prompt.is_hidden) == ("it", False)
    assert (prompt.title_for("ru"), prompt.description_for("ru"), prompt.welcome_for("en")) == (
        "Основа",
        "A base",
        "Hello",
    )
    assert prompt.model == ModelChoice("yandexgpt", 0.2, 100, reasoning=True)
    assert prompt.window == Window(7, 28_800)
    assert (prompt.examples, prompt.starters_for("en")) == ((Example("a", "b"),), ("One",))
    assert prompt.system.in_("en").text == "Be kind."


def test_mappings_are_merged_key_by_key_and_lists_replaced(desk: Desk) -> None:
    desk.write("base.yaml", BASE)

    prompt = desk.prompt(
        """\
        extends: base
        title: {en: Mine}
        model: {temperature: 0.9, reasoning: false}
        history: {idle_reset: never}
        examples: []
        starters: {ru: [Раз, Два]}
        system: {en: Be brief.}
        """
    )

    assert (prompt.title_for("ru"), prompt.title_for("en")) == ("Основа", "Mine")
    assert prompt.model == ModelChoice("yandexgpt", 0.9, 100, reasoning=False)
    assert prompt.window == Window(7, None)
    assert prompt.examples == ()
    assert (prompt.starters_for("ru"), prompt.starters_for("en")) == (("Раз", "Два"), ("One",))
    assert (prompt.system.in_("ru").text, prompt.system.in_("en").text) == ("Будь добр.", "Be brief.")


def test_the_manner_of_the_answers_is_inherited_word_by_word(desk: Desk) -> None:
    desk.write("base.yaml", f"{BASE}transport: draft\nformat: rich\n")

    assert desk.prompt("extends: base\n").manner == Manner(Transport.DRAFT, Format.RICH)
    assert desk.prompt("extends: base\ntransport: Edit\n").manner == Manner(Transport.EDIT, Format.RICH)
    assert desk.prompt("system: x\n").manner == Manner(None, Format.ENTITIES)


def test_what_happens_while_busy_is_inherited(desk: Desk) -> None:
    desk.write("base.yaml", f"{BASE}while_busy: Queue\n")

    assert desk.prompt("extends: base\n").while_busy is WhileBusy.QUEUE
    assert desk.prompt("extends: base\nwhile_busy: replace\n").while_busy is WhileBusy.REPLACE
    assert desk.prompt("system: x\n").while_busy is None


def test_a_model_given_by_name_keeps_the_parents_manner(desk: Desk) -> None:
    desk.write("base.yaml", BASE)

    assert desk.prompt("extends: base\nmodel: yandexgpt-lite\n").model == ModelChoice(
        "yandexgpt-lite", 0.2, 100, reasoning=True
    )


def test_one_text_replaces_the_parents_in_every_language(desk: Desk) -> None:
    desk.write("base.yaml", BASE)

    prompt = desk.prompt("extends: base\ntitle: Mine\n")

    assert (prompt.title_for("ru"), prompt.title_for("en")) == ("Mine", "Mine")


def test_grandparents_count(desk: Desk) -> None:
    desk.write("base.yaml", BASE)
    desk.write("middle.yaml", "extends: base\nwelcome: Middle\n")

    prompt = desk.prompt("extends: middle\n")

    assert (prompt.welcome_for("ru"), prompt.window.max_tokens) == ("Middle", 7)


def test_an_unknown_parent_is_told_with_the_nearest_name(desk: Desk) -> None:
    assert desk.told_of("system: x\nextends: godo\n") == [
        "2:10: extends: unknown prompt 'godo'; did you mean 'good'?"
    ]


def test_a_parent_that_nothing_resembles_is_told_with_all_names(desk: Desk) -> None:
    assert desk.told_of("extends: xyz\n") == ["1:10: extends: unknown prompt 'xyz'; known: good"]


def test_a_parent_where_there_are_no_others_is_told(desk: Desk) -> None:
    desk.write("good.yaml", "system: x\nextends: base\n")

    assert desk.told() == ["good.yaml:2:10: extends: unknown prompt 'base'; there is none"]


def test_a_circle_is_told_in_every_file_of_it_and_in_no_other(desk: Desk) -> None:
    desk.write("a.yaml", "extends: b\n")
    desk.write("b.yaml", "title: x\nextends: c\n")
    desk.write("c.yaml", "extends: a\n")
    desk.write("outside.yaml", "extends: a\n")
    desk.write("self.yaml", "extends: self\n")

    assert desk.told() == [
        "a.yaml:1:10: 'extends' goes round in a circle: a → b → c → a",
        "b.yaml:2:10: 'extends' goes round in a circle: b → c → a → b",
        "c.yaml:1:10: 'extends' goes round in a circle: c → a → b → c",
        "self.yaml:1:10: 'extends' goes round in a circle: self → self",
    ]


def test_a_mistake_in_an_inherited_text_is_told_once_where_it_was_written(desk: Desk) -> None:
    desk.write("base.yaml", "system: |\n  {{ oops }}\n")
    desk.write("it.yaml", "extends: base\n")

    assert [problem.split(": ")[0] for problem in desk.told()] == ["base.yaml:2:6"]
