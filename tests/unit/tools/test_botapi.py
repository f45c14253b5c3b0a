import json
from typing import Any

import pytest

from tests.tools.botapi import assert_call_matches_schema, call_problems, compacted, object_problems


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("getMe", {}),
        ("sendmessage", {"chat_id": 5, "text": "a"}),
        (
            "sendMessage",
            {"chat_id": "@here", "text": "5", "disable_notification": True, "message_effect_id": None},
        ),
        (
            "sendMessage",
            {"chat_id": "5", "text": "[a", "disable_notification": "true", "message_thread_id": "-7"},
        ),
        (
            "sendMessage",
            {
                "chat_id": 5,
                "text": "a",
                "entities": [{"type": "bold", "offset": 0, "length": 1}],
                "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]},
            },
        ),
        (
            "sendMessage",
            {"chat_id": 5, "text": "a", "entities": '[{"type": "bold", "offset": 0, "length": 1}]'},
        ),
        ("sendMessage", {"chat_id": 5, "text": "a", "reply_markup": {"remove_keyboard": True}}),
        ("sendDocument", {"chat_id": 5, "document": "attach://a"}),
        ("sendLocation", {"chat_id": 5, "latitude": 1, "longitude": "2.5"}),
        ("sendMediaGroup", {"chat_id": 5, "media": [{"type": "photo", "media": "a"}]}),
        ("setMyCommands", {"commands": [], "scope": {"type": "chat", "chat_id": 5}}),
        ("sendRichMessage", {"chat_id": 5, "rich_message": {"markdown": "a"}}),
    ],
)
def test_a_good_call_passes(method: str, params: dict[str, Any]) -> None:
    assert_call_matches_schema(method, params)


@pytest.mark.parametrize(
    ("method", "params", "problem"),
    [
        ("dance", {}, "there is no such method"),
        ("sendMessage", {"chat_id": 5}, "text: is required"),
        ("sendMessage", {"chat_id": 5, "text": None}, "text: is required"),
        ("sendMessage", {"chat_id": 5, "text": "a", "txt": "b"}, "txt: is unknown"),
        ("sendMessage", {"chat_id": 5, "text": 5}, "text: must be String, is 5"),
        ("getUpdates", {"limit": "x"}, "limit: must be Integer, is 'x'"),
        ("getUpdates", {"limit": True}, "limit: must be Integer, is True"),
        ("deleteWebhook", {"drop_pending_updates": 1}, "drop_pending_updates: must be Boolean, is 1"),
        ("sendMessage", {"chat_id": 5.5, "text": "a"}, "chat_id: fits none of Integer, String: 5.5"),
        ("sendMessage", {"chat_id": 5, "text": "a", "entities": {}}, "entities: must be an array, is {}"),
        (
            "sendMessage",
            {"chat_id": 5, "text": "a", "entities": [{"type": "bold", "offset": "0", "length": 1}]},
            "entities[0].offset: must be Integer, is '0'",
        ),
        ("setMyCommands", {"commands": [7]}, "commands[0]: must be a BotCommand, is 7"),
        ("sendLocation", {"chat_id": 5, "latitude": "x", "longitude": 2}, "latitude: must be Float, is 'x'"),
    ],
)  # fmt: skip
def test_a_bad_call_is_found_out(method: str, params: dict[str, Any], problem: str) -> None:
    assert list(call_problems(method, params)) == [problem]


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(AssertionError) as failed:
        assert_call_matches_schema("sendMessage", {"chat_id": 5, "txt": "a"})

    assert str(failed.value).splitlines() == [
        "sendMessage does not match the Bot API:",
        "text: is required",
        "txt: is unknown",
    ]


def test_what_fits_no_member_of_a_union_is_found_out() -> None:
    markup = {"inline_keyboard": [[{"text": "a", "colour": "red"}]]}

    (problem,) = call_problems("sendMessage", {"chat_id": 5, "text": "a", "reply_markup": markup})

    assert problem.startswith("reply_markup: fits none of InlineKeyboardMarkup, ReplyKeyboardMarkup")


@pytest.mark.parametrize(
    ("value", "kind", "is_good"),
    [
        ({"type": "bold", "text": ["a", {"type": "italic", "text": "b"}]}, "RichText", True),
        ([["a"], "b"], "RichText", True),
        ([5], "RichText", False),
        ({"is_disabled": True}, "LinkPreviewOptions", True),
        ({"remove_keyboard": False}, "ReplyKeyboardRemove", False),
        ({"status": "left"}, "ChatMember", False),
    ],
)
def test_objects_are_judged_too(value: object, kind: str, *, is_good: bool) -> None:
    assert (list(object_problems(value, kind)) == []) is is_good


def test_the_schema_is_compacted() -> None:
    def item(name: str, category: str, description: str = "", **fields: Any) -> dict[str, Any]:
        notes = [
            {"name": field, "type": kind, "required": is_needed} for field, (kind, is_needed) in fields.items()
        ]
        return {"name": name, "category": category, "description": description, "annotations": notes}

    full = {
        "items": [
            {
                "children": [
                    item("send", "methods", "It can be\n - X", a=("Integer", True), b=("String", False))
                ]
            },
            {"children": [item("A", "types", "One of\n - B\n - C"), item("T", "types", "A String, or\n - B")]},
            {"children": [item("Empty", "types", "Nothing")]},
        ]
    }

    assert json.loads(json.dumps(compacted(full))) == {
        "methods": {"send": {"a": "Integer!", "b": "String"}},
        "types": {"Empty": {}},
        "unions": {"A": ["B", "C"], "T": ["String", "Array of T", "B"]},
    }
