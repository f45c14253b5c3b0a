import pytest

from bot.sandbox.telegram.rich.reading import Size, size_of
from bot.sandbox.telegram.rich.rules import RichRules
from tests.unit.sandbox.telegram.rich.making import made, read, refusal


def test_a_person_reads_everything_without_its_looks() -> None:
    source = (
        "# Head\n\n**bold** $x$\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n```py\ncode\n```\n\n"
        "1. one\n   - [x] done\n\n> quote\n\n<details><summary>More</summary>\n\ninside\n\n</details>"
    )

    assert read(markdown=source) == (
        "Head\n\nbold x\n\na | b\n1 | 2\n\ncode\n\n1. one\n  • ☑ done\n\nquote\n\nMore\ninside"
    )


@pytest.mark.parametrize(
    ("source", "size"),
    [
        ("a", Size(1, 1, 1, 0)),
        ("**a** $xy$", Size(4, 1, 2, 0)),
        ("- a\n- b", Size(2, 5, 3, 0)),
        ("|a|b|\n|-|-|\n|c|d|", Size(4, 3, 2, 2)),
        ("> > a", Size(1, 3, 3, 0)),
        ("$$\nxyz\n$$", Size(3, 1, 1, 0)),
    ],
)
def test_the_limits_count_what_is_in_each_other(source: str, size: Size) -> None:
    assert size_of(made(markdown=source)) == size


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "RICH_MESSAGE_CONTENT_REQUIRED"),
        (" \n\n ", "RICH_MESSAGE_CONTENT_REQUIRED"),
        ("<b></b>", "RICH_MESSAGE_CONTENT_REQUIRED"),
        ("x" * 32_769, "RICH_MESSAGE_TOO_LONG"),
        ("a\n\n" * 501, "RICH_MESSAGE_BLOCKS_TOO_MUCH"),
        ("> " * 16 + "a", "RICH_MESSAGE_NESTING_TOO_DEEP"),
        ("|" * 22 + "\n" + "|-" * 21 + "|", "RICH_MESSAGE_COLUMNS_TOO_MUCH"),
    ],
)
def test_too_much_and_too_little_is_refused(source: str, reason: str) -> None:
    assert refusal(markdown=source) == f"Bad Request: {reason}"


@pytest.mark.parametrize(
    "source",
    [
        "x" * 32_768,
        "**" + "😀" * 32_768 + "**",
        "a\n\n" * 500,
        "> " * 15 + "a",
        "|" * 21 + "\n" + "|-" * 20 + "|",
    ],
)
def test_as_much_as_the_limits_say_is_taken(source: str) -> None:
    assert made(markdown=source)


def test_limits_are_rules_of_the_world() -> None:
    assert refusal(RichRules(characters=3), markdown="abcd") == "Bad Request: RICH_MESSAGE_TOO_LONG"
