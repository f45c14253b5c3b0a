import json
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends.openai import wire
from bot.types import Ask, Example, ModelChoice, Picture, Turn, Usage
from tests.tools.openai_types import UNSUPPORTED, chat_request

MODEL = ModelChoice("gpt-oss-20b")
RED, BLUE = Picture(b"red"), Picture(b"blue", "image/png")
RED_URL, BLUE_URL = "data:image/jpeg;base64,cmVk", "data:image/png;base64,Ymx1ZQ=="


def body(ask: Ask, **more: Any) -> dict[str, Any]:
    return chat_request(wire.request_body(ask, "gpt://folder/gpt-oss-20b", **more))


def said(**chunk: Any) -> wire.Said | None:
    return wire.said_by(b"data: " + json.dumps(chunk).encode())


def test_the_whole_ask_is_a_request() -> None:
    model = ModelChoice("gpt-oss-20b", temperature=0.25, max_tokens=500, reasoning=True)
    ask = Ask(model, "Новый?", "Будь краток.", (Example("2+2?", "4"),), (Turn("Кто ты?", "Бот.", 1.0, 2),))

    assert body(ask) == {
        "model": "gpt://folder/gpt-oss-20b",
        "messages": [
            {"role": "system", "content": "Будь краток."},
            {"role": "user", "content": "2+2?"},
            {"role": "assistant", "content": "4"},
            {"role": "user", "content": "Кто ты?"},
            {"role": "assistant", "content": "Бот."},
            {"role": "user", "content": "Новый?"},
        ],
        "stream": True,
        "temperature": 0.25,
        "max_tokens": 500,
        "reasoning_effort": "medium",
    }


def test_what_is_not_set_is_not_sent() -> None:
    assert set(body(Ask(MODEL, "Hi"))) == {"model", "messages", "stream"}


def test_yandex_gets_nothing_that_it_does_not_support() -> None:
    model = ModelChoice("gpt-oss-20b", temperature=0.25, max_tokens=500, reasoning=True)

    assert not UNSUPPORTED & set(body(Ask(model, "Hi", photos=("r",), album={"r": RED})))


def test_usage_is_asked_for_where_that_is_known() -> None:
    assert body(Ask(MODEL, "Hi"), is_usage_wanted=True)["stream_options"] == {"include_usage": True}


def test_a_temperature_of_zero_is_sent() -> None:
    assert body(Ask(ModelChoice("m", temperature=0.0), "Hi"))["temperature"] == 0.0


def test_pictures_follow_the_text_of_their_line() -> None:
    history = (Turn("Which colour?", "Red.", 1.0, 2, photos=("r",)),)
    album = {"r": RED, "b": BLUE}
    ask = Ask(MODEL, "Compare.", history=history, photos=("r", "b"), album=album)

    first, answer, last = body(ask)["messages"]

    assert first["content"] == [
        {"type": "text", "text": "Which colour?"},
        {"type": "image_url", "image_url": {"url": RED_URL}},
    ]
    assert answer == {"role": "assistant", "content": "Red."}
    assert [part.get("image_url", part) for part in last["content"]] == [
        {"type": "text", "text": "Compare."},
        {"url": RED_URL},
        {"url": BLUE_URL},
    ]


def test_a_picture_needs_no_text() -> None:
    [line] = body(Ask(MODEL, " ", photos=("r",), album={"r": RED}))["messages"]

    assert [part["type"] for part in line["content"]] == ["image_url"]


def test_lines_without_text_are_left_out() -> None:
    ask = Ask(MODEL, "Hi", " \n", (Example("?", ""),), (Turn("", "Yes.", 1.0, 1),))

    assert [line["content"] for line in body(ask)["messages"]] == ["?", "Yes.", "Hi"]


@given(st.binary(max_size=100))
def test_a_picture_arrives_as_it_was(data: bytes) -> None:
    [line] = body(Ask(MODEL, "", photos=("p",), album={"p": Picture(data)}))["messages"]

    assert b64decode(line["content"][0]["image_url"]["url"].partition(",")[2]) == data


@given(question=st.text(min_size=1), system=st.text())
def test_any_text_makes_a_request(question: str, system: str) -> None:
    body(Ask(MODEL, question, system))


def test_half_a_surrogate_pair_does_not_break_the_request() -> None:
    assert body(Ask(MODEL, "a\ud83db"))["messages"][0]["content"] == "a?b"


def test_a_chunk_is_read() -> None:
    usage = {
        "prompt_tokens": 26,
        "completion_tokens": 11,
        "completion_tokens_details": {"reasoning_tokens": 5},
    }
    choice = {"index": 0, "delta": {"content": "Hi", "reasoning_content": "Hm"}, "finish_reason": "stop"}

    chunk = said(model="gpt://folder/m", choices=[choice], usage=usage)

    assert chunk is not None
    assert (chunk.text, chunk.thought, chunk.finish, chunk.model) == ("Hi", "Hm", "stop", "gpt://folder/m")
    assert chunk.usage == Usage(26, 11, 5)
    assert not chunk.is_whole


def test_a_whole_answer_is_read_alike() -> None:
    chunk = said(choices=[{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}])

    assert chunk is not None
    assert (chunk.text, chunk.finish, chunk.is_whole) == ("Hi", "stop", True)


def test_thoughts_have_two_names() -> None:
    chunk = said(choices=[{"delta": {"reasoning": "Hm"}}])

    assert chunk is not None
    assert chunk.thought == "Hm"


@pytest.mark.parametrize(
    "choices",
    [
        [],
        [None],
        [{}],
        [{"delta": None, "finish_reason": None}],
        [{"delta": {"role": "assistant", "content": None}}],
        [{"delta": {"tool_calls": []}}],
        [{"delta": [], "index": "x"}],
    ],
)
def test_missing_parts_say_nothing(choices: list[Any]) -> None:
    chunk = said(choices=choices)

    assert chunk is not None
    assert (chunk.text, chunk.thought, chunk.finish, chunk.usage) == ("", "", "", None)


@pytest.mark.parametrize("usage", [None, {}, "", [], 0])
def test_no_counters_are_no_usage(usage: Any) -> None:
    chunk = said(choices=[], usage=usage)

    assert chunk is not None
    assert chunk.usage is None


def test_odd_counters_are_zero() -> None:
    chunk = said(choices=[], usage={"prompt_tokens": "", "completion_tokens": None, "new": 1})

    assert chunk is not None
    assert chunk.usage == Usage()


@pytest.mark.parametrize(
    "line",
    [
        *(
            b"",
            b"<html>",
            b"[]",
            b"5",
            b"null",
            b'{"choices":',
            b"\xff",
            b"[" * 100_000,
            b": ping",
            b"event: x",
        ),
        *(b"data: [DONE]", b"{}", b'{"choices": null}', b'{"choices": 5}', b'{"object": "list"}'),
    ],
)
def test_what_is_no_chunk_is_passed_over(line: bytes) -> None:
    assert wire.said_by(line) is None


@pytest.mark.parametrize(
    ("parsed", "error"),
    [
        ({"error": {"message": "late"}, "choices": []}, {"message": "late"}),
        ({"error": "denied", "code": 7}, {"error": "denied", "code": 7}),
    ],
)
def test_an_error_is_told_before_anything_else(parsed: dict[str, Any], error: Any) -> None:
    chunk = said(**parsed)

    assert chunk is not None
    assert chunk.error == error


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["delta", "content", "finish_reason"]), inner)
        ),
    ),
)
def test_no_json_breaks_the_reading(value: Any) -> None:
    for whole in (value, {"choices": value}, {"choices": [{"delta": value}], "usage": value}, {"error": value}):
        chunk = wire.said_by(json.dumps(whole).encode())
        assert chunk is None or chunk.usage is None or chunk.usage == Usage()
