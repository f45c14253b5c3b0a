"""A model that says what it was told to say: the in-memory twin of every `ModelBackend`."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing

from bot.errors import BackendError
from bot.ports import ModelBackend
from bot.types import Ask, Ending, ModelChoice, Piece, Usage

USAGE = Usage(input_tokens=7, completion_tokens=3)


class ScriptedModel:
    """Yields the same cumulative pieces for every ask; the last one carries an ending and usage.

    `delays_s` is the time before each piece, its last value for all further ones. `refusals` are raised first,
    one by each call, before any piece. `error` ends every other answer after its pieces, instead of an ending.
    """

    def __init__(
        self,
        pieces: Sequence[str] = ("Hello", "Hello, world"),
        *,
        delays_s: Sequence[float] = (0.0,),
        error: BackendError | None = None,
        refusals: Iterable[BackendError] = (),
        ending: Ending = Ending.COMPLETE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.pieces = pieces
        self.delays_s = delays_s
        self.error = error
        self.refusals = list(refusals)
        self.ending = ending
        self.asks: list[Ask] = []
        """What it was asked, in order."""
        self.open_streams = 0
        self._sleep = sleep

    async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Yield the pieces as they were scripted."""
        self.asks.append(ask)
        self.open_streams += 1
        try:
            if self.refusals:
                raise self.refusals.pop(0)
            for number, text in enumerate(self.pieces):
                await self._sleep(self.delays_s[min(number, len(self.delays_s) - 1)])
                yield self._piece(text, is_last=number == len(self.pieces) - 1)
            if self.error is not None:
                raise self.error
        finally:
            self.open_streams -= 1

    def _piece(self, text: str, *, is_last: bool) -> Piece:
        return Piece(text, self.ending, USAGE, "scripted") if is_last and self.error is None else Piece(text)


def an_ask(question: str = "Who are you?", system: str = "Be brief.") -> Ask:
    """Return a short ask."""
    return Ask(ModelChoice("yandexgpt-lite"), question, system)


async def pieces_of(backend: ModelBackend, ask: Ask | None = None) -> list[Piece]:
    """Consume a stream as everybody should and return its pieces."""
    async with aclosing(backend.stream(ask or an_ask())) as pieces:
        return [piece async for piece in pieces]


async def outcome_of(backend: ModelBackend, ask: Ask | None = None) -> tuple[list[str], BackendError | None]:
    """Consume a stream to its end and return the texts with the error that ended it, if one did."""
    texts = []
    try:
        async with aclosing(backend.stream(ask or an_ask())) as pieces:
            async for piece in pieces:
                texts.append(piece.text)  # noqa: PERF401 - what came before an error counts
    except BackendError as error:
        return texts, error
    return texts, None
