"""The OpenAI-compatible chat on the wire: requests as bytes, chunks of an answer as values.

Reading is as tolerant as that of the native completion. A chunk of a stream and an answer that came whole are
read alike: they differ in one name, `delta` or `message`.

Source: https://platform.openai.com/docs/api-reference/chat
"""

import json
from base64 import b64encode
from typing import Any, NamedTuple

from bot.backends.lines import parsed
from bot.types import Ask, Line, ModelChoice, Picture, Usage

STOP, LENGTH, FILTERED = "stop", "length", "content_filter"
TOOLS = frozenset({"tool_calls", "function_call"})
_EFFORT = "medium"
"""How hard a model thinks that is asked to: nobody has asked for more, or for less."""


def request_body(ask: Ask, model: str, *, is_usage_wanted: bool = False) -> bytes:
    """Return the body of a streaming request to a model by the name under which the server knows it.

    Lines without text and pictures are left out, as in the native request. `is_usage_wanted` asks for what the
    answer has cost; Yandex tells it unasked, and does not know the parameter.
    """
    body: dict[str, Any] = {
        "model": model,
        "messages": [_message(line) for line in ask.lines() if line.text.strip() or line.pictures],
        "stream": True,
        **_options(ask.model),
    }
    if is_usage_wanted:
        body["stream_options"] = {"include_usage": True}
    return json.dumps(body, ensure_ascii=False).encode(errors="replace")


def _message(line: Line) -> dict[str, Any]:
    if not line.pictures:
        return {"role": line.role.value, "content": line.text}
    parts = [{"type": "text", "text": line.text}] if line.text.strip() else []
    return {"role": line.role.value, "content": [*parts, *map(_picture, line.pictures)]}


def _picture(picture: Picture) -> dict[str, Any]:
    url = f"data:{picture.mime_type};base64,{b64encode(picture.data).decode('ascii')}"
    return {"type": "image_url", "image_url": {"url": url}}


def _options(model: ModelChoice) -> dict[str, Any]:
    given = {
        "temperature": model.temperature,
        "max_tokens": model.max_tokens,
        "reasoning_effort": _EFFORT if model.reasoning else None,
    }
    return {name: value for name, value in given.items() if value is not None}


class Said(NamedTuple):
    """What one chunk says."""

    text: str = ""
    """What goes on with the answer."""
    thought: str = ""
    """What goes on with the model's thoughts."""
    finish: str = ""
    """Why the model has ended; empty: it has not, or does not say."""
    is_whole: bool = False
    """Whether it is an answer that came at once."""
    raw_usage: Any = None
    model: str = ""
    error: Any = None

    @property
    def usage(self) -> Usage | None:
        """The counters; None if there are none."""
        counters = _object(self.raw_usage)
        details = _object(counters.get("completion_tokens_details"))
        if not counters:
            return None
        return Usage(
            input_tokens=_count(counters.get("prompt_tokens")),
            completion_tokens=_count(counters.get("completion_tokens")),
            reasoning_tokens=_count(details.get("reasoning_tokens")),
        )


def said_by(line: bytes) -> Said | None:
    """Read a line; None if it is no JSON object or says nothing of an answer: no choice, usage or error."""
    chunk = parsed(line)
    if not isinstance(chunk, dict):
        return None
    if error := chunk.get("error"):
        return Said(error=error if isinstance(error, dict) else chunk)
    choices, usage = chunk.get("choices"), chunk.get("usage")
    if not isinstance(choices, list) and not usage:
        return None
    choice = _first(choices)
    words = _object(choice.get("delta") or choice.get("message"))
    thought = words.get("reasoning_content")
    if not (thought and isinstance(thought, str)):
        thought = words.get("reasoning")
    return Said(
        _text(words.get("content")),
        _text(thought),
        _text(choice.get("finish_reason")),
        "message" in choice,
        usage,
        _text(chunk.get("model")),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(values: Any) -> dict[str, Any]:
    return _object(values[0]) if isinstance(values, list) and values else {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
