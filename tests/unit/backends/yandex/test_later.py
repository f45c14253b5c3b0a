import asyncio
import json
from typing import Any

import httpx
import pytest

from bot.backends.yandex import wire
from bot.backends.yandex.auth import Account, ApiKey
from bot.backends.yandex.later import YandexLater
from bot.backends.yandex.operations import Operations
from bot.backends.yandex.rest import YandexRest
from bot.errors import (
    BackendError,
    BackendTimeout,
    ConnectionCut,
    ContentFiltered,
    OperationLost,
    Overloaded,
    QuotaExceeded,
    Rejected,
    Unreachable,
)
from bot.types import Ending, Piece, Usage
from tests.tools import protos
from tests.tools.models import an_ask
from tests.tools.responses import ScriptedResponses

ACCOUNT = Account(ApiKey("stand-in-key"), "stand-in-folder")
USAGE = {"inputTextTokens": "31", "completionTokens": "10", "totalTokens": "41"}


def operation(**fields: Any) -> dict[str, Any]:
    return {"id": "d7q1", "description": "Async GPT Completion", "metadata": None, **fields}


def done(text: str = "Hi", status: str = wire.FINAL) -> dict[str, Any]:
    response = {
        "@type": "type.googleapis.com/yandex.cloud.ai.foundation_models.v1.CompletionResponse",
        "alternatives": [{"message": {"role": "assistant", "text": text}, "status": status}],
        "usage": USAGE,
        "modelVersion": "18.01.2024",
    }
    return operation(done=True, response=response)


class Service:
    """A model before a service that always says the same."""

    def __init__(self, said: Any = None, *, status: int = 200, error: Exception | None = None) -> None:
        self.wire = ScriptedResponses([json.dumps(said).encode()], status=status, error=error)
        rest = YandexRest(httpx.AsyncClient(transport=self.wire), ACCOUNT, timeout_s=0.5)
        operations = Operations(rest, "http://operations.test/")
        self.model = YandexLater(rest, operations, api_url="http://yandex.test/")


async def test_an_order_is_the_same_request_without_the_stream() -> None:
    service = Service(operation(done=False))

    assert await service.model.order(an_ask()) == "d7q1"

    (request,) = service.wire.requests
    assert (request.method, str(request.url)) == (
        "POST",
        "http://yandex.test/foundationModels/v1/completionAsync",
    )
    parsed = protos.completion_request(request.content)
    assert parsed.completion_options.stream is False
    assert [line.text for line in parsed.messages] == ["Be brief.", "Who are you?"]


async def test_the_outcome_is_looked_at_under_the_address_of_operations() -> None:
    service = Service(operation(done=False))

    assert await service.model.outcome("d7q1") is None

    (request,) = service.wire.requests
    assert (request.method, str(request.url)) == ("GET", "http://operations.test/operations/d7q1")
    assert request.headers["Authorization"] == "Api-Key stand-in-key"


@pytest.mark.parametrize(
    ("status", "ending"),
    [(wire.FINAL, Ending.COMPLETE), (wire.TRUNCATED, Ending.TRUNCATED), ("", Ending.COMPLETE)],
)
async def test_a_finished_operation_is_a_whole_answer(status: str, ending: Ending) -> None:
    service = Service(done("Hi", status))

    assert await service.model.outcome("d7q1") == Piece("Hi", ending, Usage(31, 10), "18.01.2024")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (done("Look it up.", wire.FILTERED), ContentFiltered),
        (done("", wire.TOOLS), Rejected),
        (operation(done=True, error={"code": 13, "message": "broken"}), Overloaded),
        (operation(done=False, error={"code": 8, "message": "quota"}), QuotaExceeded),
        (operation(done=True), OperationLost),
        (operation(done=True, response={"alternatives": []}), OperationLost),
    ],
)
async def test_what_will_never_be_an_answer_is_final(said: dict[str, Any], kind: type[BackendError]) -> None:
    with pytest.raises(kind) as raised:
        await Service(said).model.outcome("d7q1")

    assert not raised.value.is_transient


async def test_an_operation_that_nobody_knows_is_lost() -> None:
    said = {"error": "operation d7q1 not found", "code": 5}

    with pytest.raises(OperationLost):
        await Service(said, status=404).model.outcome("d7q1")


@pytest.mark.parametrize(
    "service",
    [
        Service({"error": "quota", "code": 8}, status=429),
        Service({"error": "The apikey has expired", "code": 16}, status=401),
        Service("no object", status=200),
        Service(error=httpx.ConnectError("no")),
        Service(error=httpx.ReadError("cut")),
        Service(error=TimeoutError()),
    ],
)
async def test_a_look_that_fails_may_be_repeated_whatever_the_reason(service: Service) -> None:
    with pytest.raises(Overloaded) as raised:
        await service.model.outcome("d7q1")

    assert raised.value.is_transient


@pytest.mark.parametrize(
    ("service", "kind", "was_unheard"),
    [
        (Service({"error": "quota", "code": 8}, status=429), QuotaExceeded, True),
        (Service({"error": "away", "code": 14}, status=503), Overloaded, True),
        (Service({"error": "broken", "code": 13}, status=500), Overloaded, False),
        (Service({"error": "late", "code": 4}, status=504), Overloaded, False),
        (Service({"done": False}), ConnectionCut, False),
        (Service(error=httpx.ConnectError("no")), Unreachable, True),
        (Service(error=httpx.ReadError("cut")), ConnectionCut, False),
    ],
)
async def test_an_order_tells_whether_it_was_surely_not_heard(
    service: Service,
    kind: type[BackendError],
    was_unheard: bool,  # noqa: FBT001 - a column of the table
) -> None:
    with pytest.raises(kind) as raised:
        await service.model.order(an_ask())

    assert raised.value.was_unheard is was_unheard


async def test_an_order_without_an_answer_may_have_been_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: object) -> httpx.Response:
        await asyncio.sleep(30)
        raise AssertionError

    monkeypatch.setattr(ScriptedResponses, "handle_async_request", hang)

    with pytest.raises(BackendTimeout) as raised:
        await Service().model.order(an_ask())

    assert not raised.value.was_unheard


async def test_cancelling_is_a_get() -> None:
    service = Service(operation(done=False))

    await service.model.cancel("d7q1")

    (request,) = service.wire.requests
    assert (request.method, str(request.url)) == ("GET", "http://operations.test/operations/d7q1:cancel")
