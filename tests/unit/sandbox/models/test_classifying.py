from typing import Any

import httpx
import pytest

from bot.sandbox.models.faults import Cut, Embellish, Hang
from bot.sandbox.models.rules import DOCUMENTED_RATES, Rules
from bot.sandbox.models.twin import ModelsTwin
from tests.tools import protos
from tests.tools.clock import FakeClock

BY_PROMPT = "/foundationModels/v1/fewShotTextClassification"
TUNED = "/foundationModels/v1/textClassification"
URI = "cls://stand-in-folder/yandexgpt-lite/latest"
LABELS = ["спорт", "культура", "другое"]


def body(text: str = "Премьера спектакля", **changes: Any) -> dict[str, Any]:
    return {"modelUri": URI, "labels": LABELS, "text": text} | changes


async def verdict(client: httpx.AsyncClient, **changes: Any) -> dict[str, float]:
    asked = body(**changes)
    protos.few_shot_request(asked)
    response = await client.post(BY_PROMPT, json=asked)
    assert response.status_code == 200, response.text
    parsed = protos.few_shot_response(response.content)
    assert parsed.input_tokens > 0
    return {one.label: one.confidence for one in parsed.predictions}


async def test_each_label_gets_its_confidence_in_the_order_of_the_request(client: httpx.AsyncClient) -> None:
    sure = await verdict(client)

    assert list(sure) == LABELS
    assert sum(sure.values()) == pytest.approx(1)


async def test_confidences_depend_on_the_text_alone(client: httpx.AsyncClient) -> None:
    first, again, another = [await verdict(client, text=text) for text in ("a", "a", "b")]

    assert first == again
    assert first != another


async def test_words_of_a_label_and_of_a_sample_speak_for_it(client: httpx.AsyncClient) -> None:
    samples = [{"text": "В опере дают премьеру", "label": "культура"}]

    by_label = await verdict(client, text="Новости спорта")
    by_sample = await verdict(client, text="Сегодня премьера", samples=samples, taskDescription="О чём это?")

    assert max(by_label, key=by_label.__getitem__) == "спорт"
    assert max(by_sample, key=by_sample.__getitem__) == "культура"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": ["one"]}, "number of labels"),
        ({"labels": [f"label {n}" for n in range(21)]}, "number of labels"),
        ({"text": ""}, "empty text"),
        ({"samples": [{"text": "x", "label": "no such"}]}, "unknown label"),
        ({"modelUri": f"{URI}@tuned"}, "invalid model_uri"),
        ({"modelUri": "gpt://stand-in-folder/yandexgpt"}, "invalid model_uri"),
        ({"modelUri": "cls://stand-in-folder/aliceai-llm"}, "invalid model_uri"),
        ({"threshold": 1}, 'unknown field "threshold"'),
    ],
)
async def test_what_cannot_be_classified_is_refused(
    client: httpx.AsyncClient, changes: dict[str, Any], message: str
) -> None:
    response = await client.post(BY_PROMPT, json=body(**changes))

    assert response.status_code == 400
    assert message in response.json()["error"]


async def test_a_tuned_classifier_has_labels_of_its_own(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.rules = Rules(tuned_labels={"tamr1": ("да", "нет", "не знаю")})

    responses = [
        await client.post(TUNED, json={"modelUri": f"{URI}@{suffix}", "text": "Да"})
        for suffix in ("tamr1", "tamr2")
    ]

    said = [protos.classification_response(one.content).predictions for one in responses]
    assert [[one.label for one in predictions] for predictions in said] == [
        ["да", "нет", "не знаю"],
        ["positive", "negative"],
    ]


@pytest.mark.parametrize(("uri", "text"), [(URI, "x"), (f"{URI}@tamr1", "")])
async def test_only_tuned_models_take_texts_alone(client: httpx.AsyncClient, uri: str, text: str) -> None:
    assert (await client.post(TUNED, json={"modelUri": uri, "text": text})).status_code == 400


async def test_one_classification_a_second_is_allowed(
    client: httpx.AsyncClient, twin: ModelsTwin, clock: FakeClock
) -> None:
    twin.rules = Rules(rates=DOCUMENTED_RATES)

    statuses = []
    for pause_s in (0.0, 0.5, 0.5):
        clock.advance(pause_s)
        statuses.append((await client.post(BY_PROMPT, json=body())).status_code)

    assert statuses == [200, 429, 200]
    assert twin.refused_by_quota == {"fewShotTextClassification": 1}


async def test_faults_strike_classifiers_too(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    for fault in (Cut(0), Cut(), Hang()):
        twin.fail_next(fault, model="yandexgpt-lite")

        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, httpx.ReadTimeout)):
            await client.post(BY_PROMPT, json=body(), timeout=0.2)


async def test_an_answer_may_say_more_than_is_documented(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.fail_next(Embellish({"more": 1}), method="fewShotTextClassification")

    said = (await client.post(BY_PROMPT, json=body())).json()

    assert said["more"] == said["predictions"][0]["more"] == 1
