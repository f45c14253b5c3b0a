import base64
import io
from itertools import pairwise
from typing import Any

import httpx
import pytest
from PIL import Image

from bot.sandbox.models import lettering
from bot.sandbox.models.drawing import picture, size_of
from bot.sandbox.models.faults import Fail, Filter, LateError, Refuse, Take
from bot.sandbox.models.operations import Kind
from bot.sandbox.models.rules import DOCUMENTED_RATES, Rules
from bot.sandbox.models.twin import ModelsTwin
from tests.tools import protos
from tests.tools.clock import FakeClock

ORDER = "/foundationModels/v1/imageGenerationAsync"
DRAW = "/v1/images/generations"
URI = "art://stand-in-folder/yandex-art/latest"
NEW_URI = "art://stand-in-folder/aliceai-image-art-3.0"
ETHICS = "it is not possible to generate an image from this request because it may violate the terms of use"


def body(words: str = "A parrot", **options: Any) -> dict[str, Any]:
    return {"modelUri": URI, "messages": [{"weight": "1", "text": words}], "generationOptions": options}


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    assert image.format == "JPEG"
    return image


async def drawn(client: httpx.AsyncClient, clock: FakeClock, asked: dict[str, Any]) -> bytes:
    protos.image_request(asked)
    operation_id = (await client.post(ORDER, json=asked)).json()["id"]
    clock.advance(10)
    done = protos.operation((await client.get(f"/operations/{operation_id}")).content)
    return bytes(protos.image_of(done).image)


@pytest.mark.parametrize(
    ("ratio", "size"),
    [((1, 1), (1024, 1024)), ((2, 1), (1456, 720)), ((16, 9), (1360, 768)), ((1, 100), (512, 2048))],
)
def test_a_picture_has_about_a_megapixel_in_the_ratio_that_was_asked_for(
    ratio: tuple[int, int], size: tuple[int, int]
) -> None:
    assert size_of(*ratio) == size


def test_a_picture_depends_on_words_seed_and_size_and_on_nothing_else() -> None:
    asked: list[tuple[str, int, tuple[int, int]]] = [
        ("a", 1, (64, 64)),
        ("b", 1, (64, 64)),
        ("a", 2, (64, 64)),
        ("a", 1, (64, 48)),
    ]

    pictures = [picture(*one) for one in asked]

    assert pictures == [picture(*one) for one in asked]
    assert len(set(pictures)) == 4
    assert [opened(data).size for data in pictures] == [size for _, _, size in asked]


def test_pictures_of_other_words_look_different() -> None:
    skies = [opened(picture(words, 1, (64, 64))).getpixel((1, 1)) for words in ("кот", "пёс", "сад")]

    assert all(one != other for one, other in pairwise(skies))


def test_words_can_be_written_without_a_font_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "_FONTS", ("no such font",))
    lettering.lettering.cache_clear()
    try:
        image = opened(picture("Ёж и Щука", 1, (256, 256)))
    finally:
        lettering.lettering.cache_clear()

    assert image.size == (256, 256)
    assert lettering.in_latin("Ёж и Щука") == "Yozh i Shchuka"


async def test_an_order_is_answered_with_an_operation(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.drawing_s = 1

    response = await client.post(ORDER, json=body())

    assert protos.operation(response.content).id.startswith("fbv")
    assert response.json() | {"id": ""} == {
        "id": "",
        "description": "",
        "createdAt": None,
        "createdBy": "",
        "modifiedAt": None,
        "done": False,
        "metadata": None,
    }


async def test_the_same_order_is_drawn_the_same(client: httpx.AsyncClient, clock: FakeClock) -> None:
    asked = body(seed="7", mimeType="image/jpeg", aspectRatio={"widthRatio": "2", "heightRatio": "1"})

    first, again = [await drawn(client, clock, asked) for _ in range(2)]

    assert opened(first).size == (1456, 720)
    assert first == again


async def test_without_a_seed_every_picture_is_another_one(client: httpx.AsyncClient, clock: FakeClock) -> None:
    first, second = [await drawn(client, clock, body()) for _ in range(2)]

    assert first != second


async def test_a_picture_takes_its_time_and_is_kept_for_half_a_day(
    client: httpx.AsyncClient, twin: ModelsTwin, clock: FakeClock
) -> None:
    twin.drawing_s = 5
    operation_id = (await client.post(ORDER, json=body())).json()["id"]

    seen = []
    for pause_s in (4.0, 1.0, 12 * 3600 - 1, 1.0):
        clock.advance(pause_s)
        response = await client.get(f"/operations/{operation_id}")
        seen.append((response.status_code, response.json().get("done")))

    assert seen == [(200, False), (200, True), (200, True), (404, None)]
    assert len(twin.operations.of(Kind.IMAGE)) == 1


@pytest.mark.parametrize(
    ("asked", "status", "message"),
    [
        (body("x" * 702), 400, "Prompt positive size 702 exceeds limit (500)"),
        (body(""), 400, "empty message text"),
        (body("error: filter"), 400, ETHICS),
        (body("error: quota"), 429, "quota limit exceed"),
        (body() | {"modelUri": NEW_URI}, 400, f"invalid model_uri: {NEW_URI}"),
        (body(mimeType="image/png"), 400, "mime"),
    ],
)
async def test_what_cannot_be_drawn_is_refused(
    client: httpx.AsyncClient, twin: ModelsTwin, asked: dict[str, Any], status: int, message: str
) -> None:
    response = await client.post(ORDER, json=asked)

    assert response.status_code == status
    assert message in response.json()["error"]
    assert len(twin.operations) == 0


async def test_a_model_may_be_denied(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.rules = Rules(denied_models=frozenset({"yandex-art"}))

    response = await client.post(ORDER, json=body())

    assert response.status_code == 403
    assert response.json() == {
        "error": "Access to model art://yandex-art/latest denied",
        "code": 7,
        "message": "Access to model art://yandex-art/latest denied",
        "details": [],
    }


async def test_the_ethics_can_be_programmed(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    for method, path in (("imageGenerationAsync", ORDER), ("images/generations", DRAW)):
        twin.fail_next(Filter(), method=method)

        response = await client.post(path, json=body() if path == ORDER else new_body())

        assert (response.status_code, response.json()["error"]) == (400, ETHICS)


async def test_many_orders_at_once_meet_the_quota(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    picture_rates = [rate for rate in DOCUMENTED_RATES if "imageGenerationAsync" in rate.methods]
    twin.rules = Rules(rates=tuple(picture_rates))

    statuses = [(await client.post(ORDER, json=body())).status_code for _ in range(501)]

    assert statuses == [200] * 500 + [429]


def new_body(words: str = "A parrot", **changes: Any) -> dict[str, Any]:
    return {"model": NEW_URI, "prompt": words, "size": "1024x1024"} | changes


@pytest.mark.parametrize(
    ("asked", "size"),
    [("1024x1024", (1024, 1024)), ("1792x1024", (1344, 768)), ("1024x1536", (832, 1280)), ("", None)],
)
async def test_a_picture_can_be_had_at_once(
    client: httpx.AsyncClient, asked: str, size: tuple[int, int] | None
) -> None:
    request = new_body(size=asked) if asked else {"model": f"{NEW_URI}/latest", "prompt": "A parrot"}

    response = await client.post(DRAW, json=request)

    assert response.status_code == 200
    assert opened(base64.b64decode(response.json()["data"][0]["b64_json"])).size == (size or (1024, 1024))


async def test_a_seed_is_heeded_at_once_too(client: httpx.AsyncClient) -> None:
    said = [(await client.post(DRAW, json=new_body(seed=seed))).content for seed in (7, 7, 8)]

    assert said[0] == said[1] != said[2]


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"prompt": "x" * 501}, 400, "Prompt positive size 501"),
        ({"prompt": "error: filter"}, 400, ETHICS),
        ({"size": "huge"}, 400, "invalid size"),
        ({"size": "4096x4096"}, 400, "invalid size"),
        ({"model": "parrot"}, 400, "Failed to parse model URI"),
        ({"model": URI}, 400, "invalid model_uri"),
    ],
)
async def test_what_cannot_be_drawn_at_once_is_refused(
    client: httpx.AsyncClient, changes: dict[str, Any], status: int, message: str
) -> None:
    response = await client.post(DRAW, json=new_body(**changes))

    assert response.status_code == status
    assert message in response.json()["error"]


@pytest.mark.parametrize("fault", [Refuse(503), Fail(), LateError()])
async def test_drawing_at_once_can_fail(client: httpx.AsyncClient, twin: ModelsTwin, fault: Any) -> None:
    twin.fail_next(fault, method="images/generations")

    responses = [await client.post(DRAW, json=new_body()) for _ in range(2)]

    assert [response.status_code for response in responses] == [503, 200]


async def test_drawing_at_once_may_never_end(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.fail_next(Take(), method="images/generations")

    with pytest.raises(httpx.ReadTimeout):
        await client.post(DRAW, json=new_body(), timeout=0.2)
