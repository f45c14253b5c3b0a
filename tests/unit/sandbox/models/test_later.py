from typing import Any

import httpx
import pytest

from bot.sandbox.models.faults import Cut, Fail, Filter, Hang, LateError, Lose, Refuse, Shape, Take
from bot.sandbox.models.operations import Kind
from bot.sandbox.models.rules import Rules
from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from tests.tools import protos
from tests.tools.clock import FakeClock

ORDER = "/foundationModels/v1/completionAsync"
URI = "gpt://stand-in-folder/yandexgpt/latest"
KEY = {"Authorization": "Api-Key stand-in-key"}


def body(question: str = "Who are you?", **changes: Any) -> dict[str, Any]:
    return {"modelUri": URI, "messages": [{"role": "user", "text": question}]} | changes


async def ordered(client: httpx.AsyncClient, question: str = "Who are you?") -> str:
    response = await client.post(ORDER, json=body(question))
    assert response.status_code == 200
    return str(response.json()["id"])


async def looked(client: httpx.AsyncClient, operation_id: str) -> Any:
    return protos.operation((await client.get(f"/operations/{operation_id}")).content)


async def test_an_order_is_answered_with_an_operation_that_is_not_done(client: httpx.AsyncClient) -> None:
    response = await client.post(ORDER, json=body())

    operation = protos.operation(response.content)
    assert operation.id.startswith("d7q")
    assert operation.created_at.seconds == 1_800_000_000
    assert response.json() | {"id": ""} == {
        "id": "",
        "description": "Async GPT Completion",
        "createdAt": "2027-01-15T08:00:00Z",
        "createdBy": "stand-in-account",
        "modifiedAt": "2027-01-15T08:00:00Z",
        "done": False,
        "metadata": None,
    }


async def test_the_answer_comes_in_its_time(client: httpx.AsyncClient, clock: FakeClock) -> None:
    operation_id = await ordered(client)
    clock.advance(59)
    before = await looked(client, operation_id)
    clock.advance(1)
    after = await looked(client, operation_id)

    assert (before.done, before.HasField("response")) == (False, False)
    assert after.done
    answer = protos.text_of(after)
    assert "stand-in" in answer.alternatives[0].message.text
    assert answer.alternatives[0].status == 3
    assert answer.usage.input_text_tokens > 0


async def test_a_finished_operation_says_nothing_of_metadata(
    client: httpx.AsyncClient, clock: FakeClock
) -> None:
    operation_id = await ordered(client)
    clock.advance(60)

    assert "metadata" not in (await client.get(f"/operations/{operation_id}")).json()


async def test_operations_outlive_the_server(
    client: httpx.AsyncClient, twin: ModelsTwin, clock: FakeClock
) -> None:
    operation_id = await ordered(client)
    clock.advance(60)

    async with ModelsServer(twin) as another, httpx.AsyncClient(base_url=another.url, headers=KEY) as later:
        assert (await looked(later, operation_id)).done


async def test_every_creation_and_every_look_is_counted(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    operation_id = await ordered(client)
    await looked(client, operation_id)
    await looked(client, operation_id)

    [operation] = twin.operations
    assert (operation.id, operation.looks, operation.body) == (operation_id, 2, body())
    assert twin.operations.of(Kind.IMAGE) == []
    assert [request.method for request in twin.requests_of("operations")] == ["operations"] * 2
    assert twin.requests[0].path == ORDER


@pytest.mark.parametrize("fault", [Cut(0), Hang(0), LateError(0), Refuse(503)])
async def test_what_strikes_before_the_order_leaves_none(
    client: httpx.AsyncClient, twin: ModelsTwin, fault: Any
) -> None:
    twin.fail_next(fault, method="completionAsync")

    await _failed(client)

    assert len(twin.operations) == 0


@pytest.mark.parametrize("fault", [Cut(), Hang(1), LateError()])
async def test_what_strikes_after_the_order_leaves_one_that_nobody_heard_of(
    client: httpx.AsyncClient, twin: ModelsTwin, fault: Any
) -> None:
    twin.fail_next(fault, method="completionAsync")

    await _failed(client)

    assert len(twin.operations) == 1


async def test_an_operation_may_end_in_an_error(
    client: httpx.AsyncClient, twin: ModelsTwin, clock: FakeClock
) -> None:
    twin.fail_next(Fail(8, "too much"), method="completionAsync")
    operation_id = await ordered(client)
    clock.advance(60)

    operation = await looked(client, operation_id)

    assert (operation.done, operation.error.code, operation.error.message) == (True, 8, "too much")


async def test_an_operation_may_never_end(
    client: httpx.AsyncClient, twin: ModelsTwin, clock: FakeClock
) -> None:
    twin.fail_next(Take(), method="completionAsync")
    operation_id = await ordered(client)
    clock.advance(10_000_000)

    assert not (await looked(client, operation_id)).done


async def test_the_ethics_may_have_stepped_in(
    client: httpx.AsyncClient, twin: ModelsTwin, clock: FakeClock
) -> None:
    twin.fail_next(Filter(), method="completionAsync")
    operation_id = await ordered(client)
    clock.advance(60)

    assert protos.text_of(await looked(client, operation_id)).alternatives[0].status == 4


async def test_an_answer_is_kept_for_three_days(client: httpx.AsyncClient, clock: FakeClock) -> None:
    operation_id = await ordered(client)
    clock.advance(60 + 3 * 86400 - 1)
    kept = await client.get(f"/operations/{operation_id}")
    clock.advance(1)
    gone = await client.get(f"/operations/{operation_id}")

    assert (kept.status_code, gone.status_code) == (200, 404)
    assert gone.json()["code"] == 5


async def test_an_operation_may_be_forgotten_early(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.fail_next(Lose(after_looks=1), method="completionAsync")
    operation_id = await ordered(client)

    looks = [(await client.get(f"/operations/{operation_id}")).status_code for _ in range(2)]

    assert looks == [200, 404]


async def test_what_is_said_of_an_unknown_operation_can_be_set(
    client: httpx.AsyncClient, twin: ModelsTwin
) -> None:
    twin.rules = Rules(unknown_operation=Refuse(410, "gone", Shape.PLAIN))

    responses = [await client.get("/operations/no-such"), await client.get("/operations/no-such:cancel")]

    assert [(one.status_code, one.text) for one in responses] == [(410, "gone")] * 2


async def test_a_cancelled_operation_ends(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    operation_id = await ordered(client)

    cancelled = protos.operation((await client.get(f"/operations/{operation_id}:cancel")).content)

    assert (cancelled.done, cancelled.error.code) == (True, 1)
    assert [operation.is_cancelled for operation in twin.operations] == [True]


async def test_what_has_ended_is_not_cancelled(client: httpx.AsyncClient, clock: FakeClock) -> None:
    operation_id = await ordered(client)
    clock.advance(60)

    cancelled = protos.operation((await client.get(f"/operations/{operation_id}:cancel")).content)

    assert cancelled.HasField("response")


async def test_a_service_may_be_deaf_to_cancelling(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.rules = Rules(is_cancel_heeded=False)
    operation_id = await ordered(client)

    assert not protos.operation((await client.get(f"/operations/{operation_id}:cancel")).content).done


async def test_operations_are_shown_to_their_owner_only(client: httpx.AsyncClient) -> None:
    operation_id = await ordered(client)

    response = await client.get(f"/operations/{operation_id}", headers={"Authorization": "Api-Key wrong"})

    assert response.status_code == 401


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"completionOptions": {"stream": True}}, "streaming is not supported"),
        ({"modelUri": "gpt://stand-in-folder/qwen3-235b-a22b-fp8"}, "invalid model_uri"),
        ({"messages": []}, "empty message text"),
    ],
)
async def test_refusals_come_in_the_shape_of_unary_methods(
    client: httpx.AsyncClient, changes: dict[str, Any], message: str
) -> None:
    response = await client.post(ORDER, json=body(**changes))

    assert response.status_code == 400
    assert message in response.json()["error"]
    assert response.json()["code"] == 3


async def test_a_look_can_fail_too(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    operation_id = await ordered(client)
    twin.fail_next(Refuse(503, "away"), method="operations")

    responses = [await client.get(f"/operations/{operation_id}") for _ in range(2)]

    assert [response.status_code for response in responses] == [503, 200]


@pytest.mark.parametrize("wish", ["late", "silence"])
async def test_errors_in_the_middle_become_errors_of_the_operation(
    client: httpx.AsyncClient, clock: FakeClock, wish: str
) -> None:
    operation_id = await ordered(client, f"show me an error: {wish}")
    clock.advance(60)

    operation = await looked(client, operation_id)

    assert (operation.done, operation.error.code) == {"late": (True, 14), "silence": (False, 0)}[wish]


async def test_a_refusal_can_be_asked_for(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    response = await client.post(ORDER, json=body("show me an error: quota"))

    assert response.status_code == 429
    assert len(twin.operations) == 0


async def _failed(client: httpx.AsyncClient) -> None:
    try:
        response = await client.post(ORDER, json=body(), timeout=0.2)
    except httpx.TransportError:
        return
    assert response.status_code == 503
