import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.sandbox.models.faults import Cut, Fault, Filter, Hang, LateError, Reframe, Refuse, Shape
from bot.sandbox.models.rules import Rules
from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from tests.tools import protos

KEY = {"Authorization": "Api-Key stand-in-key"}
URI = "gpt://stand-in-folder/yandexgpt/latest"
USER = {"role": "user", "text": "Who are you?"}


@pytest.fixture
def twin() -> ModelsTwin:
    return ModelsTwin(first_token_s=0, token_s=0)


@pytest.fixture
async def service(twin: ModelsTwin) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        ModelsServer(twin) as server,
        httpx.AsyncClient(base_url=f"{server.url}/foundationModels/v1/", headers=KEY) as client,
    ):
        yield client


def body(*messages: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"modelUri": URI, "messages": list(messages) or [USER]} | changes


def streaming(**options: Any) -> dict[str, Any]:
    return body(completionOptions={"stream": True} | options)


async def refused(service: httpx.AsyncClient, asked: Any, **headers: str) -> tuple[int, str]:
    """Return status and message of a refusal in the shape of the streaming method."""
    response = await service.post("completion", json=asked, headers=headers)
    error = response.json()["error"]
    assert error["httpCode"] == response.status_code
    assert set(error) == {"grpcCode", "httpCode", "message", "httpStatus", "details"}
    return response.status_code, error["message"]


async def test_a_stream_is_lines_that_the_service_could_say(service: httpx.AsyncClient) -> None:
    response = await service.post("completion", json=streaming())

    lines = [json.loads(line) for line in response.text.splitlines()]
    parsed = [protos.completion_response(line["result"]) for line in lines]
    assert response.headers["Content-Type"] == "application/json"
    assert [line.alternatives[0].status for line in parsed] == [1] * (len(lines) - 1) + [3]
    assert "stand-in" in parsed[-1].alternatives[0].message.text


async def test_without_stream_the_answer_comes_whole(service: httpx.AsyncClient) -> None:
    response = await service.post("completion", json=body())

    [line] = response.text.splitlines()
    assert protos.completion_response(json.loads(line)["result"]).alternatives[0].status == 3


async def test_every_response_can_be_traced(service: httpx.AsyncClient) -> None:
    response = await service.post("completion", json=body(), headers={"x-client-request-id": "mine"})

    assert response.headers["x-client-request-id"] == "mine"
    assert response.headers["x-server-trace-id"].count(":") == 3
    assert response.headers["x-request-id"]


async def test_a_token_opens_the_door_as_a_key_does(service: httpx.AsyncClient) -> None:
    response = await service.post("completion", json=body(), headers={"Authorization": "Bearer t1.stand-in"})

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        ("Api-Key AQVNwrong98iI", "Unknown api key 'AQVN****98iI (CE9D1A49)'"),
        ("Bearer wrong", "The token is invalid"),
        ("", "Authorization header is missing"),
    ],
)
async def test_wrong_credentials_are_refused_first(
    service: httpx.AsyncClient, authorization: str, message: str
) -> None:
    assert await refused(service, {"bad": 1}, Authorization=authorization) == (401, message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"modelUri": "yandexgpt"}, "Failed to parse model URI"),
        ({"modelUri": "gpt://stand-in-folder/no-such"}, "invalid model_uri"),
        ({"modelUri": "gpt://other/yandexgpt"}, "does not match with service account folder ID"),
        ({"messages": []}, "empty message text"),
        ({"messages": [USER | {"text": ""}]}, "empty message text"),
        ({"messages": [USER | {"text": "a" * 100_001}]}, "text length is 100001, which is outside the range"),
        (
            {"messages": [USER | {"text": "ab " * 33_000}]},
            "number of input tokens must be no more than 32768, got",
        ),
        ({"messages": [USER | {"role": "bot"}]}, 'invalid value of "messages.0.role"'),
        ({"messages": [USER | {"text": 5}]}, 'invalid value of "messages.0.text"'),
        ({"unknown": 1}, 'unknown field "unknown"'),
        ({"messages": [USER | {"name": "x"}]}, 'unknown field "messages.0.name"'),
        ({"completionOptions": {"temperature": 1.5}}, "temperature"),
        ({"completionOptions": {"maxTokens": "0"}}, "maxTokens"),
        ({"completionOptions": {"stream": "yes"}}, "stream"),
        ({"completionOptions": {"reasoningOptions": {"mode": "ON"}}}, "mode"),
    ],
)
async def test_what_the_service_would_not_take_is_refused(
    service: httpx.AsyncClient, changes: dict[str, Any], message: str
) -> None:
    status, said = await refused(service, body(**changes))

    assert status == 400
    assert message in said


@pytest.mark.parametrize("uri", [URI, URI + "@tuned", "gpt://stand-in-folder/yandexgpt-lite"])
async def test_branches_and_tuned_models_are_known(service: httpx.AsyncClient, uri: str) -> None:
    assert (await service.post("completion", json=body(modelUri=uri))).status_code == 200


async def test_both_spellings_of_a_field_are_understood(service: httpx.AsyncClient) -> None:
    snake = {"model_uri": URI, "messages": [USER], "completion_options": {"max_tokens": 3, "stream": False}}

    response = await service.post("completion", json=snake)

    assert response.json()["result"]["usage"]["completionTokens"] == "3"


async def test_null_is_as_good_as_nothing(service: httpx.AsyncClient) -> None:
    nothing = body(tools=None, jsonObject=None, completionOptions={"temperature": None, "stream": None})

    assert (await service.post("completion", json=nothing)).status_code == 200


async def test_a_body_that_is_no_json_is_refused(service: httpx.AsyncClient, twin: ModelsTwin) -> None:
    response = await service.post("completion", content=b"{")

    assert response.status_code == 400
    assert twin.requests[0].body is None
    assert twin.requests[0].raw == b"{"


async def test_another_folder_in_the_header_is_refused(service: httpx.AsyncClient) -> None:
    status, message = await refused(service, body(), **{"x-folder-id": "other"})

    assert (status, "'other'" in message) == (400, True)


async def test_a_lenient_service_passes_over_unknown_fields_and_knows_every_model(
    service: httpx.AsyncClient, twin: ModelsTwin
) -> None:
    twin.rules = Rules(is_strict=False, models=frozenset())

    response = await service.post("completion", json=body(modelUri="gpt://stand-in-folder/new", unknown=1))

    assert response.status_code == 200


async def test_thinking_takes_time_before_the_first_text(service: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.thinking_s = 0.25
    hidden = {"reasoningOptions": {"mode": "ENABLED_HIDDEN"}, "maxTokens": "3"}
    clock = asyncio.get_running_loop().time

    times = [clock()]
    for options in ({"maxTokens": "3"}, hidden):
        response = await service.post("completion", json=streaming(**options))
        times.append(clock())
    whole = await service.post("completion", json=body(completionOptions=hidden))

    assert times[1] - times[0] < 0.25 <= times[2] - times[1]
    assert clock() - times[2] >= 0.25
    for thought in (response.text.splitlines()[-1], whole.text):
        usage = json.loads(thought)["result"]["usage"]
        assert usage["completionTokensDetails"]["reasoningTokens"] == "48"


async def test_an_answer_longer_than_its_limit_says_so_and_goes_on(service: httpx.AsyncClient) -> None:
    asked, limit = {"role": "user", "text": "500 characters"}, {"maxTokens": "30"}

    first = (await service.post("completion", json=body(asked, completionOptions=limit))).json()["result"]
    cut = first["alternatives"][0]["message"]
    more = {"role": "user", "text": "continue"}
    second = (await service.post("completion", json=body(asked, cut, more))).json()["result"]

    assert first["alternatives"][0]["status"] == "ALTERNATIVE_STATUS_TRUNCATED_FINAL"
    rest = second["alternatives"][0]["message"]["text"]
    assert 490 <= len(cut["text"]) + len(rest) <= 500
    assert second["alternatives"][0]["status"] == "ALTERNATIVE_STATUS_FINAL"


async def test_one_generation_too_many_meets_the_quota(service: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.rules = Rules(concurrent_generations=2)
    twin.first_token_s = 0.2

    answers = await asyncio.gather(*(service.post("completion", json=streaming()) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 429]
    assert twin.open_requests == 0


async def test_requests_are_recorded_with_how_they_went(service: httpx.AsyncClient, twin: ModelsTwin) -> None:
    await service.post("completion", json=body())

    [request] = twin.requests
    assert request.method == "completion"
    assert request.body == body()
    assert request.headers["AUTHORIZATION"] == "Api-Key stand-in-key"
    assert request.ended_at is not None
    assert request.ended_at >= request.started_at
    assert not request.is_closed_early


async def test_the_pace_may_be_changed_while_an_answer_is_on_its_way(
    service: httpx.AsyncClient, twin: ModelsTwin
) -> None:
    twin.token_s = 0.3
    started_at = asyncio.get_running_loop().time()

    async with service.stream("POST", "completion", json=streaming()) as response:
        lines = response.aiter_lines()
        await anext(lines)
        twin.token_s = 0
        rest = [line async for line in lines]

    assert len(rest) > 20
    assert asyncio.get_running_loop().time() - started_at < 0.3 * 10


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (Shape.UNARY, {"error": "no", "code": 7, "message": "no", "details": []}),
        (Shape.OPENAI, {"error": {"message": "no"}}),
    ],
)
async def test_refusals_come_in_every_shape(
    service: httpx.AsyncClient, twin: ModelsTwin, shape: Shape, expected: dict[str, Any]
) -> None:
    twin.fail_next(Refuse(403, "no", shape, retry_after_s=9))

    response = await service.post("completion", json=body())

    assert (response.status_code, response.json()) == (403, expected)
    assert response.headers["Retry-After"] == "9"


async def test_a_refusal_may_be_plain_text_with_any_status(
    service: httpx.AsyncClient, twin: ModelsTwin
) -> None:
    twin.fail_next(Refuse(520, "a proxy is unwell", Shape.PLAIN))

    response = await service.post("completion", json=body())

    assert (response.status_code, response.text) == (520, "a proxy is unwell")


async def test_a_status_without_a_name_can_be_streamed_too(
    service: httpx.AsyncClient, twin: ModelsTwin
) -> None:
    twin.fail_next(Refuse(520, "unwell"))

    assert await refused(service, body()) == (520, "unwell")


async def test_an_error_can_be_asked_for_in_the_chat(service: httpx.AsyncClient) -> None:
    wish = USER | {"text": "show me an error: quota"}

    assert (await refused(service, body(wish)))[0] == 429


async def test_without_stream_a_late_error_comes_at_once(service: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.fail_next(LateError(status=503, message="away"))

    assert await refused(service, body()) == (503, "away")


async def test_without_stream_the_filter_speaks_too(service: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.fail_next(Filter())

    response = await service.post("completion", json=body())

    assert response.json()["result"]["alternatives"][0]["status"] == "ALTERNATIVE_STATUS_CONTENT_FILTER"


@pytest.mark.parametrize("fault", [Cut(), Hang()])
async def test_without_stream_a_break_leaves_no_answer(
    service: httpx.AsyncClient, twin: ModelsTwin, fault: Fault
) -> None:
    twin.fail_next(fault)

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadTimeout)):
        await service.post("completion", json=body(), timeout=0.2)


async def test_lines_can_be_lumped_prefixed_and_ended_by_a_mark(
    service: httpx.AsyncClient, twin: ModelsTwin
) -> None:
    twin.fail_next(Reframe(b"data: ", b"\r\n\r\n", is_wrapped=False, is_done_told=True, lines_per_write=3))

    response = await service.post("completion", json=streaming(maxTokens=4))

    events = response.text.split("\r\n\r\n")
    assert [event.startswith('data: {"alternatives"') for event in events[:4]] == [True] * 4
    assert events[4:] == ["data: [DONE]", ""]


async def test_tokens_are_those_of_the_text(service: httpx.AsyncClient) -> None:
    response = await service.post("tokenize", json={"modelUri": URI, "text": "Hello, you"})

    assert [token.text for token in protos.tokenize_response(response.content).tokens] == ["Hello", ",", " you"]


async def test_tokens_of_a_dialogue_are_those_of_its_lines(service: httpx.AsyncClient) -> None:
    system = {"role": "system", "text": "Hi"}

    response = await service.post("tokenizeCompletion", json=body(system, USER))

    assert len(protos.tokenize_response(response.content).tokens) == 5


async def test_a_dialogue_that_calls_tools_is_understood(service: httpx.AsyncClient) -> None:
    calls = {"role": "assistant", "toolCallList": {"toolCalls": []} | {"x": 1}}

    response = await service.post("completion", json=body(USER, calls, USER))

    assert "**earlier turns:** 1" in response.json()["result"]["alternatives"][0]["message"]["text"]


async def test_a_dialogue_without_a_question_is_answered_all_the_same(service: httpx.AsyncClient) -> None:
    response = await service.post("completion", json=body({"role": "system", "text": "Be kind."}))

    assert "Be kind." in response.json()["result"]["alternatives"][0]["message"]["text"]


def test_one_port_serves_all_hosts_of_the_service(twin: ModelsTwin) -> None:
    server = ModelsServer(twin, port=1234)

    assert {server.url, server.operations_url, server.iam_url, server.metadata_url} == {"http://127.0.0.1:1234"}
    assert server.openai_url == "http://127.0.0.1:1234/v1"
