import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends.openai.askers import Operator
from bot.backends.openai.chat import OwnChat, YandexChat
from bot.backends.patience import Patience
from bot.backends.yandex.auth import Account, ApiKey
from bot.errors import (
    AccessDenied,
    BackendError,
    BackendTimeout,
    BadCredentials,
    BlindModel,
    ConnectionCut,
    ContextTooLong,
    QuotaExceeded,
    Unreachable,
    WaitedFor,
)
from bot.ports import ModelBackend
from bot.types import Ask, Dialect, Ending, ModelChoice, ModelSpec, Server, Usage
from tests.tools.chunks import DONE, answer, delta, event, thought, usage
from tests.tools.models import outcome_of, pieces_of
from tests.tools.responses import Pause, ScriptedResponses

ACCOUNT = Account(ApiKey("AQVN-secret-98iI"), "b1gfolder")
PATIENCE = Patience(connect_s=5, first_piece_s=5, piece_s=5, answer_s=20, pause_s=0)
LLAMA = ModelChoice("llama3.2", spec=ModelSpec("llama", "llama3.2", Dialect.OPENAI, Server.OWN))
OF_THE_ACCOUNT = ("b1gfolder", "aqvn", "openai-project", "x-folder", "x-data-logging")
UNKNOWN_KEY = b"rpc error: code = Unauthenticated desc = Unknown api key 'AQVN****98iI (CE9D1A49)'"
TEXTS = ["При", "вет", ",\u2028", "мир 🌍"]


def yandex(responses: ScriptedResponses, patience: Patience = PATIENCE) -> YandexChat:
    client = httpx.AsyncClient(transport=responses)
    return YandexChat(client, ACCOUNT, openai_url="http://yandex.test/v1/", patience=patience)


def own(responses: ScriptedResponses, key: str = "") -> OwnChat:
    client = httpx.AsyncClient(transport=responses)
    return OwnChat(client, Operator(key), url="http://own.test/v1", patience=PATIENCE)


def scripted(*chunks: bytes | Exception | Pause) -> ModelBackend:
    return yandex(ScriptedResponses(chunks))


async def sent_by(backend: ModelBackend, responses: ScriptedResponses, ask: Ask) -> httpx.Request:
    await pieces_of(backend, ask)
    [request] = responses.requests
    return request


async def test_yandex_is_asked_with_the_account_its_project_and_a_full_uri() -> None:
    responses = ScriptedResponses(answer(TEXTS))

    request = await sent_by(yandex(responses), responses, Ask(ModelChoice("gpt-oss-20b"), "Hi"))

    assert str(request.url) == "http://yandex.test/v1/chat/completions"
    assert request.headers["Authorization"] == "Api-Key AQVN-secret-98iI"
    assert request.headers["OpenAI-Project"] == request.headers["x-folder-id"] == "b1gfolder"
    assert request.headers["Content-Type"] == "application/json"
    body = json.loads(request.content)
    assert body["model"] == "gpt://b1gfolder/gpt-oss-20b"
    assert "stream_options" not in body


@pytest.mark.parametrize(("key", "authorization"), [("", None), ("sk-mine", "Bearer sk-mine")])
async def test_ones_own_server_is_told_nothing_of_the_account(key: str, authorization: str | None) -> None:
    responses = ScriptedResponses(answer(TEXTS))

    request = await sent_by(own(responses, key), responses, Ask(LLAMA, "Hi"))

    assert str(request.url) == "http://own.test/v1/chat/completions"
    assert request.headers.get("Authorization") == authorization
    body = json.loads(request.content)
    assert body["model"] == "llama3.2"
    assert body["stream_options"] == {"include_usage": True}
    told = f"{request.headers} {request.content!r}".lower()
    assert not any(
        word in told for word in ("b1gfolder", "aqvn", "openai-project", "x-folder", "x-data-logging")
    )


async def test_an_answer_grows_and_ends_with_what_it_cost() -> None:
    pieces = await pieces_of(scripted(*answer(TEXTS)))

    assert [piece.text for piece in pieces[:-1]] == ["При", "Привет", "Привет,\u2028", "Привет,\u2028мир 🌍"]
    assert pieces[-1].text == "".join(TEXTS)
    assert (pieces[-1].ending, pieces[-1].usage) == (Ending.COMPLETE, Usage(7, 4))


@given(st.data())
async def test_however_the_bytes_are_cut_the_answer_is_whole(data: st.DataObject) -> None:
    body = b"".join([b": ping\r\n\r\n", thought("Hm"), *answer(TEXTS)])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=20)))
    chunks = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]

    pieces = await pieces_of(scripted(*chunks))

    assert (pieces[-1].text, pieces[-1].thought, pieces[-1].usage) == ("".join(TEXTS), "Hm", Usage(7, 4))
    assert all("".join(TEXTS).startswith(piece.text) for piece in pieces)


async def test_a_whole_answer_to_a_request_for_a_stream_is_taken() -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": "7"}, "finish_reason": "stop"}
    body = json.dumps({"choices": [choice], "usage": usage(20, 2)}).encode() + b"\n"

    [piece] = await pieces_of(scripted(body))

    assert (piece.text, piece.ending, piece.usage) == ("7", Ending.COMPLETE, Usage(20, 2))


@pytest.mark.parametrize(
    "last", [(), (DONE,), (httpx.ReadError("reset"),), (Pause(30),), (b": bye\n\n", Pause(30))], ids=repr
)
async def test_an_answer_whose_cost_is_never_told_ends_all_the_same(last: tuple[Any, ...]) -> None:
    async with asyncio.timeout(20):
        pieces = await pieces_of(scripted(delta("The end."), delta(finish="stop"), *last))

    assert (pieces[-1].text, pieces[-1].ending, pieces[-1].usage) == ("The end.", Ending.COMPLETE, None)


async def test_the_cost_may_come_a_moment_after_the_end() -> None:
    late = event(choices=[], usage=usage(1, 2))

    pieces = await pieces_of(scripted(delta("A", "stop"), Pause(0.1), late, DONE))

    assert pieces[-1].usage == Usage(1, 2)


@pytest.mark.parametrize(
    ("chunks", "kind"),
    [
        ([httpx.ReadError("reset")], ConnectionCut),
        ([delta("A"), httpx.ReadError("reset")], ConnectionCut),
        ([delta("A")], ConnectionCut),
        ([b"<html>a proxy's page</html>"], ConnectionCut),
        ([event(error={"error": "number of input tokens must be no more than 5"})], ContextTooLong),
        ([delta("A"), event(error={"message": "quota", "code": 429})], QuotaExceeded),
        (
            [UNKNOWN_KEY],
            BadCredentials,
        ),
    ],
)
async def test_what_breaks_is_an_error_of_ours(
    chunks: list[bytes | Exception], kind: type[BackendError]
) -> None:
    texts, error = await outcome_of(scripted(*chunks))

    assert type(error) is kind
    assert texts == (["A"] if delta("A") in chunks else [])
    assert "98iI" not in str(error)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, UNKNOWN_KEY, BadCredentials),
        (403, b'{"error": "Access to model denied"}', AccessDenied),
        (400, b'{"error": {"message": "yandexgpt is not a multimodal model"}}', BlindModel),
        (429, b'{"error": {"message": "slowly", "code": "rate_limit_exceeded"}}', QuotaExceeded),
        (404, b"404 page not found", BackendError),
    ],
)  # fmt: skip
async def test_a_refused_request_is_an_error_of_ours(
    status: int, body: bytes, kind: type[BackendError]
) -> None:
    responses = ScriptedResponses([body], status=status, headers={"Retry-After": "3"})

    _, error = await outcome_of(yandex(responses))

    assert isinstance(error, kind)
    assert responses.requests[0].headers["x-client-request-id"] in str(error)
    assert "98iI" not in str(error)


async def test_no_connection_is_no_answer() -> None:
    _, error = await outcome_of(own(ScriptedResponses(error=httpx.ConnectError("refused"))))

    assert isinstance(error, Unreachable)


@pytest.mark.parametrize(
    ("chunks", "waited_for"),
    [
        ((Pause(30),), WaitedFor.FIRST_PIECE),
        ((event(choices=[{"delta": {"role": "assistant"}}]), b": ping\n\n", Pause(30)), WaitedFor.FIRST_PIECE),
        ((delta("A"), b": ping\n\n", Pause(30)), WaitedFor.NEXT_PIECE),
    ],
)
async def test_silence_is_measured_on_pieces_not_on_bytes(
    chunks: tuple[bytes | Pause, ...], waited_for: WaitedFor
) -> None:
    hasty = replace(PATIENCE, first_piece_s=0.2, piece_s=0.2)

    _, error = await outcome_of(yandex(ScriptedResponses(chunks), hasty))

    assert isinstance(error, BackendTimeout)
    assert error.waited_for is waited_for


async def test_thoughts_are_a_sign_of_life() -> None:
    thoughts = [chunk for word in ("Let", "me", "see") for chunk in (thought(word), Pause(0.15))]
    responses = ScriptedResponses([*thoughts, *answer(["A"])])

    hasty = yandex(responses, replace(PATIENCE, first_piece_s=0.3, piece_s=0.3))
    texts, error = await outcome_of(hasty)

    assert (texts[-1], error) == ("A", None)


async def test_thoughts_in_the_text_of_ones_own_model_are_found() -> None:
    responses = ScriptedResponses(answer(["<think>Let me", " see.</think>", "\n\nYes."]))

    piece = (await pieces_of(own(responses), Ask(LLAMA, "Hi")))[-1]

    assert (piece.text, piece.thought) == ("Yes.", "Let me see.")
