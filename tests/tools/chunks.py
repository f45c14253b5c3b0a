"""Answers of the OpenAI dialect as bytes, for what no server can be brought to say."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

DONE = b"data: [DONE]\n\n"


def event(**chunk: Any) -> bytes:
    """Return one event of a stream."""
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def delta(content: str | None = None, finish: str | None = None, **more: Any) -> bytes:
    """Return a chunk that goes on with the answer, or ends it; `more` stands beside its choices."""
    said = {} if content is None else {"content": content}
    choice: dict[str, Any] = {"index": 0, "delta": said, **({"finish_reason": finish} if finish else {})}
    return event(object="chat.completion.chunk", model="m", choices=[choice], **more)


def thought(reasoning: str) -> bytes:
    """Return a chunk that goes on with the model's thoughts."""
    return event(choices=[{"index": 0, "delta": {"reasoning_content": reasoning}}])


def usage(prompt: int, completion: int) -> dict[str, int]:
    """Return counters."""
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def answer(texts: Sequence[str]) -> Iterable[bytes]:
    """Yield a whole answer as servers of open models send it."""
    yield event(choices=[{"index": 0, "delta": {"role": "assistant"}}])
    yield from map(delta, texts)
    yield delta(finish="stop")
    yield event(model="m", choices=[], usage=usage(7, len(texts)))
    yield DONE
