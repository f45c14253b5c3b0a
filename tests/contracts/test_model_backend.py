"""What every model that writes must keep, whatever it is: the vendor's service, a wrapper, or a fake."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from itertools import pairwise

import httpx
import pytest

from bot.backends.breaker import Breaker
from bot.backends.fallback import FallingBack
from bot.backends.gate import Gate
from bot.backends.http import new_client
from bot.backends.openai.askers import Operator
from bot.backends.openai.chat import OwnChat, YandexChat
from bot.backends.patience import Patience
from bot.backends.retries import Retrying
from bot.backends.router import ModelRouter
from bot.backends.seats import Seats
from bot.backends.yandex.auth import Account, ApiKey
from bot.backends.yandex.completion import YandexCompletion
from bot.errors import AccessDenied, ConnectionCut, Rejected
from bot.ports import ModelBackend
from bot.sandbox.models.faults import Cut, Hang, Refuse
from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from bot.types import Ask, ModelChoice, Piece
from tests.tools.models import ScriptedModel, an_ask, outcome_of, pieces_of
from tests.tools.reply_stage import AwayRedis


@dataclass(frozen=True)
class Subject:
    """A backend in the states that the contract speaks of, and a view of what it holds open."""

    healthy: Callable[[], ModelBackend]
    silent: Callable[[], ModelBackend]
    """Says something, then nothing more."""
    refusing: Callable[[], ModelBackend]
    breaking: Callable[[], ModelBackend]
    """Says something, then fails."""
    open_streams: Callable[[], int]

    async def open(self) -> None:
        """Wait until something is open."""
        for _ in range(500):
            if self.open_streams():
                break
            await asyncio.sleep(0.01)

    async def settle(self) -> int:
        """Return what is still open a moment later."""
        for _ in range(100):
            if not self.open_streams():
                break
            await asyncio.sleep(0.01)
        return self.open_streams()


@dataclass(frozen=True)
class Renamed:
    """The same backend, asked for another model than the contract names."""

    backend: ModelBackend
    model: str

    def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        return self.backend.stream(replace(ask, model=ModelChoice(self.model)))


FOREIGN = "gpt://stand-in-folder/qwen3-235b-a22b-fp8"
"""Of Yandex's models, those of others alone tell in this dialect what an answer has cost."""
CALM = Patience(pause_s=0)


async def _over_http(
    stack: AsyncExitStack, make: Callable[[httpx.AsyncClient, ModelsTwin, ModelsServer], ModelBackend]
) -> Subject:
    twin = ModelsTwin(first_token_s=0, token_s=0.005)
    server = await stack.enter_async_context(ModelsServer(twin))
    client = await stack.enter_async_context(new_client())
    backend = make(client, twin, server)

    def with_fault(fault: Hang | Refuse | Cut) -> Callable[[], ModelBackend]:
        def failing() -> ModelBackend:
            twin.fail_next(fault)
            return backend

        return failing

    return Subject(
        healthy=lambda: backend,
        silent=with_fault(Hang(after_pieces=2)),
        refusing=with_fault(Refuse(403, "denied")),
        breaking=with_fault(Cut(after_pieces=2)),
        open_streams=lambda: twin.open_requests,
    )


def _account(twin: ModelsTwin) -> Account:
    return Account(ApiKey(twin.api_key), twin.folder_id)


async def _yandex(stack: AsyncExitStack) -> Subject:
    def make(client: httpx.AsyncClient, twin: ModelsTwin, server: ModelsServer) -> ModelBackend:
        return YandexCompletion(client, _account(twin), api_url=server.url, patience=CALM)

    return await _over_http(stack, make)


async def _yandex_chat(stack: AsyncExitStack) -> Subject:
    def make(client: httpx.AsyncClient, twin: ModelsTwin, server: ModelsServer) -> ModelBackend:
        chat = YandexChat(client, _account(twin), openai_url=server.openai_url, patience=CALM)
        return Renamed(chat, FOREIGN)

    return await _over_http(stack, make)


async def _own_chat(stack: AsyncExitStack) -> Subject:
    def make(client: httpx.AsyncClient, twin: ModelsTwin, server: ModelsServer) -> ModelBackend:
        chat = OwnChat(client, Operator(twin.api_key), url=server.openai_url, patience=CALM)
        return Renamed(chat, FOREIGN)

    return await _over_http(stack, make)


async def _scripted(_: AsyncExitStack, wrap: Callable[[ModelBackend], ModelBackend] = lambda it: it) -> Subject:
    made: list[ScriptedModel] = []

    def kept(model: ScriptedModel) -> ModelBackend:
        made.append(model)
        return wrap(model)

    return Subject(
        healthy=lambda: kept(ScriptedModel(["A", "A b", "A b c"])),
        silent=lambda: kept(ScriptedModel(["A", "A b", "A b c"], delays_s=[0, 0, 3600])),
        refusing=lambda: kept(ScriptedModel(refusals=[AccessDenied("denied")])),
        breaking=lambda: kept(ScriptedModel(["A", "A b"], error=ConnectionCut("cut"))),
        open_streams=lambda: sum(model.open_streams for model in made),
    )


async def _retrying(stack: AsyncExitStack) -> Subject:
    return await _scripted(stack, Retrying)


async def _breaking(stack: AsyncExitStack) -> Subject:
    return await _scripted(stack, Breaker)


async def _falling_back(stack: AsyncExitStack) -> Subject:
    return await _scripted(stack, FallingBack)


async def _gated(stack: AsyncExitStack) -> Subject:
    """Seats without a Redis; those with one have tests of their own."""
    seats = await stack.enter_async_context(Seats(AwayRedis(), 42, 10))
    return await _scripted(stack, lambda backend: Gate(backend, seats))


async def _wrapped(stack: AsyncExitStack) -> Subject:
    """All of them, as they are in production."""
    seats = await stack.enter_async_context(Seats(AwayRedis(), 42, 1))
    return await _scripted(stack, lambda backend: Gate(FallingBack(Retrying(Breaker(backend))), seats))


async def _routed(stack: AsyncExitStack) -> Subject:
    return await _scripted(stack, lambda model: ModelRouter(model, model, model))


@pytest.fixture(
    params=[
        _yandex,
        _yandex_chat,
        _own_chat,
        _scripted,
        _retrying,
        _routed,
        _breaking,
        _falling_back,
        _gated,
        _wrapped,
    ],
    ids=[
        "yandex",
        "yandex chat",
        "own chat",
        "scripted",
        "retrying",
        "routed",
        "breaking",
        "falling back",
        "gated",
        "wrapped",
    ],
)
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    async with AsyncExitStack() as stack:
        yield await request.param(stack)


async def test_pieces_hold_the_whole_text_so_far(subject: Subject) -> None:
    texts = [piece.text for piece in await pieces_of(subject.healthy())]

    assert len(texts) > 2
    assert all(later.startswith(sooner) for sooner, later in pairwise(texts))


async def test_the_last_piece_alone_carries_the_ending_and_has_the_usage(subject: Subject) -> None:
    *before, last = await pieces_of(subject.healthy())

    assert last.ending is not None
    assert last.usage is not None
    assert last.usage.total_tokens > 0
    assert all(piece.ending is None for piece in before)
    assert all(piece.usage is None or piece.usage.total_tokens <= last.usage.total_tokens for piece in before)


async def test_closing_in_the_middle_frees_the_connection_within_a_moment(subject: Subject) -> None:
    async with aclosing(subject.silent().stream(an_ask())) as pieces:
        await anext(pieces)
        assert subject.open_streams() == 1

    assert await subject.settle() == 0


async def test_cancelling_the_consumer_frees_the_connection_within_a_moment(subject: Subject) -> None:
    consumer = asyncio.create_task(pieces_of(subject.silent()))
    await subject.open()

    consumer.cancel()

    with pytest.raises(asyncio.CancelledError):
        await consumer
    assert await subject.settle() == 0


async def test_nothing_stays_open_after_a_whole_answer(subject: Subject) -> None:
    await pieces_of(subject.healthy())

    assert await subject.settle() == 0


async def test_a_refusal_is_an_error_of_ours_before_any_piece(subject: Subject) -> None:
    with pytest.raises(Rejected) as caught:
        await pieces_of(subject.refusing())

    assert isinstance(caught.value, AccessDenied)
    assert await subject.settle() == 0


async def test_what_was_said_before_an_error_was_yielded(subject: Subject) -> None:
    texts, error = await outcome_of(subject.breaking())

    assert isinstance(error, ConnectionCut)
    assert 1 <= len(texts) <= 2  # the first chunk of some tells a role and no text
    assert await subject.settle() == 0


async def test_answers_at_the_same_time_do_not_mix(subject: Subject) -> None:
    backend = subject.healthy()

    answers = await asyncio.gather(*(pieces_of(backend) for _ in range(5)))

    assert len({answer[-1].text for answer in answers}) == 1
    assert await subject.settle() == 0


async def test_a_stream_that_nobody_reads_opens_nothing(subject: Subject) -> None:
    stream = subject.healthy().stream(an_ask())

    await stream.aclose()

    assert subject.open_streams() == 0
