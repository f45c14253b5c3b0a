import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends.yandex import wire
from bot.types import Ask, Example, ModelChoice, Turn, Usage
from tests.tools import protos

LITE = ModelChoice("yandexgpt-lite")


def parsed(ask: Ask) -> Any:
    return protos.completion_request(wire.request_body(ask, "folder"))


def said(**result: Any) -> wire.Said | None:
    return wire.said_by(json.dumps({"result": result}).encode())


def test_a_short_name_is_looked_for_in_the_folder() -> None:
    assert wire.model_uri("yandexgpt/rc", "folder") == "gpt://folder/yandexgpt/rc"


def test_a_full_uri_is_kept() -> None:
    assert wire.model_uri("gpt://other/m/latest@tuned", "folder") == "gpt://other/m/latest@tuned"


def test_the_whole_ask_is_a_request_that_the_service_understands() -> None:
    model = ModelChoice("yandexgpt", temperature=0.25, max_tokens=500, reasoning=True)
    ask = Ask(model, "Новый?", "Будь краток.", (Example("2+2?", "4"),), (Turn("Кто ты?", "Бот.", 1.0, 2),))

    request = parsed(ask)

    assert request.model_uri == "gpt://folder/yandexgpt"
    assert request.completion_options.stream is True
    assert request.completion_options.temperature.value == 0.25
    assert request.completion_options.max_tokens.value == 500
    assert request.completion_options.reasoning_options.mode == 2
    assert [(line.role, line.text) for line in request.messages] == [
        ("system", "Будь краток."),
        ("user", "2+2?"),
        ("assistant", "4"),
        ("user", "Кто ты?"),
        ("assistant", "Бот."),
        ("user", "Новый?"),
    ]


def test_what_is_not_set_is_not_sent() -> None:
    options = json.loads(wire.request_body(Ask(LITE, "Hi"), "folder"))["completionOptions"]

    assert options == {"stream": True}


def test_lines_without_text_are_left_out() -> None:
    ask = Ask(LITE, "Hi", " \n", (Example("?", ""),), (Turn("", "Yes.", 1.0, 1),))

    assert [line.text for line in parsed(ask).messages] == ["?", "Yes.", "Hi"]


def test_half_a_surrogate_pair_does_not_break_the_request() -> None:
    assert parsed(Ask(LITE, "a\ud83db")).messages[0].text == "a?b"


@given(question=st.text(min_size=1), system=st.text())
def test_any_text_makes_a_request_that_the_service_understands(question: str, system: str) -> None:
    parsed(Ask(LITE, question, system))


def test_a_line_is_read_with_its_counters() -> None:
    usage = {"inputTextTokens": "26", "completionTokens": "11", "totalTokens": "37"}
    alternatives = [{"message": {"role": "assistant", "text": "Hi"}, "status": wire.FINAL}]

    line = said(alternatives=alternatives, usage=usage, modelVersion="07.03.2024")

    assert line is not None
    assert (line.text, line.status, line.model_version) == ("Hi", wire.FINAL, "07.03.2024")
    assert line.usage == Usage(26, 11)


def test_reasoning_is_counted() -> None:
    line = said(alternatives=[{"status": ""}], usage={"completionTokensDetails": {"reasoningTokens": "5"}})

    assert line is not None
    assert line.usage == Usage(reasoning_tokens=5)


@pytest.mark.parametrize("usage", [None, {}, "", [], 5])
def test_no_counters_are_no_usage(usage: Any) -> None:
    line = said(alternatives=[{"status": ""}], usage=usage)

    assert line is not None
    assert line.usage is None


def test_odd_counters_are_zero() -> None:
    usage = {"inputTextTokens": "", "completionTokens": None, "completionTokensDetails": "", "new": 1}

    line = said(alternatives=[{"status": ""}], usage=usage)

    assert line is not None
    assert line.usage == Usage()


def test_a_line_outside_result_is_read_too() -> None:
    line = wire.said_by(b'{"alternatives": [{"message": {"text": "Hi"}, "status": 3}]}')

    assert line is not None
    assert (line.text, line.status) == ("Hi", wire.FINAL)


@pytest.mark.parametrize(("number", "status"), [(2, wire.TRUNCATED), (4, wire.FILTERED), (1, ""), (99, "")])
def test_a_status_may_be_a_number(number: int, status: str) -> None:
    line = said(alternatives=[{"status": number}])

    assert line is not None
    assert line.status == status


@pytest.mark.parametrize(
    "alternative",
    [{"message": None, "status": None}, {"message": {"text": None}}, {"message": "", "x": 1}, {"message": []}],
)
def test_missing_parts_say_nothing(alternative: dict[str, Any]) -> None:
    line = said(alternatives=[alternative])

    assert line is not None
    assert (line.text, line.status) == ("", "")


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"<html>", b"[]", b"5", b"null", b'{"result":', b"\xff", b"[" * 100_000, b": ping", b"event: x"),
        *(b'{"result": null}', b'{"result": {"alternatives": []}}', b'{"result": {"alternatives": [null]}}'),
    ],
)
def test_what_is_no_line_of_an_answer_is_passed_over(line: bytes) -> None:
    assert wire.said_by(line) is None


def test_an_error_is_told_before_anything_else() -> None:
    line = wire.said_by(b'{"error": {"message": "late"}, "result": {"alternatives": [{"status": 3}]}}')

    assert line is not None
    assert line.error == {"message": "late"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["message", "text", "status"]), inner),
    ),
)
def test_no_json_breaks_the_reading(value: Any) -> None:
    for body in (value, {"result": value}, {"result": {"alternatives": value, "usage": value}}):
        line = wire.said_by(json.dumps(body).encode())
        assert line is None or line.usage is None or line.usage == Usage()
