"""The lines of one answer as the service would send them: cumulative, with counters that grow."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.models import tokens
from bot.sandbox.models.faults import Filter, Mishap, Revise, Truncate
from bot.sandbox.models.request import CompletionRequest

MODEL_VERSION = "stand-in"
CANNED_TEXT = (
    "В интернете есть много сайтов с информацией на эту тему. [Посмотрите, что нашлось в поиске](https://ya.ru)"
)
_REASONING_TOKENS = 48


def transcript(answer: str, request: CompletionRequest, fault: Mishap | None) -> Iterator[dict[str, Any]]:
    """Yield a response for every token of the answer; the last one has a final status.

    Texts are limited by the request's `maxTokens` and changed by the faults that change texts.
    """
    parts = tokens.split(answer) or [""]
    budget = _budget(request, fault)
    text, last = "", min(len(parts), budget)
    for count, part in enumerate(parts[:budget], start=1):
        if isinstance(fault, Filter) and count > fault.after_pieces:
            yield _filtered()
            return
        text += part
        status = "PARTIAL" if count < last else "FINAL" if len(parts) <= budget else "TRUNCATED_FINAL"
        is_doubtful = isinstance(fault, Revise) and count % 3 == 0 and count < last
        yield _response(f"{text}, or rather…" if is_doubtful else text, status, _usage(request, count))


def _budget(request: CompletionRequest, fault: Mishap | None) -> int:
    if isinstance(fault, Truncate):
        return fault.after_pieces
    return request.completion_options.max_tokens or 1_000_000


def _usage(request: CompletionRequest, written: int) -> dict[str, Any]:
    thought = _REASONING_TOKENS if request.is_reasoning else 0
    return {
        "inputTextTokens": str(request.input_tokens),
        "completionTokens": str(written + thought),
        "totalTokens": str(request.input_tokens + written + thought),
        "completionTokensDetails": {"reasoningTokens": str(thought)},
    }


def _response(text: str, status: str, usage: dict[str, Any]) -> dict[str, Any]:
    alternative = {
        "message": {"role": "assistant", "text": text},
        "status": f"ALTERNATIVE_STATUS_{status}",
    }
    return {"alternatives": [alternative], "usage": usage, "modelVersion": MODEL_VERSION}


def _filtered() -> dict[str, Any]:
    nothing = {"inputTextTokens": "0", "completionTokens": "0", "totalTokens": "0"}
    return _response(CANNED_TEXT, "CONTENT_FILTER", nothing) | {"modelVersion": ""}
