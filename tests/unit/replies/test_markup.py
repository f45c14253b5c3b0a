import pytest

from bot.replies.entities import Entity, Kind, Rendered
from bot.replies.markup import render

FAMILY = "👩\u200d👩\u200d👧"


def _looks(source: str, *, is_final: bool = True) -> list[tuple[str, str, str | None]]:
    """Each entity as its kind, its text, and its address or language."""
    content = render(source, is_final=is_final)
    raw = content.text.encode("utf-16-le")
    return [
        (one.type.value, raw[2 * one.offset : 2 * one.end].decode("utf-16-le"), one.url or one.language)
        for one in content.entities
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Привет,  мир!",
        "Одна строка\nи другая",
        "Стихи:\n  с отступом,\n    и ещё",
        "Первый.\n\nВторой.",
        "2 * 3 * 4 = 24, snake_case_name, C++ и C#",
        "5) пять\n6) шесть",
        "1986. Тот самый год",
        "<b>не жирно</b> и <br>, a < b && c > d",
        "#хештег и @имя, цена $5 и $6",
        "$$$ не формула",
        "Не формула: \\(скорость\\), $PATH$, 5$, $5, а 6$ и \\[1\\]",
        "$$\nпросто слова\n$$",
        "[1]: https://a.b/c",
        "std::vector, <std::string>, <iostream>",
        "C:\\Users\\name",
        "[x] и [y][1], массив[0]",
        "Вопрос?\nОтвет: да — «нет».",
    ],
)
def test_prose_comes_out_character_for_character(text: str) -> None:
    assert render(text) == Rendered(text)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("- a\n- b", "• a\n• b"),
        ("* a\n\n* b", "• a\n\n• b"),
        ("1. a\n   - b\n     + c\n2. d", "1. a\n   • b\n     • c\n2. d"),
        ("- [ ] надо\n- [x] сделано\n- [X] тоже\n- [ ]", "☐ надо\n☑ сделано\n☑ тоже\n☐"),
        ("- a\n  b\n\n  c", "• a\n  b\n\n  c"),
        ("-\n- b", "•\n• b"),
        ("- ```\n  x\n  y\n  ```\n- z", "•\nx\ny\n• z"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("Итог:\n- a\nb", "Итог:\n• a\n  b"),
        ("a\n\n---\n\nb", "a\n\n——————\n\nb"),
        ("a\n---\nb", "a\n——————\nb"),
        ("> a\n> > b\n> > c", "a\n> b\n> c"),
        ("&amp; &lt; &copy; &nosuch;", "&amp; &lt; &copy; &nosuch;"),
        ("Формула \\(a_1 * b_2\\) и $x_1 * y_1$, \\[c\\]", "Формула a₁ * b₂ и x₁ * y₁, c"),
        ("$$\na_1 * b\n- c * d_2\n$$", "a₁ * b\n- c * d₂"),
        ("\\[\nx\n= y\n\\]", "x\n= y"),
        ("- $$\n  x^2\n  $$", "• x²"),
        ("2*3*4 = 24, x**2 + y**2, a*b*c", "2*3*4 = 24, x**2 + y**2, a*b*c"),
        ("f(x)*g(y)*h", "f(x)*g(y)*h"),
        ("__init__ and __main__.py", "__init__ and __main__.py"),
        ("**Яндекс**а и *курс*ив", "Яндекса и курсив"),
        ("text\n===\nmore", "text\n===\nmore"),
        ("\\*a\\* \\_b\\_ \\# 1\\.", "*a* _b_ # 1."),
        ("a\\\nb", "a\nb"),
        ("a\tb", "a   b"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x00b\x1bc\u202ed", "a b cd"),
        ("\ud83d!", "\ufffd!"),
        ("```\n```\n\nb", "b"),
        ("> " * 30 + "слово", "> " * 29 + "слово"),
        ("| a | b |\n|---|--:|\n| 1 | 22 |", "a |  b\n--+---\n1 | 22"),
        ("| a |\n|---|\n| 1 | 2 | три |\nтекст", "a |   |\n--+---+----\n1 | 2 | три\nтекст"),
        ("|a\\|b|c|\n|:-:|-|\n|x|y|", "a|b | c\n----+--\n x  | y"),
        ("| a | b |\n|---|---|\n| [l](http://x.y) | **b** <http://x.y> |", "a              | b"),
        ("| 日本 | b |\n|---|---|\n| 1 | é️ |", "日本 | b\n-----+--\n1    | é️"),
        ("a | b\nc | d", "a | b\nc | d"),
        ("| a | b |\n|---|---|\n- c | d", "a | b\n--+--\n• c | d"),
    ],
)
def test_structure_is_shown_in_plain_text(source: str, text: str) -> None:
    assert render(source).text.startswith(text)


@pytest.mark.parametrize(
    ("source", "looks"),
    [
        ("**a** *b* ~~c~~ `d`", [("bold", "a"), ("italic", "b"), ("strikethrough", "c"), ("code", "d")]),
        ("***a***", [("bold", "a"), ("italic", "a")]),
        ("**a `b` c**", [("bold", "a"), ("code", "b"), ("bold", "c")]),
        ("# a *b*", [("bold", "a b"), ("underline", "a b"), ("italic", "b")]),
        ("### a **b**", [("bold", "a b")]),
        ("**жирно** " + FAMILY + " **ещё**", [("bold", "жирно"), ("bold", "ещё")]),
        ("> a\n> **b**\n\nc", [("blockquote", "a\nb"), ("bold", "b")]),
        ("- > a\n  > b\n- c", [("blockquote", "a\nb")]),
        ("- **a\n  b**", [("bold", "a\n  b")]),
        ("    a\n      b", [("pre", "a\n  b")]),
        ("- a\n\n      $$\n      b", [("pre", "$$\nb")]),
        ("    $$", [("pre", "$$")]),
        ("- \\[\n  a_1 *b* c\nd", []),
    ],
)
def test_looks_become_entities(source: str, looks: list[tuple[str, str]]) -> None:
    assert [(kind, text) for kind, text, _ in _looks(source)] == looks


def test_offsets_are_utf16_units() -> None:
    assert render("😀 **b**").entities == (Entity(Kind.BOLD, 3, 1),)


@pytest.mark.parametrize("fence", ["```", "~~~", "````"])
def test_code_keeps_its_language_blanks_and_signs(fence: str) -> None:
    source = f"{fence}py title\nif *x*:\n\n\treturn  `y`\n{fence}\nпотом"

    assert _looks(source) == [("pre", "if *x*:\n\n    return  `y`", "py")]


def test_code_without_a_language_has_none() -> None:
    assert _looks("```\nx\n```") == [("pre", "x", None)]


@pytest.mark.parametrize(
    ("source", "text", "url"),
    [
        ("[l](http://a.b/c_(d))", "l", "http://a.b/c_(d)"),
        ('[l](https://a.b "title")', "l", "https://a.b"),
        ("[](http://a.b)", "http://a.b", "http://a.b"),
        ("[`c`](http://a.b)", "c", "http://a.b"),
        ("![картина](https://a.b/p.png)", "картина", "https://a.b/p.png"),
        ("![](https://a.b/p.png)", "https://a.b/p.png", "https://a.b/p.png"),
        ("<https://a.b>", "https://a.b", "https://a.b"),
        ("[l](tg://user?id=1)", "l", "tg://user?id=1"),
        ("[путь](http://пример.рф/путь)", "путь", "http://пример.рф/путь"),
    ],
)
def test_links_lead_where_they_should(source: str, text: str, url: str) -> None:
    assert _looks(source) == [("text_link", text, url)]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("[l](/path)", "l (/path)"),
        ("[l](javascript:x)", "l (javascript:x)"),
        ("[l](http://localhost/x)", "l (http://localhost/x)"),
        ("[a@b.c](mailto:a@b.c)", "a@b.c"),
        ("[почта](mailto:a@b.c)", "почта (mailto:a@b.c)"),
        ("<a@b.c>", "a@b.c"),
        ("![](p.png)", "p.png"),
        ("[l]()", "l"),
        ("[l](<http://a.b/c d>)", "l (http://a.b/c d)"),
    ],
)
def test_an_address_that_telegram_refuses_is_shown(source: str, text: str) -> None:
    assert render(source) == Rendered(text)


@pytest.mark.parametrize(
    ("source", "text", "looks"),
    [
        ("Это **жирн", "Это жирн", [("bold", "жирн")]),
        ("Это **", "Это", []),
        ("*a **b", "a b", [("italic", "a b"), ("bold", "b")]),
        ("a ~~b", "a b", [("strikethrough", "b")]),
        ("a ~~b~", "a b", [("strikethrough", "b")]),
        ("a `b*", "a b*", [("code", "b*")]),
        ("**a `b", "a b", [("bold", "a"), ("code", "b")]),
        ("a ``b`", "a b", [("code", "b")]),
        ("a `", "a", []),
        ("`a` b", "a b", [("code", "a")]),
        ("a [b", "a b", []),
        ("a [b](htt", "a b", []),
        ("a [b](http://c.d/e_(f", "a b", []),
        ('a [b](http://c.d "ti', "a b", []),
        ("a ![b](htt", "a b", []),
        ("a\\", "a", []),
        ("a:\n-", "a:", []),
        ("a\n\n--", "a", []),
        ("# ", "", []),
        ("```py\na\n``", "a", [("pre", "a")]),
        ("```py\n| a", "| a", [("pre", "| a")]),
        ("```", "", []),
        ("x\n| a | b", "x", []),
        ("x\n\n| a |\n|-", "x", []),
        ("|a|\n|-|\n| **b", "", []),
        ("|a|\n|-|\n| b |\n| **c", "a\n-\nb\nc", [("pre", "a\n-\nb\nc")]),
        ("- a\n  | b", "• a", []),
        ("- a\n- [", "• a", []),
        ("- a\n- [ ]", "• a", []),
        ("- [x] a", "☑ a", []),
        ("a\n2.", "a", []),
        ("a [b [c](http://d.e", "a b c", []),
        ("a <http://b.c", "a http://b.c", []),
        ("a !", "a", []),
        ("a __init", "a init", []),
        ("a $x_", "a x", []),
        ("a $\\frac{b}{c", "a b/c", []),
        ("a \\(b^{2", "a b", []),
        ("$$\nx^2 \\le", "x²", []),
        ("цена $5", "цена $5", []),
        ("||a", "||a", []),
        ("- a\n- **b", "• a\n• b", [("bold", "b")]),
        ("> **b", "b", [("blockquote", "b"), ("bold", "b")]),
        ("", "", []),
    ],
)
def test_half_written_signs_do_not_flash_up(source: str, text: str, looks: list[tuple[str, str]]) -> None:
    assert render(source, is_final=False).text == text
    assert [(kind, part) for kind, part, _ in _looks(source, is_final=False)] == looks


def test_no_frame_of_an_ordinary_answer_shows_signs() -> None:
    source = (
        "Вот **важный** список с `кодом`:\n\n1. *Раз* и [ссылка](https://a.b/c)\n2. **Два**\n\n"
        "```py\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## Итог\n\nВсё ~~плохо~~ **хорошо**."
    )

    frames = [render(source[:end], is_final=False).text for end in range(len(source))]

    assert [frame for frame in frames if any(sign in frame for sign in ("*", "`", "~", "[", "#", "|-"))] == []


def test_the_final_text_is_taken_literally() -> None:
    assert render("Это **жирн и [ссыл").text == "Это **жирн и [ссыл"
