import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends.http import new_client
from bot.backends.patience import Patience
from bot.backends.yandex import wire
from bot.backends.yandex.auth import Account, ApiKey
from bot.backends.yandex.completion import YandexCompletion
from bot.errors import (
    BackendError,
    BackendTimeout,
    BadCredentials,
    ConnectionCut,
    ContentFiltered,
    Overloaded,
    QuotaExceeded,
    Rejected,
    Unreachable,
    WaitedFor,
)
from bot.sandbox.models.faults import (
    Cut,
    Embellish,
    Fault,
    Filter,
    Hang,
    LateError,
    Reframe,
    Refuse,
    Revise,
    Shape,
    Truncate,
)
from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from bot.types import Ending
from tests.tools import protos
from tests.tools.models import an_ask, outcome_of, pieces_of
from tests.tools.redis_server import free_port
from tests.tools.responses import ScriptedResponses

ACCOUNT = Account(ApiKey("stand-in-key"), "stand-in-folder")
PATIENCE = Patience(connect_s=5, first_piece_s=5, piece_s=5, answer_s=20, pause_s=0)


def line(text: str = "", status: str = "ALTERNATIVE_STATUS_PARTIAL") -> bytes:
    said = {"alternatives": [{"message": {"text": text}, "status": status}], "modelVersion": "1"}
    return json.dumps({"result": said}, ensure_ascii=False).encode() + b"\n"


def scripted(chunks: Iterable[bytes | Exception] = (), error: Exception | None = None) -> YandexCompletion:
    client = httpx.AsyncClient(transport=ScriptedResponses(chunks, error=error))
    return YandexCompletion(client, ACCOUNT, api_url="http://yandex.test", patience=PATIENCE)


@pytest.fixture
def twin() -> ModelsTwin:
    return ModelsTwin(first_token_s=0, token_s=0.005)


@pytest.fixture
async def url(twin: ModelsTwin) -> AsyncIterator[str]:
    async with ModelsServer(twin) as server:
        yield server.url


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with new_client() as client:
        yield client


@pytest.fixture
def backend(client: httpx.AsyncClient, url: str) -> YandexCompletion:
    return YandexCompletion(client, ACCOUNT, api_url=url, patience=PATIENCE)


@pytest.fixture
def hasty(client: httpx.AsyncClient, url: str) -> YandexCompletion:
    """A backend that soon loses its patience."""
    patience = Patience(first_piece_s=0.3, reasoning_s=0.3, piece_s=0.3, answer_s=5, pause_s=0)
    return YandexCompletion(client, ACCOUNT, api_url=url, patience=patience)


async def test_the_service_understands_the_request(backend: YandexCompletion, twin: ModelsTwin) -> None:
    await pieces_of(backend)

    [request] = twin.requests
    parsed = protos.completion_request(request.raw)
    assert parsed.model_uri == "gpt://stand-in-folder/yandexgpt-lite"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["x-data-logging-enabled"] == "false"


async def test_the_last_piece_tells_the_ending_the_usage_and_the_model(backend: YandexCompletion) -> None:
    last = (await pieces_of(backend))[-1]

    assert last.ending is Ending.COMPLETE
    assert last.usage is not None
    assert last.usage.completion_tokens > 10
    assert last.model_version == "stand-in"


async def test_an_answer_cut_by_the_limit_of_tokens_says_so(
    backend: YandexCompletion, twin: ModelsTwin
) -> None:
    twin.fail_next(Truncate(after_pieces=3))

    assert [piece.ending for piece in await pieces_of(backend)] == [None, None, Ending.TRUNCATED]


@pytest.mark.parametrize(
    "framing",
    [
        Reframe(prefix=b"data: "),
        Reframe(newline=b"\r\n"),
        Reframe(newline=b"\n\n", is_done_told=True),
        Reframe(prefix=b"data: ", newline=b"\r\n\r\n", is_done_told=True),
        Reframe(is_wrapped=False),
        Reframe(lines_per_write=7),
        Reframe(bytes_per_write=61),
        Reframe(lines_per_write=1000),
    ],
    ids=repr,
)
async def test_every_framing_tells_the_same(
    backend: YandexCompletion, twin: ModelsTwin, framing: Reframe
) -> None:
    plain = (await pieces_of(backend))[-1]
    twin.fail_next(framing)

    assert (await pieces_of(backend))[-1] == plain


async def test_fields_that_nobody_knows_change_nothing(backend: YandexCompletion, twin: ModelsTwin) -> None:
    plain = (await pieces_of(backend))[-1]
    twin.fail_next(Embellish())

    assert (await pieces_of(backend))[-1] == plain


async def test_a_revised_text_replaces_what_came_before(backend: YandexCompletion, twin: ModelsTwin) -> None:
    plain, _ = await outcome_of(backend)
    twin.fail_next(Revise())

    revised, _ = await outcome_of(backend)

    assert revised != plain
    assert revised[-1] == plain[-1]


@pytest.mark.parametrize("after_pieces", [0, 3])
async def test_the_canned_text_of_the_filter_is_never_told(
    backend: YandexCompletion, twin: ModelsTwin, after_pieces: int
) -> None:
    twin.fail_next(Filter(after_pieces))

    texts, error = await outcome_of(backend)

    assert isinstance(error, ContentFiltered)
    assert len(texts) == after_pieces
    assert not any("ya.ru" in text for text in texts)


@pytest.mark.parametrize("cut", [Cut(1), Cut(1, is_clean=True), Cut(0)], ids=repr)
async def test_a_stream_without_an_end_was_cut(backend: YandexCompletion, twin: ModelsTwin, cut: Cut) -> None:
    twin.fail_next(cut)

    texts, error = await outcome_of(backend)

    assert isinstance(error, ConnectionCut)
    assert len(texts) == cut.after_pieces


async def test_a_late_error_is_the_services_own(backend: YandexCompletion, twin: ModelsTwin) -> None:
    twin.fail_next(LateError(after_pieces=2, status=503, message="away"))

    texts, error = await outcome_of(backend)

    assert isinstance(error, Overloaded)
    assert "away" in str(error)
    assert len(texts) == 2


async def test_what_came_together_with_an_error_is_still_told() -> None:
    backend = scripted([line("A") + line("A b") + b'{"error": {"httpCode": 429, "message": "quota"}}\n'])

    texts, error = await outcome_of(backend)

    assert texts == ["A b"]
    assert isinstance(error, QuotaExceeded)


async def test_a_refused_request_is_our_error_with_the_services_advice(
    backend: YandexCompletion, twin: ModelsTwin
) -> None:
    twin.fail_next(Refuse(429, "quota limit exceed", Shape.UNARY, retry_after_s=3))

    _, error = await outcome_of(backend)

    assert isinstance(error, QuotaExceeded)
    assert error.retry_after_s == 3
    assert twin.requests[0].headers["x-client-request-id"] in str(error)


async def test_no_error_shows_the_key(client: httpx.AsyncClient, url: str, twin: ModelsTwin) -> None:
    account = replace(ACCOUNT, credentials=ApiKey("AQVN-my-secret-98iI"))
    backend = YandexCompletion(client, account, api_url=url)

    _, unknown = await outcome_of(backend)
    twin.fail_next(Refuse(403, "AQVN-my-secret-98iI may not do that"))
    _, denied = await outcome_of(backend)

    assert isinstance(unknown, BadCredentials)
    for told in (str(unknown), str(denied)):
        assert "AQVN" not in told
        assert "98iI" not in told


@pytest.mark.parametrize("is_dribbling", [False, True])
@pytest.mark.parametrize(("pieces", "waited_for"), [(0, WaitedFor.FIRST_PIECE), (2, WaitedFor.NEXT_PIECE)])
async def test_silence_is_measured_on_pieces_not_on_bytes(
    hasty: YandexCompletion, twin: ModelsTwin, pieces: int, waited_for: WaitedFor, *, is_dribbling: bool
) -> None:
    twin.fail_next(Hang(pieces, is_dribbling))

    texts, error = await outcome_of(hasty)

    assert isinstance(error, BackendTimeout)
    assert error.waited_for is waited_for
    assert len(texts) == pieces


async def test_an_answer_that_never_ends_is_ended(
    client: httpx.AsyncClient, url: str, twin: ModelsTwin
) -> None:
    twin.token_s = 0.02
    backend = YandexCompletion(client, ACCOUNT, api_url=url, patience=replace(PATIENCE, answer_s=0.3))

    texts, error = await outcome_of(backend, an_ask("long answer"))

    assert isinstance(error, BackendTimeout)
    assert error.waited_for is WaitedFor.WHOLE_ANSWER
    assert texts


async def test_an_address_where_nobody_listens_is_unreachable(client: httpx.AsyncClient) -> None:
    backend = YandexCompletion(client, ACCOUNT, api_url=f"http://127.0.0.1:{free_port()}")

    _, error = await outcome_of(backend)

    assert isinstance(error, Unreachable)


@pytest.mark.parametrize(
    ("backend", "kind"),
    [
        (scripted(error=httpx.RemoteProtocolError("Server disconnected")), Unreachable),
        (scripted([httpx.ReadError("reset")]), ConnectionCut),
        (scripted([line("A"), httpx.ReadError("reset")]), ConnectionCut),
        (scripted([b"<html>a proxy's page</html>"]), ConnectionCut),
        (scripted([line("A", wire.TOOLS)]), Rejected),
        (scripted([line("Look at ya.ru", wire.FILTERED)]), ContentFiltered),
    ],
)
async def test_what_breaks_is_an_error_of_ours(backend: YandexCompletion, kind: type[BackendError]) -> None:
    _, error = await outcome_of(backend)

    assert type(error) is kind


async def test_the_same_text_again_is_no_piece() -> None:
    backend = scripted([line(""), line("A"), line("A"), line("A b"), line("A b", wire.FINAL)])

    assert await outcome_of(backend) == (["A", "A b", "A b"], None)


async def test_an_end_without_text_keeps_the_text_that_came() -> None:
    backend = scripted([line("A b"), line("", wire.FINAL)])

    assert await outcome_of(backend) == (["A b", "A b"], None)


async def test_an_answer_may_be_empty() -> None:
    [piece] = await pieces_of(scripted([line("", wire.TRUNCATED)]))

    assert (piece.text, piece.ending, piece.usage) == ("", Ending.TRUNCATED, None)


async def test_a_last_line_needs_no_newline() -> None:
    assert await outcome_of(scripted([line("A", wire.FINAL).rstrip()])) == (["A"], None)


async def test_only_the_newest_of_the_lines_that_came_together_is_told() -> None:
    lump = b"".join([line("A"), line("A b"), line("A b c"), b"\n", b"data: [DONE]\n"])

    assert (await outcome_of(scripted([lump])))[0] == ["A b c"]


@given(st.data())
async def test_however_the_bytes_are_cut_the_answer_is_whole(data: st.DataObject) -> None:
    body = b"".join(
        [line("При"), line("Привет,\u2028"), line("Привет,\u2028мир 🌍"), line("Привет!", wire.FINAL)]
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=20)))
    chunks = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]

    texts, error = await outcome_of(scripted(chunks))

    assert error is None
    assert texts[-1] == "Привет!"
    assert set(texts) <= {"При", "Привет,\u2028", "Привет,\u2028мир 🌍", "Привет!"}


async def test_a_connection_serves_one_answer_after_another(
    backend: YandexCompletion, client: httpx.AsyncClient
) -> None:
    for _ in range(3):
        await pieces_of(backend)

    transport: Any = client._transport
    [kept] = transport._session.connector._conns.values()
    assert len(kept) == 1


async def test_the_end_of_a_body_is_not_waited_for_long(client: httpx.AsyncClient) -> None:
    async def never_closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        last = line("A", wire.FINAL)
        writer.write(f"{len(last):x}\r\n".encode() + last + b"\r\n")
        await reader.read()
        writer.close()

    port = free_port()
    async with await asyncio.start_server(never_closing, "127.0.0.1", port):
        backend = YandexCompletion(client, ACCOUNT, api_url=f"http://127.0.0.1:{port}")
        async with asyncio.timeout(10):
            assert await outcome_of(backend) == (["A"], None)


async def test_closing_early_is_seen_by_the_service(backend: YandexCompletion, twin: ModelsTwin) -> None:
    twin.token_s = 0.01

    async with aclosing(backend.stream(an_ask("long answer"))) as pieces:
        await anext(pieces)
    for _ in range(100):
        if not twin.open_requests:
            break
        await asyncio.sleep(0.01)

    assert twin.requests[0].is_closed_early
    assert twin.open_requests == 0


async def test_what_an_answer_has_cost_is_known_whenever_it_is_stopped(
    backend: YandexCompletion,
) -> None:
    costs = [piece.usage.total_tokens for piece in await pieces_of(backend) if piece.usage]

    assert len(costs) > 2
    assert costs == sorted(costs)


def test_no_fault_of_the_twin_goes_untried() -> None:
    tried = {Cut, Embellish, Filter, Hang, LateError, Refuse, Reframe, Revise, Truncate}

    assert set(Fault.__args__) == tried


async def test_pieces_that_gather_during_a_pause_are_told_as_one(client: httpx.AsyncClient, url: str) -> None:
    hurried = YandexCompletion(client, ACCOUNT, api_url=url, patience=PATIENCE)
    calm = YandexCompletion(client, ACCOUNT, api_url=url, patience=replace(PATIENCE, pause_s=0.1))

    all_texts, _ = await outcome_of(hurried)
    texts, error = await outcome_of(calm)

    assert error is None
    assert texts[-1] == all_texts[-1]
    assert 1 < len(texts) < len(all_texts) / 4


async def test_the_first_piece_is_not_held_up_by_the_pause(client: httpx.AsyncClient, url: str) -> None:
    calm = YandexCompletion(client, ACCOUNT, api_url=url, patience=replace(PATIENCE, pause_s=30))

    async with asyncio.timeout(10), aclosing(calm.stream(an_ask())) as pieces:
        assert (await anext(pieces)).text


async def test_an_answer_that_has_ended_is_not_paused_over() -> None:
    client = httpx.AsyncClient(transport=ScriptedResponses([line("A", wire.FINAL)]))
    calm = YandexCompletion(client, ACCOUNT, api_url="http://x", patience=replace(PATIENCE, pause_s=30))

    async with asyncio.timeout(10):
        assert await outcome_of(calm) == (["A"], None)


async def test_a_consumer_can_be_cancelled_during_a_pause(
    client: httpx.AsyncClient, url: str, twin: ModelsTwin
) -> None:
    calm = YandexCompletion(client, ACCOUNT, api_url=url, patience=replace(PATIENCE, pause_s=30))
    consumer = asyncio.create_task(pieces_of(calm, an_ask("long answer")))
    await asyncio.sleep(0.2)

    consumer.cancel()

    with pytest.raises(asyncio.CancelledError):
        await consumer
    async with asyncio.timeout(10):
        while twin.open_requests:  # noqa: ASYNC110 - the twin is watched from outside
            await asyncio.sleep(0.01)


async def test_a_pause_is_not_held_against_the_model(client: httpx.AsyncClient, url: str) -> None:
    patience = replace(PATIENCE, piece_s=0.1, pause_s=0.3)
    calm = YandexCompletion(client, ACCOUNT, api_url=url, patience=patience)

    assert (await outcome_of(calm))[1] is None
