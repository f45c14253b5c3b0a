import asyncio
import json
from typing import Any

import pytest

from bot.running import Growing, StopSwitch
from bot.types import Part
from bot.updates.arrivals import Arrival
from bot.updates.newer import is_outdated, may_outdate
from tests.tools.updates import GROUP, ME, PHOTO, VOICE, a_message, mention

BY_BORIS: dict[str, Any] = {"from": {"id": 2, "is_bot": False, "first_name": "Boris"}}
QUESTION = Part(9, "why?")
SENT_ON: dict[str, Any] = {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "X"}}
AT_ONCE, LATER = {"date": 1_700_000_002}, {"date": 1_700_000_030}
CALL: dict[str, Any] = {"chat": GROUP, "entities": mention()}


def a_switch(*parts: Part, gives_way: bool = False) -> StopSwitch:
    """The switch of an answer to Anna."""
    return StopSwitch(Growing(1, 101), asyncio.timeout(None), parts or (QUESTION,), gives_way)


def said(text: str | None, message_id: int = 10, **more: Any) -> str:
    return json.dumps({"update_id": 1, "message": a_message(text, message_id=message_id, **more)})


def changed(text: str | None, message_id: int = 9, **more: Any) -> str:
    message = a_message(text, message_id=message_id, edit_date=1_700_000_009, **more)
    return json.dumps({"update_id": 1, "edited_message": message})


@pytest.mark.parametrize(
    ("waiting", "is_so"),
    [
        ([], False),
        ([changed("who?")], True),
        ([changed("why?")], False),
        ([changed("why?"), changed("who?")], True),
        ([changed("/new")], False),
        ([changed(None, caption="why?", photo=PHOTO)], True),
        ([changed(None, caption="who?", voice=VOICE)], False),
        ([changed("who?", message_id=8)], False),
        ([said("and?"), changed("who?")], False),
        ([changed("who?", chat=GROUP)], False),
        ([changed("@govorun_bot who?", **CALL)], True),
        ([changed("@govorun_bot", **CALL)], False),
        ([said("and?")], False),
        (['{"update_id": 1, "message": {}}', changed("who?")], False),
    ],
    ids=[
        "nothing waits",
        "another text",
        "a preview",
        "a preview, then another text",
        "a command",
        "a picture is added",
        "a voice",
        "another message",
        "behind another question",
        "said to others",
        "said to the bot",
        "a mention alone",
        "a new question",
        "behind what cannot be read",
    ],
)
async def test_an_answer_gives_way_to_the_changed_question(waiting: list[str], *, is_so: bool) -> None:
    assert is_outdated(a_switch(), waiting, ME) is is_so


@pytest.mark.parametrize(
    ("change", "is_so"),
    [
        (changed("and"), True),
        (changed("and", chat=GROUP), True),
        (changed("/new"), False),
        (changed("@govorun_bot", **CALL), True),
        (changed("who", forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "X"}), False),
    ],
    ids=["another text", "without a mention", "a command", "a mention alone", "forwarded"],
)
async def test_one_of_several_messages_changes_the_question_too(change: str, *, is_so: bool) -> None:
    assert is_outdated(a_switch(Part(8, "what"), QUESTION), [change], ME) is is_so


@pytest.mark.parametrize(
    ("change", "is_so"),
    [
        (changed(None, caption="why?", photo=PHOTO), False),
        (changed(None, caption="who?", photo=PHOTO), True),
        (changed(None, photo=PHOTO), True),
        (changed(None, caption="why?", photo=[{**PHOTO[0], "file_id": "2"}]), False),
        (changed(None, caption="why?", photo=[{**PHOTO[0], "file_unique_id": "2"}]), True),
    ],
    ids=["a preview", "another caption", "no caption", "another id of the picture", "another picture"],
)
async def test_an_answer_about_a_picture_gives_way_to_the_changed_question(change: str, *, is_so: bool) -> None:
    switch = a_switch(Part(9, "why?", photos=("1:1",)))

    assert is_outdated(switch, [change], ME) is is_so


@pytest.mark.parametrize(
    ("waiting", "is_so"),
    [
        ([said("and?")], True),
        ([said("/new")], False),
        ([said("and?", **BY_BORIS)], False),
        ([said("and?", **BY_BORIS), said("or?")], True),
        ([said("haha", chat=GROUP)], False),
        ([said("@govorun_bot and?", **CALL)], True),
        ([said("and?", sender_chat={"id": -7, "type": "channel", "title": "Tea"})], False),
        ([said(None, photo=PHOTO)], True),
        ([said(None, voice=VOICE)], False),
        ([said(None, caption="who?", voice=VOICE)], False),
        ([said(None, voice=VOICE), said("and?")], True),
    ],
    ids=[
        "a question",
        "a command",
        "another person",
        "both",
        "to others",
        "to the bot",
        "as a channel",
        "a picture",
        "a voice",
        "a voice with a caption",
        "behind a voice",
    ],
)
async def test_where_new_replaces_old_it_gives_way_to_the_askers_next_question(
    waiting: list[str], *, is_so: bool
) -> None:
    assert is_outdated(a_switch(gives_way=True), waiting, ME) is is_so


@pytest.mark.parametrize(
    ("last", "waiting", "is_so"),
    [
        (said("true?"), [said("cheese", 11, **AT_ONCE, **SENT_ON)], False),
        (said("true?"), [said("cheese", 11, **LATER, **SENT_ON)], True),
        (said("cheese", **SENT_ON), [said("true?", 11, **AT_ONCE)], False),
        (said("x" * 3000), [said("y", 11, **AT_ONCE)], False),
        (said("true?"), [said("cheese", 11, **AT_ONCE, **SENT_ON), said("and?", 12, **LATER)], True),
        (said("true?"), [said("and?", 11, **AT_ONCE)], True),
        (changed("true?"), [said("cheese", 11, **AT_ONCE, **SENT_ON)], False),
        ('{"update_id": 1, "message": {}}', [said("and?")], True),
    ],
    ids=[
        "a forward after its comment",
        "a forward some time after",
        "a comment after its forward",
        "the rest of a cut text",
        "a question behind",
        "two questions at once",
        "a forward after a changed comment",
        "after what cannot be read",
    ],
)
async def test_what_was_sent_in_one_go_with_the_question_does_not_replace_it(
    last: str, waiting: list[str], *, is_so: bool
) -> None:
    assert is_outdated(a_switch(gives_way=True), waiting, ME, last=last) is is_so


@pytest.mark.parametrize(
    ("arrival", "gives_way", "is_so"),
    [
        (Arrival("1", "edited_message", 9, 1), False, True),
        (Arrival("1", "edited_message", 8, 1), True, False),
        (Arrival("1", "message", 10, 1), True, True),
        (Arrival("1", "message", 10, 1), False, False),
        (Arrival("1", "message", 10, 2), True, False),
        (Arrival("1", "callback_query", 9, 1), True, False),
    ],
)
async def test_only_what_may_matter_is_looked_at(arrival: Arrival, *, gives_way: bool, is_so: bool) -> None:
    assert may_outdate(arrival, a_switch(gives_way=gives_way)) is is_so
