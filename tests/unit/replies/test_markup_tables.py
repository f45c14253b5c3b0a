import pytest

from bot.replies.entities import Kind
from bot.replies.markup import render

WIDE = (
    "| Параметр | Описание |\n|---|---|\n"
    "| **Скорость** | сколько метров проходит за секунду |\n| [Путь](http://a.b) | всего |"
)


def _bold(source: str) -> list[str]:
    content = render(source)
    raw = content.text.encode("utf-16-le")
    bold = (one for one in content.entities if one.type is Kind.BOLD)
    return [raw[2 * one.offset : 2 * one.end].decode("utf-16-le") for one in bold]


def test_a_table_too_wide_for_a_phone_becomes_lines() -> None:
    assert render(WIDE).text == (
        "Параметр | Описание\n\nСкорость | сколько метров проходит за секунду\n\nПуть | всего"
    )


def test_lines_keep_styles_and_links() -> None:
    links = [one.url for one in render(WIDE).entities if one.type is Kind.LINK]

    assert links == ["http://a.b"]
    assert _bold(WIDE) == ["Параметр | Описание", "Скорость"]


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("| a | b |\n|-|-|\n| 1<br>2 | 3 |", "a | b\n\n1\n2\n3"),
        ("| a | b |\n|-|-|\n| 1<br>2 | 3 | 4 |", "a | b\n\n1\n2\n3\n4"),
        ("|  | b: |\n|-|-|\n| 1<br>2 |  |", "| b:\n\n1\n2\n–"),
        ("| a | b |\n|-|-|\n| 0 | 0 |\n| 1<br>2 | 3 |", "a | b\n\n0 | 0\n\n1\n2\n3"),
        ("| a | b |\n|-|-|", "a | b\n--+--"),
        (f"| {'а' * 30} | {'б' * 30} |\n|-|-|", f"{'а' * 30} | {'б' * 30}"),
        (
            f"- x\n  | {'а' * 50} |\n  |-|\n  | 1 |\n  | 2 |\n- y",
            f"• x\n  {'а' * 50}\n\n  1\n\n  2\n• y",
        ),
        ("- | a |\n  |-|\n  | 1 |", "•\na\n-\n1"),
        ("a\n| b |\n|-|\n| 1 |\nc", "a\nb\n-\n1\nc"),
        ("> | a |\n> |-|\n> | 1 |\nb | c", "a\n-\n1\nb | c"),
    ],
)
def test_nothing_in_a_table_is_lost(table: str, text: str) -> None:
    assert render(table).text == text


def test_a_very_long_row_is_still_a_row() -> None:
    long = "слово " * 200

    assert render(f"| a | b |\n|-|-|\n| x | {long}|\n| y | z |").text == f"a | b\n\nx | {long.strip()}\n\ny | z"


def test_a_row_without_an_end_becomes_text() -> None:
    long = "слово " * 600

    assert render(f"| a |\n|-|\n| {long}").text.count("слово") == 600


def test_a_long_line_of_code_is_one_line() -> None:
    long = "x = 1; " * 200

    assert render(f"```\n{long}\ny\n```").text == f"{long}\ny"


def test_a_long_heading_is_bold_to_its_end() -> None:
    content = render(f"### {'Слово. ' * 200}\n\nтекст")

    assert max(one.end for one in content.entities) == len("Слово. " * 200) - 1
