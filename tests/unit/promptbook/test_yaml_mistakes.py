"""Files that are no YAML, or more of YAML than a prompt may be: each mistake is told with its place."""

import pytest

from tests.unit.promptbook.conftest import Desk

QUOTE_IT = "put the text in quotes, or on indented lines below 'key: |'"
COMMAS = f"a list in brackets needs commas between its texts, and ends with a bracket: {QUOTE_IT}"
BRACES = f"at the beginning of a value is YAML's own: {QUOTE_IT}"
TAB = "a tab: YAML wants spaces; indent with two spaces (most editors can convert tabs)"


def test_a_tab_is_named_and_does_not_hide_the_other_mistakes(desk: Desk) -> None:
    told = desk.told_of("system: x\nmodel:\n\ttemperature: 7\nsytem: y\n")

    assert told == [
        f"3:1: {TAB}",
        "3:15: temperature: expected a number from 0 to 1, got the number 7",
        "4:1: unknown key 'sytem'; did you mean 'system'?",
    ]


def test_a_tab_among_spaces_is_read_as_the_width_that_makes_sense(desk: Desk) -> None:
    told = desk.told_of("system: x\nmodel:\n  name: y\n\treasoning: maybe\n")

    assert told == [f"4:1: {TAB}", "4:14: reasoning: expected true or false, got 'maybe'"]


def test_a_tab_that_no_width_can_mend_is_told_alone(desk: Desk) -> None:
    assert desk.told_of("system: x\nmodel:\n\tname: 'y\n") == [f"3:1: {TAB}"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("system:\tx\n", "1:8"),
        ("system: |\n\tx\n", "2:1"),
        ("system: x\n  \t# a comment\n", "2:3"),
        ("system: x\t\n", "1:10"),
    ],
)
def test_a_tab_is_told_wherever_yaml_refuses_it(desk: Desk, text: str, place: str) -> None:
    assert desk.told_of(text) == [f"{place}: {TAB}"]


def test_a_tab_inside_a_block_of_text_is_text(desk: Desk) -> None:
    assert desk.prompt("system: |\n  all:\n  \tmake\n").system.in_("en").text == "all:\n\tmake\n"


def test_a_byte_that_is_not_utf8_is_named_with_its_place(desk: Desk) -> None:
    told = desk.told_of(b"title: x\nsystem: ok \xcf\xf0\nsytem: y\n")

    assert told == [
        "2:12: not UTF-8: byte 0xCF; save the file in UTF-8",
        "3:1: unknown key 'sytem'; did you mean 'system'?",
    ]


def test_columns_count_letters_and_not_bytes(desk: Desk) -> None:
    assert desk.told_of("system: привет \xff".encode().replace(b"\xc3\xbf", b"\xff"))[0].startswith("1:16:")


def test_a_file_in_utf16_is_one_problem(desk: Desk) -> None:
    assert desk.told_of("system: x\n".encode("utf-16")) == ["1:1: not UTF-8: byte 0xFF; save the file in UTF-8"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_alike_whatever_ends_them(desk: Desk, end: str) -> None:
    text = f"\ufefftitle: x{end}system: |{end}  a{end}  {{{{ oops }}}}{end}sytem: y{end}"

    assert [problem[:4] for problem in desk.told_of(text.encode())] == ["4:6:", "5:1:"]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_file_is_told(desk: Desk, text: str) -> None:
    told = desk.told_of(text)

    assert len(told) == 1
    assert told[0].startswith("1:1: ")


def test_an_empty_file_says_what_was_expected(desk: Desk) -> None:
    assert desk.told_of("") == ["1:1: the file is empty: expected keys such as 'title' and 'system'"]


@pytest.mark.parametrize(("text", "kind"), [("- a\n- b\n", "a list"), ("hello\n", "a text")])
def test_a_file_that_is_no_mapping_is_told(desk: Desk, text: str, kind: str) -> None:
    assert desk.told_of(text) == [f"1:1: expected keys such as 'title' and 'system', got {kind}"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("system: x\ntitle: a: b\n", f"2:9: ': ' is not expected here: {QUOTE_IT}, or check the indentation"),
        ("system: x\ntitle: @b\n", f"2:8: a text cannot begin with this character: {QUOTE_IT}"),
        ("system: x\ntitle: 'b\nwelcome: c\n", "2:8: this quote is never closed"),
        (
            "system: x\nlost\nwelcome: c\n",
            "2:1: expected 'key: value': is this the rest of a text that should be indented?",
        ),
        ("system: x\n---\nsystem: y\n", "2:1: only one prompt in a file: '---' may not begin a second one"),
        (
            "system: x\ntitle: 'it's'\n",
            "2:12: this does not belong here: check the indentation and the quotes around this line",
        ),
        ("system: x\nstarters: [a\ntitle: b\n", f"2:11: {COMMAS}"),
        ('system: "\\q"\n', "1:11: found unknown escape character 'q'"),
        ("system: **Важно** отвечай\n", f"1:10: a text cannot begin with this character: {QUOTE_IT}"),
        ("system: - a\n", f"1:9: '- ' is not expected here: {QUOTE_IT}, or begin a new line"),
    ],
)
def test_bad_yaml_is_told_in_plain_words(desk: Desk, text: str, told: str) -> None:
    assert desk.told_of(text) == [told]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: {{ person_name }}\nsystem: x\n", f"1:8: {{{{ {BRACES}"),
        ("title: x\nsystem: {{ person_name }}, hello\n", f"2:9: {{{{ {BRACES}"),
        ("title: x\nsystem: {% if is_group %}\n", f"2:9: {{% {BRACES}"),
        ("title: x\nsystem: |\n  Hi\n{% if is_group %}\n", f"4:1: {{% {BRACES}"),
        ("title: x\nsystem: {{ person_name\nwelcome: y\n", f"2:9: {{{{ {BRACES}"),
        ("system: x\nstarters:\n  - {{ person_name }} asks\n", f"3:5: {{{{ {BRACES}"),
    ],
)
def test_a_template_without_quotes_is_explained(desk: Desk, text: str, told: str) -> None:
    assert desk.told_of(text) == [told]


def test_a_comma_that_ends_a_text_between_braces_is_explained(desk: Desk) -> None:
    told = desk.told_of("system: x\ntitle: {ru: Раз, два, en: One}\n")

    assert told == ["2:18: a comma between { and } ends a text: put it all in quotes"]


def test_a_key_written_twice_is_told_at_its_second_place(desk: Desk) -> None:
    told = desk.told_of("title: a\nsystem: x\ntitle: b\nmodel: {name: a, name: b}\n")

    assert told == [
        "3:1: key 'title' is written twice; first on line 1",
        "4:18: key 'name' is written twice; first on line 4",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "title: &t x\nsystem: *t\n",
            "2:9: aliases such as *t are not used here: write the value again, or use 'extends'",
        ),
        (
            "system: x\ntitle: !!python/name:os.system y\n",
            "2:8: tags such as !!python/name:os.system are not used here",
        ),
        ("system: !mine y\n", "1:9: tags such as !mine are not used here"),
        ("system: x\n? [a]\n: b\n", "1:1: expected keys that are plain words"),
        ('system: "\\ud83d"\n', "1:9: half a character: write the emoji itself instead of \\ud83d…"),
        ("system: a\x07b\n", "1:10: the character U+0007 is not allowed in YAML"),
        (f"title: {'[' * 500}\n", "1:19: nested too deeply"),
    ],
)
def test_what_yaml_can_and_a_prompt_cannot_is_told(desk: Desk, text: str, told: str) -> None:
    assert told in desk.told_of(text)


def test_a_character_beyond_unicode_is_told_on_its_line(desk: Desk) -> None:
    told = desk.told_of('title: x\nsystem: "\\UFFFFFFFF"\n')

    assert len(told) == 1
    assert told[0].startswith("2:")


def test_numbers_that_python_cannot_read_stay_text(desk: Desk) -> None:
    told = desk.told_of("system: x\nmodel:\n  max_tokens: 0b_\n  reasoning: !!bool perhaps\n")

    assert told == [
        "3:15: max_tokens: expected a whole number above 0, got the number 0b_",
        "4:14: reasoning: expected true or false, got the boolean perhaps",
    ]
