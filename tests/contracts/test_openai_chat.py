"""The twin's OpenAI dialect, read by our adapter: what the official client accepts, we say and understand."""

import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from bot.backends.http import new_client
from bot.backends.openai.askers import Operator
from bot.backends.openai.chat import OwnChat, YandexChat
from bot.backends.patience import Patience
from bot.backends.yandex.auth import Account, ApiKey
from bot.errors import (
    AccessDenied,
    BackendError,
    BadCredentials,
    BlindModel,
    ConnectionCut,
    ContentFiltered,
    Overloaded,
    QuotaExceeded,
    UnknownModel,
)
from bot.sandbox.models.faults import Cut, Embellish, Fault, Filter, LateError, Reframe, Refuse, Shape, Truncate
from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from bot.types import Ask, Ending, ModelChoice, Picture
from tests.tools.models import outcome_of, pieces_of
from tests.tools.openai_types import UNSUPPORTED, chat_request

OWN, FOREIGN, SEEING, THINKING = "yandexgpt/latest", "qwen3-235b-a22b-fp8", "gemma-3-27b-it", "gpt-oss-20b"
PATIENCE = Patience(first_piece_s=5, piece_s=5, pause_s=0)


@pytest.fixture
def twin() -> ModelsTwin:
    return ModelsTwin(first_token_s=0, token_s=0)


@pytest.fixture
async def server(twin: ModelsTwin) -> AsyncIterator[ModelsServer]:
    async with ModelsServer(twin) as server:
        yield server


@pytest.fixture
async def backend(twin: ModelsTwin, server: ModelsServer) -> AsyncIterator[YandexChat]:
    account = Account(ApiKey(twin.api_key), twin.folder_id)
    async with new_client() as client:
        yield YandexChat(client, account, openai_url=server.openai_url, patience=PATIENCE)


def an_ask(model: str, question: str = "Who are you?", *pictures: Picture, reasoning: bool = False) -> Ask:
    album = {str(number): picture for number, picture in enumerate(pictures)}
    choice = ModelChoice(model, reasoning=reasoning)
    return Ask(choice, question, "Be brief.", photos=tuple(album), album=album)


def a_picture() -> Picture:
    written = io.BytesIO()
    Image.new("RGB", (12, 34)).save(written, "PNG")
    return Picture(written.getvalue(), "image/png")


@pytest.mark.parametrize(("model", "is_counted"), [(OWN, False), (FOREIGN, True), (THINKING, True)])
async def test_an_answer_of_every_kind_of_model_comes_whole(
    backend: YandexChat, model: str, *, is_counted: bool
) -> None:
    last = (await pieces_of(backend, an_ask(model)))[-1]

    assert "stand-in" in last.text
    assert last.ending is Ending.COMPLETE
    assert (last.usage is not None) is is_counted
    assert bool(last.thought) is (model == THINKING)


@pytest.mark.parametrize("model", [OWN, FOREIGN, SEEING])
async def test_what_we_say_the_official_client_could_have_said(
    backend: YandexChat, twin: ModelsTwin, model: str
) -> None:
    pictures = [a_picture()] if model == SEEING else []
    await pieces_of(backend, an_ask(model, "Who are you?", *pictures, reasoning=True))

    [request] = twin.requests
    assert not UNSUPPORTED & set(chat_request(request.raw))
    assert request.headers["OpenAI-Project"] == twin.folder_id


async def test_a_picture_is_seen(backend: YandexChat) -> None:
    last = (await pieces_of(backend, an_ask(SEEING, "What is it?", a_picture())))[-1]

    assert "12 × 34" in last.text


async def test_a_model_that_sees_nothing_says_so(backend: YandexChat) -> None:
    _, error = await outcome_of(backend, an_ask(OWN, "What is it?", a_picture()))

    assert isinstance(error, BlindModel)


async def test_a_model_that_is_not_there_says_so(backend: YandexChat) -> None:
    _, error = await outcome_of(backend, an_ask("pirate"))

    assert isinstance(error, UnknownModel)


@pytest.mark.parametrize("model", [OWN, FOREIGN])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Refuse(401, "Unknown api key"), BadCredentials),
        (Refuse(401, "Unknown api key", Shape.RPC), BadCredentials),
        (Refuse(403, "denied", Shape.BARE), AccessDenied),
        (Refuse(429, "quota", Shape.UNARY), QuotaExceeded),
        (Refuse(503, "away", Shape.PLAIN), Overloaded),
        (Filter(), ContentFiltered),
        (Filter(after_pieces=2), ContentFiltered),
        (LateError(status=503, message="away"), Overloaded),
        (Cut(), ConnectionCut),
        (Cut(is_clean=True), ConnectionCut),
    ],
    ids=repr,
)
async def test_trouble_is_an_error_of_ours(
    backend: YandexChat, twin: ModelsTwin, model: str, fault: Fault, kind: type[BackendError]
) -> None:
    twin.fail_next(fault)

    _, error = await outcome_of(backend, an_ask(model))

    assert type(error) is kind


@pytest.mark.parametrize("model", [OWN, FOREIGN])
@pytest.mark.parametrize(
    "fault",
    [
        Reframe(is_wrapped=False),
        Reframe(b"data:", b"\r\n\r\n", is_wrapped=False, is_done_told=True),
        Reframe(b"data: ", b"\n\n", is_wrapped=False, bytes_per_write=7),
        Reframe(b"data: ", b"\n\n", is_wrapped=False, lines_per_write=1000, is_done_told=True),
        Embellish(),
    ],
    ids=repr,
)
async def test_every_framing_tells_the_same(
    backend: YandexChat, twin: ModelsTwin, model: str, fault: Fault
) -> None:
    plain = (await pieces_of(backend, an_ask(model)))[-1]
    twin.fail_next(fault)

    framed = (await pieces_of(backend, an_ask(model)))[-1]

    assert (framed.text, framed.ending, framed.usage) == (plain.text, plain.ending, plain.usage)


@pytest.mark.parametrize("model", [OWN, FOREIGN])
async def test_an_answer_cut_by_the_limit_of_tokens_says_so(
    backend: YandexChat, twin: ModelsTwin, model: str
) -> None:
    twin.fail_next(Truncate(after_pieces=3))

    assert (await pieces_of(backend, an_ask(model)))[-1].ending is Ending.TRUNCATED


async def test_ones_own_server_is_asked_for_the_cost(twin: ModelsTwin, server: ModelsServer) -> None:
    async with new_client() as client:
        backend = OwnChat(client, Operator(twin.api_key), url=server.openai_url, patience=PATIENCE)

        last = (await pieces_of(backend, an_ask(f"gpt://{twin.folder_id}/{FOREIGN}")))[-1]

    [request] = twin.requests
    assert chat_request(request.raw)["stream_options"] == {"include_usage": True}
    assert "OpenAI-Project" not in request.headers
    assert last.usage is not None
