import asyncio
import base64
import io
import json
from typing import Any

import httpx
import pytest
from PIL import Image

from bot.sandbox.models.faults import (
    Cut,
    Embellish,
    Fault,
    Filter,
    Hang,
    LateError,
    Reframe,
    Refuse,
    Shape,
    Truncate,
)
from bot.sandbox.models.rules import Rules
from bot.sandbox.models.twin import ModelsTwin

CHAT = "/v1/chat/completions"
OWN = "gpt://stand-in-folder/yandexgpt/latest"
FOREIGN = "gpt://stand-in-folder/qwen3-235b-a22b-fp8"
SEEING = "gpt://stand-in-folder/gemma-3-27b-it"
THINKING = "gpt://stand-in-folder/gpt-oss-20b"


def body(content: Any = "Who are you?", **changes: Any) -> dict[str, Any]:
    return {"model": OWN, "messages": [{"role": "user", "content": content}]} | changes


def data_url(form: str = "PNG", size: tuple[int, int] = (100, 80)) -> str:
    written = io.BytesIO()
    Image.new("RGB", size, "teal").save(written, form)
    return f"data:image/{form.lower()};base64,{base64.b64encode(written.getvalue()).decode()}"


def picture(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def events(text: str) -> list[dict[str, Any]]:
    *told, done, nothing = text.split("\n\n")
    assert (done, nothing) == ("data: [DONE]", "")
    return [json.loads(event.removeprefix("data: ")) for event in told]


async def streamed(client: httpx.AsyncClient, asked: dict[str, Any]) -> list[dict[str, Any]]:
    response = await client.post(CHAT, json=asked | {"stream": True})
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.headers["Cache-Control"] == "no-cache"
    return events(response.text)


def delta(event: dict[str, Any]) -> dict[str, Any]:
    return dict(event["choices"][0]["delta"])


async def test_own_models_answer_whole(client: httpx.AsyncClient) -> None:
    response = await client.post(CHAT, json=body())

    said = response.json()
    assert response.text.endswith("}\n")
    assert (said["object"], said["model"], said["created"]) == ("chat.completion", OWN, 1_800_000_000)
    assert said["id"].count("-") == 4
    assert "stand-in" in said["choices"][0]["message"]["content"]
    assert said["choices"][0]["finish_reason"] == "stop"
    assert set(said["usage"]) == {"prompt_tokens", "total_tokens", "completion_tokens"}


async def test_models_of_others_forget_the_folder(client: httpx.AsyncClient) -> None:
    said = (await client.post(CHAT, json=body(model=FOREIGN))).json()

    assert said["id"].startswith("chatcmpl-")
    assert said["model"] == "gpt://qwen3-235b-a22b-fp8/latest"


async def test_own_models_stream_few_big_chunks_without_usage(client: httpx.AsyncClient) -> None:
    told = await streamed(client, body())
    whole = (await client.post(CHAT, json=body())).json()["choices"][0]["message"]["content"]

    assert delta(told[0])["role"] == "assistant"
    assert "".join(delta(event)["content"] for event in told) == whole
    assert ["finish_reason" in event["choices"][0] for event in told] == [False] * (len(told) - 1) + [True]
    assert not any("usage" in event for event in told)


async def test_models_of_others_stream_a_role_tokens_an_end_and_usage(client: httpx.AsyncClient) -> None:
    first, *told, end, usage = await streamed(client, body(model=FOREIGN))

    assert delta(first) == {"role": "assistant"}
    assert {tuple(delta(event)) for event in told} == {("content",)}
    assert end["choices"] == [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    assert usage["choices"] == []
    assert usage["usage"]["completion_tokens"] == len(told)


async def test_a_model_that_thinks_tells_its_thoughts_first(client: httpx.AsyncClient) -> None:
    told = await streamed(client, body("Кто ты?", model=THINKING))
    whole = (await client.post(CHAT, json=body("Кто ты?", model=THINKING))).json()

    kinds = [tuple(delta(event)) for event in told[1:-2]]
    thoughts = kinds.count(("reasoning_content",))
    assert kinds[:thoughts] == [("reasoning_content",)] * thoughts
    assert "Дублёр не думает" in whole["choices"][0]["message"]["reasoning_content"]
    assert whole["usage"]["completion_tokens_details"] == {"reasoning_tokens": thoughts}


async def test_thoughts_eat_up_the_limit_of_tokens(client: httpx.AsyncClient) -> None:
    *_, end, usage = await streamed(client, body(model=THINKING, max_tokens=3))

    assert end["choices"][0]["finish_reason"] == "length"
    assert usage["usage"]["completion_tokens"] == 3


async def test_hidden_thoughts_are_counted_and_take_time(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.thinking_s = 0.1
    clock = asyncio.get_running_loop().time
    started_at = clock()

    said = (await client.post(CHAT, json=body(reasoning_effort="low"))).json()

    assert clock() - started_at >= 0.1
    assert said["usage"]["completion_tokens_details"] == {"reasoning_tokens": 48}


async def test_pictures_are_measured(client: httpx.AsyncClient) -> None:
    parts = [{"type": "text", "text": "What is it?"}, picture(data_url()), picture(data_url("JPEG", (7, 9)))]

    said = (await client.post(CHAT, json=body(parts, model=SEEING))).json()

    answer = said["choices"][0]["message"]["content"]
    assert "**Pictures** that came with it: 2" in answer
    assert "1. 100 × 80 pixels, PNG" in answer
    assert "2. 7 × 9 pixels, JPEG" in answer
    assert said["usage"]["prompt_tokens"] >= 512


async def test_pictures_of_earlier_turns_are_counted(client: httpx.AsyncClient) -> None:
    messages = [
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": [picture(data_url())]},
        {"role": "assistant", "content": "A picture."},
        {"role": "user", "content": "И что?"},
    ]

    said = (await client.post(CHAT, json={"model": SEEING, "messages": messages})).json()

    answer = said["choices"][0]["message"]["content"]
    assert "**Картинок** в прежних репликах: 1" in answer
    assert "`Be kind.`" in answer


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://example.org/parrot.png", "data URL"),
        ("data:image/png;base64,!!!", "cannot be decoded"),
        ("data:image/png;base64,YQ==", "cannot be decoded"),
        (data_url("JPEG")[:199], "cannot be decoded"),
    ],
)
async def test_pictures_that_cannot_be_seen_are_refused(
    client: httpx.AsyncClient, url: str, message: str
) -> None:
    response = await client.post(CHAT, json=body([picture(url)], model=SEEING))

    assert response.status_code == 400
    assert message in response.json()["error"]["message"]


async def test_links_may_be_taken_and_are_not_followed(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.rules = Rules(takes_picture_links=True)

    response = await client.post(CHAT, json=body([picture("https://example.org/a.png")], model=SEEING))

    assert "a link, which I do not follow" in response.text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "yandexgpt"}, "Failed to parse model URI"),
        ({"model": "gpt://stand-in-folder/no-such"}, "invalid model_uri"),
        ({"model": "gpt://other/yandexgpt"}, "does not match with service account folder ID"),
        ({"messages": []}, "empty message text"),
        ({"messages": [{"role": "user", "content": ""}]}, "empty message text"),
        ({"messages": [{"role": "bird", "content": "x"}]}, 'invalid value of "messages.0.role"'),
        ({"temperature": 3}, "temperature"),
        ({"messages": [{"role": "user", "content": "ab " * 33_000}]}, "number of input tokens must be no more"),
        (
            {"messages": [{"role": "user", "content": [picture(data_url())]}]},
            f"{OWN} is not a multimodal model",
        ),
    ],
)
async def test_what_the_service_would_not_take_is_refused(
    client: httpx.AsyncClient, changes: dict[str, Any], message: str
) -> None:
    response = await client.post(CHAT, json=body(**changes))

    assert response.status_code == 400
    assert message in response.json()["error"]["message"]


async def test_unknown_fields_are_passed_over(client: httpx.AsyncClient) -> None:
    assert (await client.post(CHAT, json=body(top_k=3))).status_code == 200


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer stand-in-key", 200),
        ("Bearer t1.stand-in", 200),
        ("Bearer AQVNwrong98iI", 401),
        ("Bearer t1.wrong", 401),
        ("", 401),
    ],
)
async def test_a_key_may_stand_in_a_tokens_place(
    client: httpx.AsyncClient, authorization: str, status: int
) -> None:
    response = await client.post(CHAT, json=body(), headers={"Authorization": authorization})

    assert response.status_code == status
    assert status == 200 or response.text.startswith("rpc error: code = Unauthenticated desc = ")


async def test_another_project_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post(CHAT, json=body(), headers={"OpenAI-Project": "other"})

    assert response.status_code == 400


async def test_chat_and_completion_share_one_quota(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.rules = Rules(concurrent_generations=2)
    twin.first_token_s = 0.2
    native = {"modelUri": OWN, "messages": [{"role": "user", "text": "Hi"}]}

    answers = await asyncio.gather(
        client.post("/foundationModels/v1/completion", json=native),
        client.post(CHAT, json=body()),
        *(client.post(CHAT, json=body(stream=is_stream)) for is_stream in (False, True)),
    )

    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 2
    assert all("gauge quota limit exceed: allowed 2 requests" in answer.text for answer in refused)
    assert (twin.open_requests, twin.most_open_requests) == (0, 2)
    assert twin.refused_by_quota.total() == 2


async def test_refusals_may_come_in_any_shape(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.rules = Rules(openai_shapes={429: Shape.BARE})
    for fault in (Refuse(429, "no"), Refuse(429, "no", Shape.STREAMING), Refuse(403, "no")):
        twin.fail_next(fault)

    said = [(await client.post(CHAT, json=body())).json()["error"] for _ in range(3)]

    assert said[0] == "no"
    assert said[1]["grpcCode"] == 8
    assert said[2] == {"message": "no"}


async def test_a_late_error_stands_in_an_event(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.fail_next(LateError(after_pieces=2, message="away"))

    response = await client.post(CHAT, json=body(stream=True, model=FOREIGN))

    *told, late, nothing = response.text.split("\n\n")
    assert (len(told), nothing) == (2, "")
    assert json.loads(late.removeprefix("data: ")) == {"error": {"error": "away"}}


@pytest.mark.parametrize(
    ("fault", "ending"), [(Filter(2), "content_filter"), (Filter(), "content_filter"), (Truncate(2), "length")]
)
@pytest.mark.parametrize("model", [OWN, FOREIGN])
async def test_endings_have_their_reasons(
    client: httpx.AsyncClient, twin: ModelsTwin, fault: Fault, ending: str, model: str
) -> None:
    twin.fail_next(fault, times=2)

    told = await streamed(client, body(model=model))
    whole = (await client.post(CHAT, json=body(model=model))).json()["choices"][0]

    reasons = [event["choices"][0].get("finish_reason") for event in told if event["choices"]]
    assert [reason for reason in reasons if reason] == [whole["finish_reason"]] == [ending]


@pytest.mark.parametrize("fault", [Cut(), Cut(0), Hang(), Hang(1), Hang(1, is_dribbling=True)])
@pytest.mark.parametrize("is_stream", [False, True])
async def test_breaks_leave_no_whole_answer(
    client: httpx.AsyncClient, twin: ModelsTwin, fault: Fault, *, is_stream: bool
) -> None:
    twin.fail_next(fault)

    with pytest.raises((httpx.TransportError, TimeoutError)):
        async with asyncio.timeout(1.5):
            await client.post(CHAT, json=body(stream=is_stream), timeout=1)

    assert twin.requests[0].status in (None, 200)


async def test_without_stream_a_late_error_comes_at_once(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.fail_next(LateError(status=500, message="away"))

    response = await client.post(CHAT, json=body())

    assert (response.status_code, response.json()) == (500, {"error": {"message": "away"}})


async def test_events_can_be_framed_oddly_and_say_more(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.fail_next(Reframe(b": ping\r\n\r\ndata:", b"\r\n\r\n", is_wrapped=False, bytes_per_write=5))
    twin.fail_next(Embellish({"new": []}))

    odd = (await client.post(CHAT, json=body(stream=True))).text
    more = await streamed(client, body())

    assert odd.startswith(': ping\r\n\r\ndata:{"id"')
    assert "[DONE]" not in odd
    assert more[0]["new"] == more[0]["choices"][0]["delta"]["new"] == []


async def test_an_error_can_be_asked_for_in_the_chat(client: httpx.AsyncClient) -> None:
    assert (await client.post(CHAT, json=body("show me an error: quota"))).status_code == 429


async def test_the_list_names_text_models_of_the_folder(client: httpx.AsyncClient) -> None:
    said = (await client.get("/v1/models")).json()

    owners = {entry["id"]: entry["owned_by"] for entry in said["data"]}
    assert owners["gpt://stand-in-folder/yandexgpt/latest"] == "Yandex"
    assert owners["gpt://stand-in-folder/gemma-3-27b-it/latest"] == "Google"


async def test_the_list_is_for_the_owner_of_the_folder(client: httpx.AsyncClient) -> None:
    stranger = await client.get("/v1/models", headers={"Authorization": ""})
    other = await client.get("/v1/models", headers={"OpenAI-Project": "other"})

    assert (stranger.status_code, other.status_code) == (401, 400)


@pytest.mark.parametrize("path", ["/v1/responses", "/", "/foundationModels/v1/unknown"])
async def test_where_nothing_is_nothing_is_found(client: httpx.AsyncClient, path: str) -> None:
    response = await client.post(path, json={})

    assert (response.status_code, response.text) == (404, "404 page not found")
