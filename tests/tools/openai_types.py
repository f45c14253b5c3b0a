"""The outside judge of what is said in the OpenAI dialect: the types of the official client."""

import json
from typing import Any

from openai.types import chat
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from pydantic import ConfigDict, TypeAdapter, with_config

UNSUPPORTED = frozenset(
    {
        *("store", "stop", "seed", "audio", "web_search_options", "service_tier", "stream_options"),
        *("frequency_penalty", "presence_penalty", "logprobs", "n", "parallel_tool_calls"),
    }
)
"""What Yandex marks as unsupported, or not for all models."""


def _strict(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(with_config(ConfigDict(extra="forbid", strict=True))(kind))


_REQUEST = _strict(CompletionCreateParamsStreaming)
_MESSAGES = {
    "system": _strict(chat.ChatCompletionSystemMessageParam),
    "user": _strict(chat.ChatCompletionUserMessageParam),
    "assistant": _strict(chat.ChatCompletionAssistantMessageParam),
}
_PARTS = {
    "text": _strict(chat.ChatCompletionContentPartTextParam),
    "image_url": _strict(chat.ChatCompletionContentPartImageParam),
}


def chat_request(body: bytes) -> dict[str, Any]:
    """Parse the body of a streaming `chat/completions`; messages by themselves, for pydantic reads them late.

    Raises:
        ValidationError: the official client could not have said so.
    """
    request: dict[str, Any] = json.loads(body)
    _REQUEST.validate_python(request)
    for message in request["messages"]:
        _MESSAGES[message["role"]].validate_python(message)
        for part in [] if isinstance(message["content"], str) else message["content"]:
            _PARTS[part["type"]].validate_python(part)
    return request
