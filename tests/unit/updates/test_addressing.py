from typing import Any

import pytest

from bot.updates.addressing import is_addressed, is_plain, question_in
from tests.tools.updates import BOT_USER, GROUP, ME, PHOTO, a_message, mention, parsed

OTHER_BOT = {"id": 43, "is_bot": True, "first_name": "Parrot"}
MINE = a_message("an answer", **{"from": BOT_USER, "chat": GROUP})
THEIRS = a_message("two\nlines", chat=GROUP)
ROOT = a_message(None, chat=GROUP, forum_topic_created={"name": "Tea", "icon_color": 1}, **{"from": BOT_USER})


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (a_message(), True),
        (a_message(chat={"id": -9, "type": "channel", "title": "News"}), False),
        (a_message(chat=GROUP), False),
        (a_message("@govorun_bot hi", chat=GROUP, entities=mention()), True),
        (a_message("@GOVORUN_bot hi", chat=GROUP, entities=mention()), True),
        (a_message("@another_bot hi", chat=GROUP, entities=mention("@another_bot")), False),
        (a_message("hi", chat=GROUP, reply_to_message=MINE), True),
        (a_message("hi", chat=GROUP, reply_to_message=THEIRS), False),
        (a_message("hi", chat=GROUP, reply_to_message=ROOT), False),
        (a_message("/new", chat=GROUP), True),
        (a_message("/new@govorun_bot", chat=GROUP), True),
        (a_message("/NEW", chat=GROUP), True),
        (a_message("/new@another_bot", chat=GROUP), False),
        (a_message("/weather London", chat=GROUP), False),
        (a_message("/weather@govorun_bot", chat=GROUP), True),
        (a_message("/", chat=GROUP), False),
        (a_message(None, chat=GROUP, caption="@govorun_bot", caption_entities=mention()), True),
        (a_message(None, chat=GROUP, caption="/ask why?", photo=PHOTO), True),
        (a_message(None, chat=GROUP, caption="/ask@another_bot why?", photo=PHOTO), False),
        (a_message("@govorun_bot hi", chat=GROUP, entities=mention(), **{"from": OTHER_BOT}), False),
    ],
)
def test_a_group_has_to_call_the_bot(message: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_addressed(parsed(message), ME) is expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (a_message(), True),
        (a_message("/ask why?"), True),
        (a_message("/ask"), False),
        (a_message("/ask@govorun_bot  "), False),
        (a_message("/new words"), False),
        (a_message(None, photo=PHOTO), True),
        (a_message(None, photo=PHOTO, live_photo={**PHOTO[0], "duration": 3}), True),
        (a_message(None, photo=PHOTO, caption="/ask why?"), True),
        (a_message(None, photo=PHOTO, caption="/new"), False),
        (a_message(None, new_chat_title="Tea"), False),
    ],
)
def test_a_picture_says_something_unless_a_command_stands_below_it(
    message: dict[str, Any], *, expected: bool
) -> None:
    assert is_plain(parsed(message)) is expected


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        (a_message("/ask why?"), "why?"),
        (a_message("/ASK@govorun_bot\nwhy?  "), "why?"),
        (a_message("/ask"), ""),
        (a_message(None, photo=PHOTO, caption="/ask why?"), "why?"),
        (a_message(None, photo=PHOTO, caption="why? /ask"), "why? /ask"),
        (a_message(None, photo=PHOTO), ""),
    ],
)
def test_the_command_to_ask_is_no_part_of_the_question(message: dict[str, Any], asked: str) -> None:
    assert question_in(parsed(message), ME) == asked


def test_somebody_without_a_username_is_mentioned_by_name() -> None:
    entity = {"type": "text_mention", "offset": 0, "length": 7, "user": BOT_USER}

    message = parsed(a_message("Govorun, hi", chat=GROUP, entities=[entity]))

    assert is_addressed(message, ME)
    assert question_in(message, ME) == ", hi"


def test_the_mention_is_no_part_of_the_question() -> None:
    message = parsed(a_message("@govorun_bot what is  tea?", chat=GROUP, entities=mention()))

    assert question_in(message, ME) == "what is  tea?"


def test_a_private_question_is_taken_as_it_is() -> None:
    assert question_in(parsed(a_message("  @govorun_bot  hi ")), ME) == "@govorun_bot  hi"
