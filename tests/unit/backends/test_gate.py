import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from bot.backends.gate import Gate
from bot.backends.seats import Seats, Tempo
from bot.errors import BackendTimeout, Overloaded, WaitedFor
from bot.types import Ask, Dialect, ModelChoice, ModelSpec, Piece, Server
from tests.tools.hall import until
from tests.tools.models import ScriptedModel, an_ask, outcome_of, pieces_of
from tests.tools.reply_stage import AwayRedis

EAGER = Tempo(ask_every_s=0.01, look_every_s=0.01, quiet_s=0.02)
OWN = ModelChoice("llama", spec=ModelSpec("llama", "llama", Dialect.OPENAI, Server.OWN))
YANDEX = ModelChoice("yandexgpt-lite")


@pytest.fixture
async def seats() -> AsyncIterator[Seats]:
    """One seat; Redis does not matter here."""
    async with Seats(AwayRedis(), 42, 1, limit_s=5, tempo=EAGER) as one:
        yield one


def an_ask_of(model: ModelChoice) -> Ask:
    return replace(an_ask(), model=model)


async def test_a_question_that_finds_a_seat_notices_nothing(seats: Seats) -> None:
    pieces = await pieces_of(Gate(ScriptedModel(["A", "A b"]), seats))

    assert [(piece.text, piece.waiting) for piece in pieces] == [("A", 0), ("A b", 0)]


async def test_no_more_answers_are_written_at_a_time_than_there_are_seats(seats: Seats) -> None:
    model = ScriptedModel(delays_s=[0.02])
    gate, most = Gate(model, seats), 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, model.open_streams)
            await asyncio.sleep(0.001)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(pieces_of(gate) for _ in range(5)))
    watching.cancel()

    assert (most, len(model.asks)) == (1, 5)


async def test_who_waits_is_told_the_place_and_then_that_the_turn_has_come(seats: Seats) -> None:
    gate = Gate(ScriptedModel(["A", "A b"], delays_s=[0.1]), seats)

    _, second = await asyncio.gather(pieces_of(gate), pieces_of(gate))

    assert [(piece.text, piece.waiting) for piece in second] == [("", 1), ("", 0), ("A", 0), ("A b", 0)]


async def test_a_seat_is_given_back_whatever_becomes_of_the_answer(seats: Seats) -> None:
    await outcome_of(Gate(ScriptedModel(refusals=[Overloaded("busy")]), seats))
    await outcome_of(Gate(ScriptedModel(error=Overloaded("busy")), seats))
    async with aclosing(Gate(ScriptedModel(), seats).stream(an_ask())) as pieces:
        await anext(pieces)

    assert seats.taken == 0


async def test_a_seat_is_given_back_only_when_the_stream_is_closed(seats: Seats) -> None:
    model, gone = ScriptedModel(delays_s=[0, 3600]), asyncio.Event()

    class Slow(ScriptedModel):
        async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
            try:
                async with aclosing(model.stream(ask)) as pieces:
                    async for piece in pieces:
                        yield piece
            finally:
                await gone.wait()

    async def closed() -> None:
        async with aclosing(Gate(Slow(), seats).stream(an_ask())) as pieces:
            await anext(pieces)

    closing = asyncio.create_task(closed())
    await until(lambda: model.asks and not model.open_streams)
    assert seats.taken == 1

    gone.set()
    await closing
    assert seats.taken == 0


@pytest.mark.parametrize("by_closing", [True, False])
async def test_who_goes_away_while_waiting_leaves_the_line_at_once(seats: Seats, *, by_closing: bool) -> None:
    model = ScriptedModel(delays_s=[0, 3600])
    gate = Gate(model, seats)
    first = asyncio.create_task(pieces_of(gate))
    await until(lambda: model.open_streams)

    if by_closing:
        async with aclosing(gate.stream(an_ask())) as pieces:
            await anext(pieces)
    else:
        second = asyncio.create_task(pieces_of(gate))
        await until(lambda: seats.waiting)
        second.cancel()
        await asyncio.wait([second])

    assert (seats.waiting, len(model.asks)) == (0, 1)
    first.cancel()
    await asyncio.wait([first])
    await pieces_of(Gate(ScriptedModel(), seats))


async def test_a_turn_that_never_comes_is_a_timeout_of_the_line() -> None:
    model = ScriptedModel(delays_s=[3600])
    async with Seats(AwayRedis(), 42, 1, limit_s=0.1, tempo=EAGER) as seats:
        first = asyncio.create_task(pieces_of(Gate(model, seats)))
        await until(lambda: model.open_streams)

        _, error = await outcome_of(Gate(model, seats))

        assert isinstance(error, BackendTimeout)
        assert (error.waited_for, error.limit_s) == (WaitedFor.SEAT, 0.1)
        assert (seats.taken, seats.waiting, len(model.asks)) == (1, 0, 1)
        first.cancel()
        await asyncio.wait([first])


@pytest.mark.parametrize(
    ("model", "needs_seat"),
    [
        (YANDEX, True),
        (OWN, False),
        (replace(OWN, fallbacks=(YANDEX,)), True),
        (replace(YANDEX, fallbacks=(OWN,)), True),
    ],
)
async def test_who_may_be_answered_by_yandex_needs_a_seat(
    seats: Seats, model: ModelChoice, *, needs_seat: bool
) -> None:
    async with aclosing(Gate(ScriptedModel(), seats).stream(an_ask_of(model))) as pieces:
        await anext(pieces)

        assert seats.taken == needs_seat
