"""What Telegram's own Markdown must show: what the model said. The sandbox's Telegram is the judge."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.replies.contents import Rich
from bot.replies.entities import units
from bot.replies.rich import RichComposer, fits_rich
from bot.sandbox.telegram.rich.message import kept_rich
from bot.sandbox.telegram.rich.reading import reading
from bot.sandbox.telegram.rich.rules import RichRules
from tests.tools.markdown_samples import DOCUMENTS, HARD, words

pytestmark = pytest.mark.exhaustive

RULES = RichRules(blocks=10_000, nesting=100, columns=100)


def _markdown(text: str, *, is_final: bool = True, most_units: int | None = None) -> list[str]:
    return [part.markdown for part in RichComposer().compose(text, is_final=is_final, most_units=most_units)]


def _shown(markdown: str) -> str:
    return reading({"blocks": kept_rich({"markdown": markdown}, RULES).blocks})


@pytest.mark.parametrize(
    "text",
    [
        "**жирно** и *курсив*, __тоже__ ~~нет~~ `код` ``a`b``",
        "# Раз\n\n## Два\n\nтекст",
        "- раз\n  - два\n    1. три\n- [ ] надо\n- [x] сделано",
        "> цитата\n>\n> - пункт\n> - ещё",
        "```py\nif x < 1 && y == 2 || z: $5\n```",
        "~~~\n```\n~~~",
        "| a | b |\n| :-- | --: |\n| 1 | `2` |",
        "Пусть $x^2$ и $$\\frac{a}{b}$$",
        "$$\nx = 1\n$$",
        "[ссылка](https://a.b/c_(d)) и <https://a.b>",
        "2 * 3 = 6, snake_case, AT&T, a < b",
        "---",
        "-",
    ],
)
def test_what_the_model_meant_stays_as_it_is(text: str) -> None:
    assert _markdown(text) == [text]


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("<div>", "&lt;div>"),
        ("a<br>b </b> <!-- c -->", "a&lt;br>b &lt;/b> &lt;!-- c -->"),
        ("&amp; &nbsp; &#65;", "&amp;amp; &amp;nbsp; &amp;#65;"),
        ("a == b, ==c==", "a \\=\\= b, \\=\\=c\\=\\="),
        ("||s||", "\\|\\|s\\|\\|"),
        ("$5 и $6", "\\$5 и \\$6"),
        ("2*3*4 и __init__", "2\\*3\\*4 и \\_\\_init\\_\\_"),
        ("[^1] и ~5~", "\\[^1] и \\~5\\~"),
        ("\\(x^2\\) \\[y_1\\]", "$x^2$ $$y_1$$"),
        ("\\(слово\\)", "\\\\(слово\\\\)"),
        ("\\[\nx\n\\]", "$$\nx\n$$"),
        ("![и](https://a.b/p.png)", "[и](https://a.b/p.png)"),
        ("![](https://a.b/p.png)", "[https://a.b/p.png](https://a.b/p.png)"),
        ("[l](javascript:x) [p](/x)", "l (javascript:x) p (/x)"),
        ("[a@b.c](mailto:a@b.c)", "a@b.c"),
        ("[l](<http://a.b/(>)", "[l](<http://a.b/(>)"),
        ("<a@b.c> <std::string>", "a@b.c &lt;std::string>"),
        ("[1]: http://a.b", "\\[1]: http://a.b"),
        ("a\n===", "a  \n\\="),
        ("раз\nдва", "раз  \nдва"),
        ("\\# a\n\\- b\n1\\. c", "\\# a  \n\\- b  \n1\\. c"),
        ("a\\\nb", "a  \nb"),
        ("    x", "````````\nx\n````````"),
        ("| a |\n|-|\n| 1 | 2 |\nb", "| a |\n| - |\n| 1 \\| 2 |\n\nb"),
        ("| a | b |\n|-|-|\n| x\\|y<br>z |", "| a | b |\n| - | - |\n| x\\|y<br>z |  |"),
        ("a\n---\nb", "a\n\n---\n\nb"),
        ("### C#", "### C\\#"),
        ("C:\\Users", "C:\\Users"),
    ],
)
def test_what_telegram_would_take_for_more_is_escaped(text: str, markdown: str) -> None:
    assert _markdown(text)[0].rstrip("=\\") == markdown.rstrip("=\\")


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("a **b", "a **b**"),
        ("a [b](htt", "a b"),
        ("a $x^", "a"),
        ("$$\nx", ""),
        ("```py\nx\n``", "```py\nx\n```"),
        ("- a\n- [", "- a"),
        ("| a | b |\n|---|---|\n| **c", "| a | b |\n| --- | --- |\n| **c** |  |"),
        ("a\n| b", "a"),
        ("a\n#", "a"),
    ],
)
def test_half_written_signs_do_not_flash_up(text: str, markdown: str) -> None:
    assert "".join(_markdown(text, is_final=False)) == markdown


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("most_units", [None, 1000])
def test_every_word_is_shown_once_and_in_order(name: str, most_units: int | None) -> None:
    pages = _markdown(HARD[name], most_units=most_units)

    assert words(" ".join(map(_shown, pages))) == words(HARD[name])


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, st.integers(0, 400))
def test_telegram_takes_every_moment_of_every_document(document: str, cut: int) -> None:
    for text, is_final in ((document[:cut], False), (document, True)):
        for page in _markdown(text, is_final=is_final):
            _shown(page)


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS, st.integers(60, 300))
def test_no_letter_is_lost(document: str, most_units: int) -> None:
    pages = _markdown(document, most_units=most_units)

    assert _letters("".join(map(_shown, pages))) == _letters(document)


def _letters(text: str) -> str:
    return "".join(char for char in text if "а" <= char.lower() <= "я")


@pytest.mark.parametrize("name", HARD)
def test_a_page_is_never_too_long(name: str) -> None:
    assert all(units(page) <= 700 for page in _markdown(HARD[name], most_units=700))


def test_a_long_answer_is_cut_between_blocks() -> None:
    paragraph = "слово " * 100

    pages = _markdown("\n\n".join([paragraph] * 80))

    assert len(pages) == 2
    assert all(len(page.split()) % 100 == 0 for page in pages)


def test_code_longer_than_a_page_is_reopened_with_its_language() -> None:
    pages = _markdown("```py\n" + "x = 1\n" * 100 + "```", most_units=100)

    assert all(page.startswith("```py\nx = 1\n") and page.endswith("\n```") for page in pages)
    assert sum(page.count("x = 1") for page in pages) == 100


def test_a_table_longer_than_a_page_repeats_its_head() -> None:
    pages = _markdown("| a | b |\n|---|---|\n" + "| x | 1 |\n" * 50, most_units=120)

    assert all(page.startswith("| a | b |\n| --- | --- |\n| x | 1 |") for page in pages)
    assert sum(page.count("x") for page in pages) == 50


def test_a_table_goes_whole_to_the_next_page_with_its_heading() -> None:
    pages = _markdown(
        "слово " * 10 + "\n\n# Глава\n\n| a | b |\n|---|---|\n" + "| x | 1 |\n" * 5, most_units=130
    )

    assert [page.count("x") for page in pages] == [0, 5]
    assert pages[1].startswith("# Глава")


def test_the_rest_of_an_item_gets_no_second_bullet() -> None:
    pages = _markdown("- слово\n\n  другое\n  - третье", most_units=12)

    assert pages == ["- слово", "другое", "- третье"]


def test_a_mark_is_a_plain_line() -> None:
    assert RichComposer().compose("a", mark="⏹ <b>") == [Rich("a\n\n⏹ &lt;b>")]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("просто текст", True),
        ("|" + "a|" * 20 + "\n|" + "-|" * 20, True),
        ("|" + "a|" * 21 + "\n|" + "-|" * 21, False),
        ("```\n|" + "a|" * 30 + "\n```", True),
        ("> " * 7 + "a", False),
        ("- a\n  - b\n    - c\n      - d", True),
        ("".join(f"{'  ' * depth}- a\n" for depth in range(8)), False),
        ("a\n\n" * 501, True),
        ("- a\n" * 251, True),
        ("| a |\n|---|\n" + "| b |\n" * 500, True),
    ],
)
def test_what_no_page_can_hold_is_told_beforehand(text: str, fits: bool) -> None:  # noqa: FBT001 - a parameter
    assert fits_rich(text) is fits


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("слово\n\n" * 1200, 3),
        ("- слово\n" * 1200, 5),
        ("- слово\n  - слово\n" * 600, 7),
        ("| a |\n|---|\n" + "| слово |\n" * 1200, 3),
        ("> слово\n\n---\n\n" * 600, 4),
        ("```\n" + "слово\n\n" * 1200 + "```", 1),
        ("слово " * 12_000, 3),
    ],
    ids=["paragraphs", "a list", "lists within lists", "a table", "quotes", "code", "a long text"],
)
def test_more_than_one_page_holds_is_cut_into_pages_that_telegram_takes(text: str, count: int) -> None:
    pages = _markdown(text)

    assert fits_rich(text)
    assert len(pages) == count
    for page in pages:
        kept_rich({"markdown": page}, RichRules())
    assert sum(_shown(page).count("слово") for page in pages) == text.count("слово")


@settings(max_examples=200, deadline=None)
@example("- [ ] слово\n" + "| a |\n|-\n" * 9, 12)
@example("2. e\n5) слово\n" * 5, 21)
@given(DOCUMENTS, st.sampled_from([20, 30, 500]))
def test_what_is_said_to_fit_does(document: str, most_blocks: int) -> None:
    if fits_rich(document):
        for page in RichComposer(most_blocks).compose(document):
            kept_rich({"markdown": page.markdown}, RichRules(blocks=most_blocks))


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, st.integers(20, 30))
def test_no_letter_is_lost_where_blocks_are_too_many(document: str, most_blocks: int) -> None:
    pages = RichComposer(most_blocks).compose(document)

    assert _letters("".join(_shown(page.markdown) for page in pages)) == _letters(document)
