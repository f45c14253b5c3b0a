import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.telegram.refusals import Refusal
from bot.sandbox.telegram.rich.rules import RichRules
from tests.tools.botapi import object_problems
from tests.unit.sandbox.telegram.rich.making import made, read, refusal

LENIENT = RichRules(is_strict=False)


def bold(text: object) -> dict[str, object]:
    return {"type": "bold", "text": text}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("**a**", bold("a")),
        ("__a__", bold("a")),
        ("*a*", {"type": "italic", "text": "a"}),
        ("~~a~~", {"type": "strikethrough", "text": "a"}),
        ("==a==", {"type": "marked", "text": "a"}),
        ("||a||", {"type": "spoiler", "text": "a"}),
        ("`<a> $b$`", {"type": "code", "text": "<a> $b$"}),
        ("[a](https://b.c/d)", {"type": "url", "text": "a", "url": "https://b.c/d"}),
        ("$x^2$", {"type": "mathematical_expression", "expression": "x^2"}),
        ("so $$x$$", ["so ", {"type": "mathematical_expression", "expression": "x"}]),
        ("==a **b**==", {"type": "marked", "text": ["a ", bold("b")]}),
        ("a <b>b</b> <sub>c</sub>", ["a ", bold("b"), " ", {"type": "subscript", "text": "c"}]),
        ('<span class="tg-spoiler">a</span>', {"type": "spoiler", "text": "a"}),
        ("a  \nb", "a\nb"),
        ("a\nb", "a\nb"),
    ],
)
def test_marks_within_a_line_are_understood(source: str, text: object) -> None:
    assert made(markdown=source) == [{"type": "paragraph", "text": text}]


@pytest.mark.parametrize(
    "source",
    [
        "a || b || c",
        "x == y == z",
        "from $5 to $6",
        "2 < 3 and 5 > 4",
        "a <b",
        "&copy; &bull;",
        "$",
        "==",
        "||||",
        r"snake_case_name",
    ],
)
def test_what_only_looks_like_a_mark_is_text(source: str) -> None:
    assert made(markdown=source) == [{"type": "paragraph", "text": source}]


@pytest.mark.parametrize(
    ("source", "text"),
    [("&lt;b&gt; &amp;amp;", "<b> &amp;"), ("&#65;&#x42;", "AB"), (r"\*a\* \$b\$", "*a* $b$")],
)
def test_entities_and_escapes_are_decoded(source: str, text: str) -> None:
    assert read(markdown=source) == text


@pytest.mark.parametrize(
    ("source", "block"),
    [
        ("## a", {"type": "heading", "text": "a", "size": 2}),
        ("a\n===", {"type": "heading", "text": "a", "size": 1}),
        ("---", {"type": "divider"}),
        ("```py\na\n\tb\n```", {"type": "pre", "text": "a\n\tb", "language": "py"}),
        ("```\n<b>\n```", {"type": "pre", "text": "<b>"}),
        ("```math\nx\n```", {"type": "mathematical_expression", "expression": "x"}),
        ("$$\nx\ny\n$$", {"type": "mathematical_expression", "expression": "x\ny"}),
        (
            "> a\n>\n> b",
            {"type": "blockquote", "blocks": [*({"type": "paragraph", "text": one} for one in "ab")]},
        ),
        ("<tg-math-block>x</tg-math-block>", {"type": "mathematical_expression", "expression": "x"}),
        ("<blockquote expandable>a</blockquote>", {"type": "expandable_blockquote", "text": "a"}),
    ],
)
def test_blocks_are_understood(source: str, block: object) -> None:
    assert made(markdown=source) == [block]


def test_formulas_and_footnotes_need_no_blank_line_before_them() -> None:
    assert read(markdown="a\n$$\nx\n$$\nb") == "a\n\nx\n\nb"
    assert read(markdown="a\n[^1]: b") == "a\n\nb"


def test_marks_are_understood_within_links() -> None:
    assert read(markdown="[$x$ ||s|| &lt;](https://a.b/c)") == "x s <"


def test_an_opened_formula_that_is_not_closed_is_text() -> None:
    assert read(markdown="$$\nx") == "$$\nx"


def test_tables_have_heads_and_sides() -> None:
    [table] = made(markdown="| a | b |\n|--:|:-:|\n| **1** | |")

    [head, row] = table["cells"]
    assert [(cell["text"], cell["align"], cell["is_header"]) for cell in head] == [
        ("a", "right", True),
        ("b", "center", True),
    ]
    assert row[0]["text"] == bold("1")
    assert "text" not in row[1]


def test_lists_have_labels_and_boxes_and_lists() -> None:
    [bullets] = made(markdown="- a\n- [x] b\n  1. c\n- [ ] d")
    [numbers] = made(markdown="3. a\n4. b")

    assert [item["label"] for item in bullets["items"]] == ["•", "•", "•"]
    assert [(item.get("has_checkbox"), item.get("is_checked")) for item in bullets["items"]] == [
        (None, None),
        (True, True),
        (True, None),
    ]
    assert bullets["items"][1]["blocks"][1]["items"][0]["label"] == "1."
    assert [(item["label"], item["value"]) for item in numbers["items"]] == [("3.", 3), ("4.", 4)]


def test_a_box_is_one_only_where_an_item_begins() -> None:
    assert read(markdown="[x] a\n\n- b\n\n  [x] c") == "[x] a\n\n• b\n  [x] c"


def test_details_hold_markdown() -> None:
    [details] = made(markdown="<details open><summary>More</summary>\n\n**a**\n\n- b\n\n</details>\n\nc")[:1]

    assert (details["summary"], details["is_open"]) == ("More", True)
    assert [block["type"] for block in details["blocks"]] == ["paragraph", "list"]


def test_a_footnote_is_referred_to() -> None:
    line, note = made(markdown="a[^1]\n\n[^1]: **b**")

    assert line["text"] == ["a", {"type": "reference_link", "text": "1", "reference_name": "1"}]
    assert note["text"] == {"type": "reference", "text": bold("b"), "name": "1"}


def test_links_and_names_are_found_unless_that_is_declined() -> None:
    source = "😀 https://a.bc @govorun_bot #tag $USD /help a@b.cd `@not_here` [@nor_here](https://d.ef)"

    [line] = made(markdown=source)
    [plain] = made(markdown=source, skip_entity_detection=True)

    found = [piece["type"] for piece in line["text"] if isinstance(piece, dict)]
    assert found == ["url", "mention", "hashtag", "cashtag", "bot_command", "email_address", "code", "url"]
    assert [piece["type"] for piece in plain["text"] if isinstance(piece, dict)] == ["code", "url"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("List<String>", 'Unsupported start tag "string"'),
        ("<div>\na\n</div>", 'Unsupported start tag "div"'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", 'Unexpected end tag "b"'),
    ],
)
def test_tags_that_make_no_sense_are_refused(source: str, reason: str) -> None:
    assert refusal(markdown=source) == f"Bad Request: can't parse rich message: {reason}"


@pytest.mark.parametrize(
    ("source", "text"),
    [("List<String>", "List<String>"), ("<b>a", bold("a")), ("a</b>", "a"), ("</x>", "</x>")],
)
def test_a_lenient_telegram_shows_them(source: str, text: object) -> None:
    assert made(LENIENT, markdown=source) == [{"type": "paragraph", "text": text}]


@pytest.mark.parametrize("source", ["![a](https://b.c/d.png)", "<img src='a'>", "<tg-map></tg-map>"])
def test_media_are_not_played(source: str) -> None:
    assert "does not show <" in refusal(markdown=source)


def test_line_breaks_may_be_blanks() -> None:
    assert made(RichRules(soft_break=" "), markdown="a\nb") == [{"type": "paragraph", "text": "a b"}]


@given(st.text(alphabet="ab1 \n\t*_~=|$`#>-+.[]()!<>/&;\\:^x"))
def test_whatever_is_written_becomes_blocks_of_the_bot_api_or_is_refused(source: str) -> None:
    try:
        blocks = made(LENIENT, markdown=source)
    except Refusal:
        blocks = []

    assert list(object_problems({"blocks": blocks}, "RichMessage")) == []
