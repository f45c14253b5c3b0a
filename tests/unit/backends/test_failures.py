import json
from typing import Any

import pytest

from bot.backends.failures import Refusal
from bot.errors import (
    AccessDenied,
    BackendError,
    BadCredentials,
    BlindModel,
    ContentFiltered,
    ContextTooLong,
    Overloaded,
    QuotaExceeded,
    Rejected,
    UnknownModel,
)

QUOTA = "ai.textGenerationCompletionSessionsCount.count gauge quota limit exceed: allowed 10 requests"


def shape_a(status: int, message: str) -> bytes:
    error = {"grpcCode": 2, "httpCode": status, "message": message, "httpStatus": "", "details": []}
    return json.dumps({"error": error}).encode()


def shape_b(_: int, message: str) -> bytes:
    return json.dumps({"error": message, "code": 2, "message": message, "details": []}).encode()


def shape_c(_: int, message: str) -> bytes:
    return json.dumps({"error": {"error": message}}).encode()


def plain(_: int, message: str) -> bytes:
    return message.encode()


def error_of(status: int, body: bytes, retry_after: str | None = None) -> BackendError:
    return Refusal.of_response(status, body, retry_after).as_error(str, "7")


@pytest.mark.parametrize("shape", [shape_a, shape_b, shape_c, plain])
@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (401, "Unknown api key", BadCredentials),
        (403, "Permission to [resource-manager.folder x] denied", AccessDenied),
        (404, "404 page not found", UnknownModel),
        (408, "", Overloaded),
        (413, "too large", ContextTooLong),
        (429, QUOTA, QuotaExceeded),
        (400, "invalid model_uri", UnknownModel),
        (400, "Failed to parse model URI", UnknownModel),
        (400, "the model has been retired", UnknownModel),
        (400, "number of input tokens must be no more than 8192, got 28498", ContextTooLong),
        (400, "text length is 349354, which is outside the range (0, 100000]", ContextTooLong),
        (400, "it may violate the terms of use", ContentFiltered),
        (400, "gpt://folder/yandexgpt is not a multimodal model", BlindModel),
        (500, "image input is not supported - hint: you may need to provide the mmproj", BlindModel),
        (400, "This model's maximum context length is 8192 tokens. However, …", ContextTooLong),
        (400, "request (9000 tokens) exceeds the available context size", ContextTooLong),
        (400, "The model `pirate` does not exist.", UnknownModel),
        (400, "empty message text", Rejected),
        (400, "Specified folder ID 'a' does not match with service account folder ID 'b'", Rejected),
        (302, "elsewhere", Rejected),
        (500, "internal", Overloaded),
        (501, "unimplemented", Rejected),
        (502, "bad gateway", Overloaded),
        (503, "unavailable", Overloaded),
        (504, "deadline", Overloaded),
    ],
)
def test_status_and_message_decide_whatever_the_shape(
    shape: Any, status: int, message: str, kind: type[BackendError]
) -> None:
    error = error_of(status, shape(status, message))

    assert type(error) is kind
    assert f"HTTP {status}: {message}" in str(error)


def test_the_error_names_the_request() -> None:
    assert str(error_of(500, b"broken")) == "HTTP 500: broken (request 7)"


def test_the_advice_of_the_service_is_kept() -> None:
    error = error_of(429, shape_a(429, QUOTA), "12")

    assert isinstance(error, QuotaExceeded)
    assert error.retry_after_s == 12


@pytest.mark.parametrize("advice", [None, "", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "-1"])
def test_advice_that_is_no_number_is_none(advice: str | None) -> None:
    error = error_of(503, b"", advice)

    assert isinstance(error, Overloaded)
    assert error.retry_after_s is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no explanation"),
        (b"\xff\xfe broken", "broken"),
        (b"[1, 2]", "[1, 2]"),
        (b"[" * 100_000, "[[["),
        (b'{"message": "only this"}', "only this"),
        (b'{"detail": "odd"}', "odd"),
        (b'{"error": {"code": 5}}', "'code': 5"),
        (b'{"error": null, "message": null}', "None"),
    ],
)
def test_any_body_makes_a_message(body: bytes, words: str) -> None:
    assert words in str(error_of(500, body))


def test_a_message_is_one_short_line_without_secrets() -> None:
    body = shape_a(400, "a\nsecret\n" + "b" * 1000)

    error = Refusal.of_response(400, body, None).as_error(lambda text: text.replace("secret", "…"), "7")

    assert str(error).startswith("HTTP 400: a … bbb")
    assert len(str(error)) < 350


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"grpcCode": 8, "httpCode": 429, "message": QUOTA}, QuotaExceeded),
        ({"httpCode": "503", "message": "away"}, Overloaded),
        ({"grpcCode": 16, "message": "expired"}, BadCredentials),
        ({"code": 3, "message": "invalid model_uri"}, UnknownModel),
        ({"grpcCode": 14}, Overloaded),
        ({"grpcCode": [], "httpCode": {}}, Overloaded),
        ({"httpCode": 2000, "message": "odd"}, Rejected),
        ("only words", Overloaded),
        (["odd"], Overloaded),
        ({"code": 400, "message": "temperature"}, Rejected),
        ({"code": "503", "message": "away"}, Overloaded),
        ({"code": "9" * 5000, "message": "odd"}, Overloaded),
        ({"error": "Access to model denied", "code": 7}, AccessDenied),
        ({"code": "rate_limit_exceeded", "message": "slowly"}, QuotaExceeded),
        ({"code": "invalid_api_key", "message": "Incorrect API key provided"}, BadCredentials),
        ({"code": "context_length_exceeded", "message": "long"}, ContextTooLong),
        (
            {"code": "model_call_error", "message": "number of input tokens must be no more than 32768"},
            ContextTooLong,
        ),
        ({"message": "gpt-oss is not a multimodal model"}, BlindModel),
    ],
)
def test_a_late_error_is_told_by_its_codes(said: Any, kind: type[BackendError]) -> None:
    assert type(Refusal.of_line(said).as_error(str, "7")) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("Unauthenticated", BadCredentials),
        ("PermissionDenied", AccessDenied),
        ("NotFound", UnknownModel),
        ("ResourceExhausted", QuotaExceeded),
        ("InvalidArgument", Rejected),
        ("Unavailable", Overloaded),
        ("DeadlineExceeded", Overloaded),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_grpc_error_in_plain_text_says_more_than_the_status(
    status: int, code: str, kind: type[BackendError]
) -> None:
    text = f"rpc error: code = {code} desc = something"

    assert type(error_of(status, text.encode())) is kind
    assert type(Refusal.of_line({"message": text}).as_error(str, "7")) is kind


def test_a_grpc_error_that_nobody_knows_changes_nothing() -> None:
    assert type(error_of(503, b"rpc error: code = Tired desc = yawn")) is Overloaded


@pytest.mark.parametrize("text", ["", "<html>a proxy's page</html>", "rpc error: code = Tired desc = yawn"])
def test_a_text_in_place_of_an_answer_need_not_be_a_refusal(text: str) -> None:
    assert Refusal.of_text(text) is None


def test_a_text_in_place_of_an_answer_may_be_a_refusal() -> None:
    refusal = Refusal.of_text("rpc error: code = Unauthenticated desc = Unknown api key")

    assert refusal is not None
    assert refusal.status == 401


def test_a_code_in_words_is_told_along() -> None:
    error = error_of(400, b'{"error": {"message": "no", "code": "odd_thing"}}')

    assert str(error) == "HTTP 400: no (odd_thing) (request 7)"
