"""Keys and values that a prompt cannot have: what was expected, what is there, what was probably meant."""

import pytest

from tests.unit.promptbook.conftest import Desk

KEYS = (
    "description, examples, extends, fallback, format, hidden, history, kind, mode, model, models, name, "
    "starters, system, title, transport, welcome, while_busy"
)
MODEL = "expected a model's name, or a mapping with name, temperature, max_tokens, reasoning"
NAME = "expected a model such as yandexgpt-lite, or a full gpt://folder/model"
STARTERS = "expected a list of at most 8 texts of at most 256 characters, or one by language"
TITLE = "expected text of at most 64 characters, or one by language"
IDLE = "expected a duration such as 30m, 8h or 2d, or never"


def test_every_problem_of_every_file_is_told_at_once(desk: Desk) -> None:
    desk.write("a.yaml", "sytem: x\nmodel:\n  temperature: hot\n")
    desk.write("b.yaml", "system: '{{ persn_name }}'\nextends: goood\n")

    assert desk.told() == [
        "a.yaml:1:1: unknown key 'sytem'; did you mean 'system'?",
        "a.yaml:3:16: temperature: expected a number from 0 to 1, got 'hot'",
        "b.yaml:1:13: undefined variable 'persn_name'; did you mean 'person_name'?",
        "b.yaml:2:10: extends: unknown prompt 'goood'; did you mean 'good'?",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Title: x\n", "1:1: unknown key 'Title'; did you mean 'title'?"),
        ("zzz: x\n", f"1:1: unknown key 'zzz'; known: {KEYS}"),
        ("model:\n  temprature: 1\n", "2:3: unknown key 'temprature' in 'model'; did you mean 'temperature'?"),
        ("history: {max_token: 1}\n", "1:11: unknown key 'max_token' in 'history'; did you mean 'max_tokens'?"),
        (
            "examples:\n- question: a\n  answer: b\n  anser: c\n",
            "4:3: unknown key 'anser' in 'examples'; did you mean 'answer'?",
        ),
        ("title: {rus: x}\n", "1:9: unknown key 'rus' in 'title'; did you mean 'ru'?"),
        ("starters: {de: [x]}\n", "1:12: unknown key 'de' in 'starters'; known: en, ru"),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest_known_one(desk: Desk, text: str, told: str) -> None:
    assert desk.told_of(text) == [told]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("model: {temperature: hot}", "1:22: temperature: expected a number from 0 to 1, got 'hot'"),
        ("model: {temperature: 1.1}", "1:22: temperature: expected a number from 0 to 1, got the number 1.1"),
        ("model: {temperature: .nan}", "1:22: temperature: expected a number from 0 to 1, got the number .nan"),
        ("model: {temperature: yes}", "1:22: temperature: expected a number from 0 to 1, got the boolean yes"),
        ("model: {max_tokens: 0}", "1:21: max_tokens: expected a whole number above 0, got the number 0"),
        ("model: {max_tokens: 1.5}", "1:21: max_tokens: expected a whole number above 0, got the number 1.5"),
        ("model: {reasoning: 1}", "1:20: reasoning: expected true or false, got the number 1"),
        (
            "model: gpt://folder",
            f"1:8: name: {NAME}, got 'gpt://folder'",
        ),
        (
            "model: yandex gpt",
            f"1:8: name: {NAME}, got 'yandex gpt'",
        ),
        (
            "model: [a]",
            f"1:8: model: {MODEL}, got a list of 1",
        ),
        ("history: 5", "1:10: history: expected a mapping with max_tokens and idle_reset, got the number 5"),
        (
            "history: {max_tokens: -1}",
            "1:23: max_tokens: expected a whole number, 0 or more, got the number -1",
        ),
        (
            "history: {idle_reset: soon}",
            f"1:23: idle_reset: {IDLE}, got 'soon'",
        ),
        (
            "history: {idle_reset: 30}",
            f"1:23: idle_reset: {IDLE}, got the number 30",
        ),
        (
            "examples: {question: a}",
            "1:11: examples: expected a list of mappings with question and answer, got a mapping",
        ),
        ("examples:\n  - question: a", "2:5: 'answer' is missing"),
        (
            "examples:\n  - {question: on, answer: b}",
            "2:16: question: expected text, got the boolean on; put it in quotes",
        ),
        (
            "starters: x",
            f"1:11: starters: {STARTERS}, got 'x'",
        ),
        (
            "starters: [a, b, c, d, e, f, g, h, i]",
            f"1:11: starters: {STARTERS}, got a list of 9",
        ),
        (
            "starters: {ru: [a, 10:30]}",
            f"1:20: starters: {STARTERS}, got the number 10:30; put it in quotes",
        ),
        ("system: no", "1:9: system: expected text, or one by language, got the boolean no; put it in quotes"),
        ("system: 5", "1:9: system: expected text, or one by language, got the number 5; put it in quotes"),
        ("system: [a]", "1:9: system: expected text, or one by language, got a list of 1"),
        ("system:", "1:8: system: expected text, or one by language, got nothing"),
        ("title: {}", f"1:8: title: {TITLE}, got a mapping"),
        ("title: ''", f"1:8: title: {TITLE}, got nothing"),
        (
            f"title: {'x' * 65}",
            f"1:8: title: {TITLE}, got '{'x' * 40}…'",
        ),
        ("hidden: maybe", "1:9: hidden: expected true or false, got 'maybe'"),
        ("name: Big Name", "1:7: name: expected 1 to 32 characters of a-z, 0-9, _ and -, got 'Big Name'"),
        ("extends: [good]", "1:10: extends: expected the name of another prompt, got a list of 1"),
        (
            "welcome: Hi, {{ person_name }}",
            "1:10: welcome: templates are not rendered here; this is taken as it is",
        ),
    ],
)
def test_a_wrong_value_is_told_with_what_was_expected(desk: Desk, text: str, told: str) -> None:
    assert desk.told_of(text) == [told]


def test_a_text_that_stands_for_all_languages_is_told_of_once(desk: Desk) -> None:
    assert len(desk.told_of("title: 5\nsystem: '{{ oops }}'\n")) == 2


def test_a_prompt_without_a_system_text_is_told(desk: Desk) -> None:
    assert desk.told_of("title: x\n") == ["1:1: 'system' is missing, the text that tells the model what to do"]


def test_a_hidden_prompt_may_go_without_a_system_text(desk: Desk) -> None:
    desk.write("base.yaml", "hidden: true\nmodel: yandexgpt-lite\n")

    assert desk.told() == []
    assert desk.loaded().get("base").system.in_("ru").text == ""


@pytest.mark.parametrize(
    "name",
    [
        "yandexgpt",
        "yandexgpt-5.1",
        "yandexgpt/rc",
        "yandexgpt-lite/latest@tamr1",
        "gpt://b1g/yandexgpt-lite/latest@tamr1",
        "llama3.1:8b",
    ],
)
def test_models_are_named_as_services_name_them(desk: Desk, name: str) -> None:
    assert desk.prompt(f"system: x\nmodel: {name}\n").model.name == name


def test_dates_and_the_like_are_text(desk: Desk) -> None:
    assert desk.prompt("system: x\ntitle: 2026-11-23\n").title_for("ru") == "2026-11-23"


@pytest.mark.parametrize(
    ("duration", "seconds"), [("45s", 45), ("30m", 1800), ("8h", 28_800), ("2d", 172_800), ("never", None)]
)
def test_durations_are_read_with_their_units(desk: Desk, duration: str, seconds: float | None) -> None:
    assert desk.prompt(f"system: x\nhistory: {{idle_reset: {duration}}}\n").window.idle_reset_s == seconds


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("transport: drafts", "1:12: transport: expected edit or draft, got 'drafts'; did you mean 'draft'?"),
        ("transport: pigeon", "1:12: transport: expected edit or draft, got 'pigeon'"),
        ("transport: yes", "1:12: transport: expected edit or draft, got the boolean yes"),
        ("transport:", "1:11: transport: expected edit or draft, got nothing"),
        ("transport: [edit]", "1:12: transport: expected edit or draft, got a list of 1"),
        ("format: entity", "1:9: format: expected entities or rich, got 'entity'; did you mean 'entities'?"),
        (
            "while_busy: replce",
            "1:13: while_busy: expected merge, queue or replace, got 'replce'; did you mean 'replace'?",
        ),
        ("format: {rich: true}", "1:9: format: expected entities or rich, got a mapping"),
        ("fromat: rich", "1:1: unknown key 'fromat'; did you mean 'format'?"),
    ],
)
def test_a_word_that_is_none_of_the_few_is_told_with_the_nearest(desk: Desk, text: str, told: str) -> None:
    assert desk.told_of(f"{text}\nsystem: x\n") == [told]
