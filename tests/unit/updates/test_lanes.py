from typing import Any

import pytest

from bot.types import ConversationKey
from bot.updates.lanes import enveloped, is_stop

BOT = 42


def message(text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"update_id": 7, "message": {"message_id": 1, "date": 0, "chat": {"id": 5}, "text": text, **more}}


def press(data: str) -> dict[str, Any]:
    return {"update_id": 8, "callback_query": {"id": "1", "data": data, "message": {"chat": {"id": 5}}}}


def test_a_message_keeps_its_place_in_its_conversation() -> None:
    envelope = enveloped(message(), BOT)

    assert envelope is not None
    assert envelope.conversation == ConversationKey(BOT, 5)


def test_a_topic_is_a_conversation_of_its_own() -> None:
    envelope = enveloped(message(message_thread_id=3, is_topic_message=True), BOT)

    assert envelope is not None
    assert envelope.conversation == ConversationKey(BOT, 5, 3)


def test_a_thread_of_replies_belongs_to_its_chat() -> None:
    envelope = enveloped(message(message_thread_id=3), BOT)

    assert envelope is not None
    assert envelope.conversation == ConversationKey(BOT, 5)


@pytest.mark.parametrize(
    "update",
    [
        message("/stop"),
        message("/stop@govorun_bot now"),
        press("stop:1"),
        press("stop:1:a"),
        {"update_id": 1, "stopped_message_generation": {"chat": {"id": 5}, "draft_id": 1}},
        {"update_id": 1, "message": {"message_id": 1}},
    ],
)
def test_control_overtakes_every_conversation(update: dict[str, Any]) -> None:
    envelope = enveloped(update, BOT)

    assert envelope is not None
    assert envelope.conversation is None


@pytest.mark.parametrize("data", ["ask:0", "again:1:a", "more:1:a", "see:a:observer"])
def test_a_button_that_asks_waits_its_turn(data: str) -> None:
    envelope = enveloped(press(data), BOT)

    assert envelope is not None
    assert envelope.conversation == ConversationKey(BOT, 5)


@pytest.mark.parametrize("text", ["hello", "/stop"])
def test_a_changed_message_waits_until_what_it_was_is_answered(text: str) -> None:
    envelope = enveloped({"update_id": 9, "edited_message": message(text)["message"]}, BOT)

    assert envelope is not None
    assert envelope.conversation == ConversationKey(BOT, 5)


@pytest.mark.parametrize("update", [{}, {"update_id": 1, "poll": {}}, {"update_id": 1, "message": "text"}])
def test_what_is_none_of_ours_is_let_go(update: dict[str, Any]) -> None:
    assert enveloped(update, BOT) is None


def test_the_same_update_again_has_the_same_identity() -> None:
    first, again = enveloped(message(), BOT), enveloped(message(), BOT)

    assert first == again


def test_another_update_under_the_same_number_is_another_one() -> None:
    first, other = enveloped(message("one"), BOT), enveloped(message("two"), BOT)

    assert first is not None
    assert other is not None
    assert first.identity != other.identity


@pytest.mark.parametrize(
    ("text", "expected"), [("/stop", True), ("/stopping", False), ("", False), (None, False)]
)
def test_only_the_command_itself_is_a_stop(text: str | None, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_stop(text) is expected


@pytest.mark.parametrize(
    ("changes", "is_counted"),
    [
        ({"text": "chatter"}, False),
        ({"text": "@govorun_bot hi", "entities": [{"type": "mention", "offset": 0, "length": 12}]}, True),
        ({"text": "/ask hi", "entities": [{"type": "bot_command", "offset": 0, "length": 4}]}, True),
        ({"text": "why?", "reply_to_message": {"message_id": 1, "from": {"id": BOT}}}, True),
        ({"text": "why?", "reply_to_message": {"message_id": 1, "from": {"id": 7}}}, False),
    ],
)
def test_in_a_group_only_what_calls_somebody_takes_a_place(
    changes: dict[str, Any], *, is_counted: bool
) -> None:
    update = message()
    update["message"] |= changes | {"chat": {"id": -100, "type": "supergroup"}, "from": {"id": 5}}

    envelope = enveloped(update, BOT)

    assert envelope is not None
    assert envelope.sender_id == (5 if is_counted else None)
