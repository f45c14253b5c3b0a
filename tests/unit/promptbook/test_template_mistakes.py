"""Templates that would fail in mid-conversation fail when their file is read, on their lines of the file."""

import pytest

from bot.errors import ConfigError
from bot.promptbook import Facts
from bot.types import Person
from tests.unit.promptbook.conftest import MONDAY, Desk

OOPS = "undefined variable 'persn_name'; did you mean 'person_name'?"
NO_END = "template syntax: Unexpected end of template. Jinja was looking for the following tags:"
KNOWN = "known: bot_name, chat_title, date, is_group, language, now, person_name, time, weekday"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("title: x\nsystem: |\n  persn_name\n  and: {{ persn_name }}\n", "4:11"),
        ("title: x\nsystem: |2-\n\n    and: {{ persn_name }}\n", "4:13"),
        ("title: x\nsystem: >\n  One\n  two {{ persn_name }}\n", "4:10"),
        ("title: x\nsystem: One\n  two {{ persn_name }}\n", "3:10"),
        ("title: x\nsystem: 'One''s\n\n  two {{ persn_name }}'\n", "4:10"),
        ('title: x\nsystem: "One\n  {{ \\"two\\" ~ persn_name }}"\n', "3:16"),
        ('title: x\nsystem: "One\\n\\ntwo {{ persn_name }}"\n', "2:24"),
        ("title: x\nsystem:\n  en: |\n    {{ persn_name }}\n", "4:8"),
        ("title: x\nsystem: {ru: 'a', en: '{{ persn_name }}'}\n", "2:27"),
        ("title: x\nsystem: |\n  {% if is_group %}\n  a\n  {% elif persn_name %}\n  {% endif %}\n", "5:11"),
        ("title: x\nsystem: |\n  {{\n  persn_name\n  }}\n", "4"),
    ],
)
def test_an_undefined_variable_is_told_where_it_stands(desk: Desk, text: str, place: str) -> None:
    assert desk.told_of(text) == [f"{place}: {OOPS}"]


def test_every_undefined_variable_is_told(desk: Desk) -> None:
    told = desk.told_of("system: |\n  {{ zzz }} {{ persn_name }}\n  {{ persn_name }}\n")

    assert told == [f"2:6: undefined variable 'zzz'; {KNOWN}", f"2:16: {OOPS}", f"3:6: {OOPS}"]


def test_variables_that_a_template_sets_itself_are_known(desk: Desk) -> None:
    assert (
        desk.told_of("system: |\n  {% set x = 1 %}{% for y in [x] %}{{ y }}{{ loop.index }}{% endfor %}\n")
        == []
    )


@pytest.mark.parametrize("name", ["range", "lipsum", "dict", "cycler", "joiner", "namespace"])
def test_there_are_no_variables_besides_the_facts(desk: Desk, name: str) -> None:
    assert f"undefined variable '{name}'" in desk.told_of(f"system: '{{{{ {name} }}}}'\n")[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "system: |\n  Hi {{ person_name\n  More. And more\n",
            "2:6: template syntax: expected token 'end of print statement', got 'More'",
        ),
        (
            "system: |\n  Hi\n  {% if is_group %}\n  all\n  {{ date }}\n",
            f"3:3: {NO_END} 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'.",
        ),
        (
            "system: |\n  {% if is_group %}a{% endif %}\n  {% set x %}\n",
            f"3:3: {NO_END} 'endset'. The innermost block that needs to be closed is 'set'.",
        ),
        ("system: |\n  Hi\n  {% endfi %}\n", "3:3: template syntax: Encountered unknown tag 'endfi'."),
        (
            "system: |\n  {{ date }} {{ a b }}\n",
            "2: template syntax: expected token 'end of print statement', got 'b'",
        ),
        ("system: |\n  Hi\n  {# for ever\n", "3:3: template syntax: Missing end of comment tag"),
        ("system: |\n  {% block a %}{% endblock %}\n  {% block a %}{% endblock %}\n", None),
    ],
)
def test_broken_syntax_is_told_at_the_tag_that_breaks(desk: Desk, text: str, told: str | None) -> None:
    problems = desk.told_of(text)

    assert len(problems) == 1
    assert problems == [told] if told else "template syntax: block 'a' defined twice" in problems[0]


def test_unknown_filters_and_tests_are_told_in_branches_that_are_never_taken(desk: Desk) -> None:
    told = desk.told_of(
        "system: |\n  {% if date == '' %}\n  {{ date|uper }} {{ oops }} {{ date is strin }}\n  {% endif %}\n"
    )

    assert told == [
        "3:11: unknown filter 'uper'; did you mean 'upper'?",
        f"3:22: undefined variable 'oops'; {KNOWN}",
        "3:41: unknown test 'strin'; did you mean 'string'?",
    ]


@pytest.mark.parametrize("tag", ["include 'a'", "import 'a' as b", "from 'a' import b", "extends 'a'"])
def test_templates_include_nothing(desk: Desk, tag: str) -> None:
    told = desk.told_of(f"system: |\n  Hi\n  {{% {tag} %}}\n")

    assert told == ["3: a template cannot include others here; a prompt can, with 'extends'"]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("person_name.surname", "'str object' has no attribute 'surname'"),
        ("1 / 0", "division by zero"),
        ("person_name.__class__", "access to attribute '__class__' of 'str' object is unsafe."),
        ("5 | join", "'int' object is not iterable"),
    ],
)
def test_what_cannot_be_rendered_is_told_on_its_line(desk: Desk, expression: str, reason: str) -> None:
    told = desk.told_of(f"system: |\n  Hi\n  {{{{ {expression} }}}}\n")

    assert told == [f"3: the template cannot be rendered: {reason}"]


def test_a_failure_in_a_language_or_a_group_alone_is_found(desk: Desk) -> None:
    told = desk.told_of(
        "system: |\n  {% if is_group and language == 'en' %}\n  {{ chat_title.oops }}\n  {% endif %}\n"
    )

    assert told == ["3: the template cannot be rendered: 'str object' has no attribute 'oops'"]


def test_a_template_that_python_itself_cannot_compile_is_told(desk: Desk) -> None:
    nest = "{% for a in [1] %}" * 30 + "{% endfor %}" * 30

    told = desk.told_of(f"title: x\nsystem: |\n  {nest}\n")

    assert len(told) == 1
    assert told[0].startswith("3: the template cannot be rendered: ")


def test_a_template_too_deep_for_the_parser_is_told(desk: Desk) -> None:
    told = desk.told_of(f"title: x\nsystem: |\n  {{{{ {'(' * 3000}1{')' * 3000} }}}}\n")

    assert len(told) == 1
    assert told[0].startswith("3:3: template syntax: ")


def test_a_number_too_long_for_python_is_told(desk: Desk) -> None:
    told = desk.told_of(f"title: x\nsystem: |\n  {{{{ {'1' * 5000} }}}}\n")

    assert len(told) == 1
    assert told[0].startswith("3:3: template syntax: ")


def test_a_mistake_that_only_the_read_text_has_is_told_where_the_text_begins(desk: Desk) -> None:
    told = desk.told_of('title: x\nsystem: "\\x7b{ oops }}"\n')

    assert told == [f"2:9: undefined variable 'oops'; {KNOWN}"]


def test_a_failure_in_mid_conversation_is_a_config_error_with_its_line(desk: Desk) -> None:
    prompt = desk.prompt("system: |\n  Hi\n  {% if now.year == 2030 %}{{ person_name.oops }}{% endif %}\n")
    facts = Facts.at(MONDAY.replace(year=2030), Person(1, "Anna", "en"), bot_name="Govorun")

    with pytest.raises(ConfigError) as caught:
        prompt.ask("?", (), facts, "yandexgpt")

    problem = caught.value.problems[0]
    assert (problem.file.name, problem.line) == ("it.yaml", 3)
    assert problem.message == "the template cannot be rendered: 'str object' has no attribute 'oops'"


def test_a_failure_that_the_layout_does_not_show_is_placed_at_the_text(desk: Desk) -> None:
    prompt = desk.prompt(
        'title: x\nsystem: "\\x7b{ now.tzinfo.key }}"\nhidden: true\n'.replace(
            "now.tzinfo.key", "1 // (now.year - 2030)"
        )
    )
    facts = Facts.at(MONDAY.replace(year=2030), Person(1, "Anna", "en"), bot_name="Govorun")

    with pytest.raises(ConfigError) as caught:
        prompt.ask("?", (), facts, "yandexgpt")

    assert caught.value.problems[0].line == 2
