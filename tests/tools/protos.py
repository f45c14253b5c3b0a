"""The outside judge of what is said to Yandex and by its twin: the service's own protos."""

from typing import Any

from google.protobuf import json_format
from yandex.cloud.ai.foundation_models.v1.text_generation import text_generation_service_pb2 as service

WrongForm = json_format.ParseError
"""Raised for an unknown field, a wrong type or an unknown name of an enum."""


def completion_request(body: bytes | str) -> Any:
    """Parse the body of `completion` as the service would.

    Raises:
        WrongForm: the service would not understand it.
    """
    return json_format.Parse(body, service.CompletionRequest(), ignore_unknown_fields=False)


def completion_response(body: bytes | str | dict[str, Any]) -> Any:
    """Parse what stands inside `result`.

    Raises:
        WrongForm: the service would never say this.
    """
    if isinstance(body, dict):
        return json_format.ParseDict(body, service.CompletionResponse(), ignore_unknown_fields=False)
    return json_format.Parse(body, service.CompletionResponse(), ignore_unknown_fields=False)


def tokenize_response(body: bytes | str) -> Any:
    """Parse the answer of the tokenizer.

    Raises:
        WrongForm: the service would never say this.
    """
    return json_format.Parse(body, service.TokenizeResponse(), ignore_unknown_fields=False)
