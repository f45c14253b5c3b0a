"""What reading a stream costs: a delta of the OpenAI dialect, and a character of native answers of any length.

Answers are read from memory, so that neither the network nor a pace is measured, and beside them by a bare loop
of httpx that parses each line. A native answer is sent whole again and again: what its characters cost counts
the request and all that is repeated. The last look at it, alone, is compared to that at the shortest.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import aclosing
from typing import TypeAlias

import httpx

from bot.backends.openai.askers import Operator
from bot.backends.openai.chat import OwnChat
from bot.backends.patience import Patience
from bot.backends.yandex.auth import Account, ApiKey
from bot.backends.yandex.completion import Newest, YandexCompletion
from bot.ports import ModelBackend
from bot.types import Ask, ModelChoice
from tests.bench.model import answer
from tests.bench.table import Row

_DELTAS, _ROUNDS = 10_000, 15
_NATIVE_ROUNDS = 5
_LOOK_ROUNDS = 50
_LENGTHS = (1_000, 4_000, 16_000, 32_000)
_STEP, _LINES, _LOOKS = 100, 5, 20
_WORDS = 6_000
Dialect: TypeAlias = Callable[[httpx.AsyncClient], ModelBackend]
_ASK = Ask(ModelChoice("bench"), "words, please")


async def rows() -> list[Row]:
    """Measure deltas that come one by one and five by five, then native answers of each length."""
    deltas = [await _deltas(together) for together in (1, 5)]
    return [*deltas, *await _whole(), *_looks()]


async def _deltas(together: int) -> Row:
    chunks = list(_lumps(_events(), together))
    ours, bare = await _costs_us(chunks, _own_chat, _DELTAS, _ROUNDS)
    what = f"an OpenAI delta, {together} at once; ideal: a bare httpx loop"
    return Row(what, ours, bare, "us", "<= 2x")


async def _whole() -> list[Row]:
    """Measure whole native answers, of which five lines come at a time, the lengths in turns."""
    text, costs = answer(_WORDS), dict[int, list[tuple[float, float]]]()
    for _ in range(_NATIVE_ROUNDS):
        for length in _LENGTHS:
            chunks = [_lines(text, end) for end in range(_STEP, length + 1, _STEP)]
            end = _line(text[:length], "FINAL")
            cost = await _costs_us([*chunks, end], _native, length // _STEP, 1)
            costs.setdefault(length, []).append(cost)
    least = {length: [min(column) for column in zip(*each, strict=True)] for length, each in costs.items()}
    return [
        Row(f"{_STEP} characters of a native answer of {length:,}; as above", ours, bare, "us", "flat")
        for length, (ours, bare) in least.items()
    ]


def _looks() -> list[Row]:
    rounds = [[_look_us(length) for length in _LENGTHS] for _ in range(_LOOK_ROUNDS)]
    costs = [min(costs) for costs in zip(*rounds, strict=True)]
    return [
        Row(f"  a look alone at {_STEP} new ones at {length:,}", cost, costs[0], "us")
        for length, cost in zip(_LENGTHS, costs, strict=True)
    ]


def _look_us(length: int) -> float:
    """Return the processor time of one look, in microseconds; the pieces are thrown away as they come.

    Each block is made right before it is read, as it comes from the network in life.
    """
    text, reader, spent_s = answer(_WORDS), Newest(), 0.0
    reader.read(_lines(text, length))
    for look in range(1, _LOOKS + 1):
        block = _lines(text, length + look * _STEP)
        began_s = time.process_time()
        reader.read(block)
        spent_s += time.process_time() - began_s
    return spent_s / _LOOKS * 1e6


def _lines(text: str, end: int) -> bytes:
    """Return what came since the last look: lines that each hold the whole text so far."""
    step = _STEP // _LINES
    return b"".join(_line(text[: end - back * step]) for back in reversed(range(_LINES)))


def _line(text: str, status: str = "PARTIAL") -> bytes:
    alternative = {"message": {"role": "assistant", "text": text}, "status": f"ALTERNATIVE_STATUS_{status}"}
    usage = {"inputTextTokens": "9", "completionTokens": "9", "totalTokens": "18"}
    result = {"alternatives": [alternative], "usage": usage, "modelVersion": "bench"}
    return json.dumps({"result": result}, ensure_ascii=False).encode() + b"\n"


def _events() -> list[bytes]:
    """Return the events of an answer, as a server of open models writes them."""
    said = [_event({"choices": [{"index": 0, "delta": {"content": f"w{n:04} "}}]}) for n in range(_DELTAS)]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    usage = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": _DELTAS, "total_tokens": 9}}
    return [*said, _event(end), _event(usage), b"data: [DONE]\n\n"]


def _event(chunk: Mapping[str, object]) -> bytes:
    head = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1758116486, "model": "bench"}
    return b"data: " + json.dumps({**head, **chunk}).encode() + b"\n\n"


def _lumps(events: list[bytes], together: int) -> Iterable[bytes]:
    for start in range(0, len(events), together):
        yield b"".join(events[start : start + together])


class _Memory(httpx.AsyncBaseTransport):
    """Answers each request with the same lumps."""

    def __init__(self, lumps: Iterable[bytes]) -> None:
        self._lumps = lumps

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002 - httpx's
        return httpx.Response(200, content=self._body())

    async def _body(self) -> AsyncIterator[bytes]:
        for lump in self._lumps:
            yield lump


async def _costs_us(chunks: list[bytes], dialect: Dialect, pieces: int, rounds: int) -> tuple[float, float]:
    """Return the least processor times of a piece in microseconds, ours and bare, measured in turns."""
    ours, bare = [], []
    async with httpx.AsyncClient(transport=_Memory(chunks)) as client:
        for _ in range(rounds):
            ours.append(await _cost_us(_read(dialect(client)), pieces))
            bare.append(await _cost_us(_bare(client), pieces))
    return min(ours), min(bare)


async def _cost_us(reading: Coroutine[None, None, None], pieces: int) -> float:
    began_s = time.process_time()
    await reading
    return (time.process_time() - began_s) / pieces * 1e6


def _own_chat(client: httpx.AsyncClient) -> ModelBackend:
    return OwnChat(client, Operator(), url="http://bench/v1", patience=Patience(pause_s=0))


def _native(client: httpx.AsyncClient) -> ModelBackend:
    account = Account(ApiKey("bench"), "bench")
    return YandexCompletion(client, account, api_url="http://bench", patience=Patience(pause_s=0))


async def _read(backend: ModelBackend) -> None:
    async with aclosing(backend.stream(_ASK)) as pieces:
        async for _ in pieces:
            pass


async def _bare(client: httpx.AsyncClient) -> None:
    async with client.stream("POST", "http://bench", json={}) as response:
        async for line in response.aiter_lines():
            carried = line.removeprefix("data: ")
            if carried and carried != "[DONE]":
                json.loads(carried)


if __name__ == "__main__":
    for row in asyncio.run(rows()):
        print(row)
