"""The native completion on the wire: requests as bytes, lines of the stream as values.

Reading is tolerant: any field may be missing, empty, null, of another type, or unknown, and costs no more than
what it said. It is done by hand, because a model of pydantic would lose a whole line for one odd field and take
twice the time on the busiest path of the bot.

Source: https://github.com/yandex-cloud/cloudapi yandex/cloud/ai/foundation_models/v1/text_generation
"""

import json
from dataclasses import dataclass
from typing import Any

from bot.backends.lines import parsed
from bot.types import Ask, ModelChoice, Usage

FINAL = "ALTERNATIVE_STATUS_FINAL"
TRUNCATED = "ALTERNATIVE_STATUS_TRUNCATED_FINAL"
FILTERED = "ALTERNATIVE_STATUS_CONTENT_FILTER"
TOOLS = "ALTERNATIVE_STATUS_TOOL_CALLS"
_STATUS_OF_NUMBER = {2: TRUNCATED, 3: FINAL, 4: FILTERED, 5: TOOLS}


def model_uri(name: str, folder_id: str, scheme: str = "gpt") -> str:
    """Return the URI of a model: a full one is kept, a short name is looked for in the folder.

    Schemes: `gpt` for texts, `art` for pictures, `cls` for classifiers, `emb` for embeddings.
    """
    return name if "://" in name else f"{scheme}://{folder_id}/{name}"


def request_body(ask: Ask, folder_id: str) -> bytes:
    """Return the body of a streaming request."""
    body = request(ask, folder_id, is_streamed=True)
    return json.dumps(body, ensure_ascii=False).encode(errors="replace")


def request(ask: Ask, folder_id: str, *, is_streamed: bool) -> dict[str, Any]:
    """Return the body of any request for a completion, as JSON.

    Lines without text are left out, because the service refuses the whole request for one of them.
    """
    lines = ({"role": line.role.value, "text": line.text} for line in ask.lines() if line.text.strip())
    return {
        "modelUri": model_uri(ask.model.address, folder_id),
        "completionOptions": _options(ask.model, is_streamed=is_streamed),
        "messages": list(lines),
    }


def _options(model: ModelChoice, *, is_streamed: bool) -> dict[str, Any]:
    options: dict[str, Any] = {"stream": True} if is_streamed else {}
    if model.temperature is not None:
        options["temperature"] = model.temperature
    if model.max_tokens is not None:
        options["maxTokens"] = str(model.max_tokens)
    if model.reasoning:
        options["reasoningOptions"] = {"mode": "ENABLED_HIDDEN"}
    return options


@dataclass(frozen=True, slots=True)
class Said:
    """What one line of a stream says."""

    text: str = ""
    """The whole answer so far; empty: nothing new."""
    status: str = ""
    raw_usage: Any = None
    model_version: str = ""
    error: Any = None

    @property
    def usage(self) -> Usage | None:
        """The counters, which the service writes as strings; None if there are none."""
        counters = _object(self.raw_usage)
        details = _object(counters.get("completionTokensDetails"))
        if not counters:
            return None
        return Usage(
            input_tokens=_count(counters.get("inputTextTokens")),
            completion_tokens=_count(counters.get("completionTokens")),
            reasoning_tokens=_count(details.get("reasoningTokens")),
        )


def said_by(line: bytes) -> Said | None:
    """Read a line; None if it is no JSON object or says neither an alternative nor an error."""
    said = _object(parsed(line))
    if error := said.get("error"):
        return Said(error=error)
    return said_in(_object(said.get("result")) or said)


def said_in(result: dict[str, Any]) -> Said | None:
    """Read a completion, whole or not; None if it says no alternative."""
    alternative = _first(result.get("alternatives"))
    status = alternative.get("status")
    if not alternative:
        return None
    return Said(
        text=_text(_object(alternative.get("message")).get("text")),
        status=_STATUS_OF_NUMBER.get(status, "") if isinstance(status, int) else _text(status),
        raw_usage=result.get("usage"),
        model_version=_text(result.get("modelVersion")),
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(values: Any) -> dict[str, Any]:
    return _object(values[0]) if isinstance(values, list) and values else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(value: Any) -> int:
    return int(value) if str(value).isdecimal() else 0
