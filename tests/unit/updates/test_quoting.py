from typing import Any

import pytest

from bot.updates.quoting import MOST_CHARACTERS, own_message_meant, quote_in
from tests.tools.updates import ANNA, BOT_USER, GROUP, ME, a_message, parsed

MINE = a_message("an answer", **{"from": BOT_USER, "chat": GROUP, "message_id": 5})
THEIRS = a_message("two\nlines", chat=GROUP)
SILENT = a_message(None, chat=GROUP, **{"from": ANNA})
ROOT = a_message(None, chat=GROUP, forum_topic_created={"name": "Tea", "icon_color": 1}, **{"from": BOT_USER})
HOT = {"type": "bold", "text": ["it ", {"type": "code", "text": "hot"}]}
FORMULA = {"type": "mathematical_expression", "expression": "x^2"}
RICH = {
    "blocks": [
        {"type": "heading", "text": "Tea", "size": 1},
        {"type": "paragraph", "text": ["Drink ", HOT]},
        {
            "type": "list",
            "items": [{"label": f"{n}.", "blocks": [{"type": "paragraph", "text": n}]} for n in ("1", "2")],
        },
        {
            "type": "table",
            "cells": [[{"text": one, "align": "left", "valign": "top"} for one in row] for row in ("ab", "cd")],
        },
        {"type": "details", "summary": "More", "blocks": [FORMULA]},
        {"type": "divider"},
    ]
}


def replying(replied: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    return a_message("hi", chat=GROUP, **({"reply_to_message": replied} if replied else {}), **more)


def selected(text: str, *, is_manual: bool = True) -> dict[str, Any]:
    return {"text": text, "position": 0, **({"is_manual": True} if is_manual else {})}


@pytest.mark.parametrize(
    ("message", "quoted"),
    [
        (replying(None), ""),
        (replying(SILENT), ""),
        (replying(ROOT), ""),
        (replying(THEIRS), "two\nlines"),
        (replying(MINE), "an answer"),
        (replying(a_message(None, chat=GROUP, caption=" a picture ")), "a picture"),
        (replying(THEIRS, quote=selected("two")), "two"),
        (replying(THEIRS, quote=selected("two", is_manual=False)), "two\nlines"),
        (replying(None, quote=selected("from another chat", is_manual=False)), "from another chat"),
    ],
)
def test_a_reply_quotes_the_selected_part_or_the_whole(message: dict[str, Any], quoted: str) -> None:
    assert quote_in(parsed(message)) == quoted


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        (replying(MINE), 5),
        (replying(MINE, quote=selected("an")), None),
        (replying(MINE, quote=selected("an", is_manual=False)), 5),
        (replying(THEIRS), None),
        (replying(ROOT), None),
        (replying(None), None),
    ],
)
def test_the_bots_own_message_is_meant_as_a_whole_or_not(message: dict[str, Any], meant: int | None) -> None:
    assert own_message_meant(parsed(message), ME) == meant


def test_a_rich_message_is_quoted_as_it_reads() -> None:
    rich = a_message(None, chat=GROUP, rich_message=RICH)

    quoted = quote_in(parsed(replying(rich)))

    assert quoted == "Tea\nDrink it hot\n1. 1\n2. 2\na | b\nc | d\nMore\nx^2"


@pytest.mark.parametrize(("characters", "is_cut"), [(MOST_CHARACTERS, False), (MOST_CHARACTERS + 1, True)])
def test_only_what_is_longer_than_a_message_is_cut(characters: int, is_cut: bool) -> None:  # noqa: FBT001 - a table
    quoted = quote_in(parsed(replying(a_message("x" * characters, chat=GROUP))))

    assert quoted == "x" * MOST_CHARACTERS + "…" * is_cut
