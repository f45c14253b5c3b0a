"""The official client of OpenAI accepts whatever the twin of the service says, as it does at the service."""

import base64
import io
from collections.abc import AsyncIterator

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionUserMessageParam
from PIL import Image

from bot.sandbox.models.faults import Cut, Fault, LateError, Refuse
from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin

OWN = "gpt://stand-in-folder/yandexgpt/latest"
FOREIGN = "gpt://stand-in-folder/qwen3-235b-a22b-fp8/latest"
SEEING = "gpt://stand-in-folder/gemma-3-27b-it"
THINKING = "gpt://stand-in-folder/gpt-oss-20b"
ASKED: list[ChatCompletionUserMessageParam] = [{"role": "user", "content": "Who are you?"}]


@pytest.fixture
def twin() -> ModelsTwin:
    return ModelsTwin(first_token_s=0, token_s=0, drawing_s=0)


@pytest.fixture
async def client(twin: ModelsTwin) -> AsyncIterator[AsyncOpenAI]:
    async with (
        ModelsServer(twin) as server,
        AsyncOpenAI(
            api_key=twin.api_key, project=twin.folder_id, base_url=server.openai_url, max_retries=0
        ) as client,
    ):
        yield client


@pytest.mark.parametrize("model", [OWN, FOREIGN, THINKING])
async def test_an_answer_comes_whole(client: AsyncOpenAI, model: str) -> None:
    said = await client.chat.completions.create(model=model, messages=ASKED)

    assert "stand-in" in (said.choices[0].message.content or "")
    assert said.choices[0].finish_reason == "stop"
    assert said.usage is not None
    assert said.usage.total_tokens == said.usage.prompt_tokens + said.usage.completion_tokens


@pytest.mark.parametrize("model", [OWN, FOREIGN])
async def test_an_answer_comes_in_pieces_that_join_to_the_whole(client: AsyncOpenAI, model: str) -> None:
    whole = await client.chat.completions.create(model=model, messages=ASKED)
    stream = await client.chat.completions.create(model=model, messages=ASKED, stream=True)

    chunks = [chunk async for chunk in stream]

    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == whole.choices[0].message.content
    assert [chunk.usage is not None for chunk in chunks[-1:]] == [model == FOREIGN]


async def test_thoughts_come_in_a_field_of_their_own(client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(model=THINKING, messages=ASKED, stream=True)

    deltas = [choice.delta async for chunk in stream for choice in chunk.choices]

    thoughts = [delta.model_extra["reasoning_content"] for delta in deltas if delta.model_extra]
    assert "A stand-in does not think" in "".join(thoughts)


async def test_pictures_can_be_shown(client: AsyncOpenAI) -> None:
    written = io.BytesIO()
    Image.new("RGB", (12, 34)).save(written, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(written.getvalue()).decode()}"
    question: ChatCompletionUserMessageParam = {
        "role": "user",
        "content": [
            {"type": "text", "text": "What is it?"},
            {"type": "image_url", "image_url": {"url": url}},
        ],
    }

    said = await client.chat.completions.create(model=SEEING, messages=[question])

    assert "12 × 34" in (said.choices[0].message.content or "")


async def test_models_are_listed(client: AsyncOpenAI) -> None:
    listed = [model.id async for model in client.models.list()]

    assert OWN in listed
    assert FOREIGN in listed


async def test_a_picture_is_drawn(client: AsyncOpenAI) -> None:
    said = await client.images.generate(
        model="art://stand-in-folder/aliceai-image-art-3.0",
        prompt="A parrot",
        size="1536x1024",
        response_format="b64_json",
    )

    assert said.data is not None
    image = Image.open(io.BytesIO(base64.b64decode(said.data[0].b64_json or "")))
    assert (image.format, image.size) == ("JPEG", (1536, 1024))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (429, openai.RateLimitError),
        (503, openai.InternalServerError),
    ],
)
async def test_refusals_are_understood(
    client: AsyncOpenAI, twin: ModelsTwin, status: int, kind: type[openai.APIStatusError]
) -> None:
    twin.fail_next(Refuse(status, "the reason"))

    with pytest.raises(kind) as caught:
        await client.chat.completions.create(model=OWN, messages=ASKED)

    assert "the reason" in caught.value.response.text


async def test_a_wrong_key_is_told_as_it_was_seen_at_the_service(client: AsyncOpenAI) -> None:
    stranger = client.with_options(api_key="AQVNwrong98iI")

    with pytest.raises(openai.AuthenticationError) as caught:
        await stranger.chat.completions.create(model=OWN, messages=ASKED)

    assert caught.value.body == (
        "rpc error: code = Unauthenticated desc = Unknown api key 'AQVN****98iI (CE9D1A49)'"
    )


@pytest.mark.parametrize("fault", [LateError(), Cut()])
async def test_trouble_in_the_middle_is_an_error(client: AsyncOpenAI, twin: ModelsTwin, fault: Fault) -> None:
    twin.fail_next(fault)
    stream = await client.chat.completions.create(model=OWN, messages=ASKED, stream=True)

    with pytest.raises(openai.APIError):
        async for _ in stream:
            pass
