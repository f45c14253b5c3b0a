import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.backends.http import new_client
from bot.backends.yandex.auth import Account, ApiKey
from bot.backends.yandex.classification import YandexClassifier, verdict_of
from bot.backends.yandex.rest import YandexRest
from bot.errors import BackendError, BadCredentials, Overloaded, QuotaExceeded, Rejected, UnknownModel
from bot.sandbox.models.faults import Refuse
from bot.sandbox.models.rules import Rules
from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from bot.types import ModelChoice, ModelSpec, Sample, Scheme, Verdict
from tests.tools.protos import classification_request, few_shot_request

LITE = ModelChoice("yandexgpt-lite")
TONES = Scheme(LITE, "Tell the tone", ("good", "bad", "neither"))
WITH_SAMPLES = Scheme(LITE, "Tell the tone", ("good", "bad"), (Sample("Bravo!", "good"), Sample("Alas", "bad")))
TUNED = Scheme(ModelChoice("yandexgpt-lite/latest@tones"))


@pytest.fixture
def twin() -> ModelsTwin:
    rules = Rules(tuned_labels={"tones": ("glad", "sad", "angry")})
    return ModelsTwin(api_key="key", folder_id="folder", rules=rules)


@pytest.fixture
async def classifier(twin: ModelsTwin) -> AsyncIterator[YandexClassifier]:
    async with ModelsServer(twin) as server, new_client() as client:
        account = Account(ApiKey("key"), "folder")
        yield YandexClassifier(YandexRest(client, account), api_url=f"{server.url}/")


async def test_a_model_is_told_with_every_text_what_to_tell_apart(
    twin: ModelsTwin, classifier: YandexClassifier
) -> None:
    verdict = await classifier.classify("Not bad…", WITH_SAMPLES)

    (request,) = twin.requests_of("fewShotTextClassification")
    asked = few_shot_request(request.raw)
    assert (asked.model_uri, asked.text) == ("cls://folder/yandexgpt-lite", "Not bad…")
    assert (asked.task_description, [*asked.labels]) == ("Tell the tone", ["good", "bad"])
    assert [(one.text, one.label) for one in asked.samples] == [("Bravo!", "good"), ("Alas", "bad")]
    assert [label for label, _ in verdict.confidences] == ["good", "bad"]
    assert sum(confidence for _, confidence in verdict.confidences) == pytest.approx(1)
    assert verdict.input_tokens > 0
    assert verdict.model_version


async def test_without_samples_none_are_sent(twin: ModelsTwin, classifier: YandexClassifier) -> None:
    await classifier.classify("hello", TONES)

    (request,) = twin.requests
    assert sorted(request.body) == ["labels", "modelUri", "taskDescription", "text"]


async def test_a_tuned_model_brings_its_own_labels(twin: ModelsTwin, classifier: YandexClassifier) -> None:
    verdict = await classifier.classify("hello", TUNED)

    (request,) = twin.requests_of("textClassification")
    asked = classification_request(request.raw)
    assert (asked.model_uri, asked.text) == ("cls://folder/yandexgpt-lite/latest@tones", "hello")
    assert [label for label, _ in verdict.confidences] == ["glad", "sad", "angry"]


@pytest.mark.parametrize(
    ("model", "uri"),
    [
        (ModelChoice("yandexgpt"), "cls://folder/yandexgpt"),
        (ModelChoice("yandexgpt/latest"), "cls://folder/yandexgpt/latest"),
        (ModelChoice("cls://folder/yandexgpt-lite/rc"), "cls://folder/yandexgpt-lite/rc"),
        (ModelChoice("lite", spec=ModelSpec("lite", "yandexgpt-lite")), "cls://folder/yandexgpt-lite"),
    ],
)
async def test_a_short_name_is_looked_for_in_the_folder_and_gets_no_branch(
    twin: ModelsTwin, classifier: YandexClassifier, model: ModelChoice, uri: str
) -> None:
    await classifier.classify("hello", Scheme(model, "Tell", ("a", "b")))

    assert twin.requests[0].body["modelUri"] == uri


async def test_a_text_that_no_json_can_carry_is_sent_with_signs_for_what_it_lacks(
    twin: ModelsTwin, classifier: YandexClassifier
) -> None:
    await classifier.classify("half \ud83d", TONES)

    assert few_shot_request(twin.requests[0].raw).text == "half ?"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (
            {"predictions": [{"label": "a", "confidence": 0.25}, {"label": "b", "confidence": 0.75}]},
            Verdict((("a", 0.25), ("b", 0.75))),
        ),
        (
            {
                "predictions": [{"label": "a", "confidence": "0.5"}, {"label": "b"}],
                "inputTokens": "46",
                "modelVersion": "23.10.2024",
            },
            Verdict((("a", 0.5), ("b", 0.0)), 46, "23.10.2024"),
        ),
        (
            {"predictions": [{"label": "a", "confidence": None}], "inputTokens": 46, "modelVersion": None},
            Verdict((("a", 0.0),), 46),
        ),
        (
            {
                "predictions": [
                    *(None, "x", {}, {"label": 5, "confidence": 1}),
                    {"label": "a", "confidence": "many"},
                    {"label": "b", "confidence": "NaN"},
                    {"label": "c", "confidence": 1.0000001},
                    {"label": "d", "confidence": -0.1},
                    {"label": "e", "confidence": [1]},
                ],
                "inputTokens": "many",
            },
            Verdict((("a", 0.0), ("b", 0.0), ("c", 1.0), ("d", 0.0), ("e", 0.0))),
        ),
    ],
    ids=["as in the manual", "as recorded", "nothing but a label", "odd"],
)
def test_reading_is_tolerant(said: dict[str, Any], verdict: Verdict) -> None:
    assert verdict_of(json.loads(json.dumps(said))) == verdict


@pytest.mark.parametrize(
    "said", [{}, {"predictions": None}, {"predictions": []}, {"predictions": {"label": "a"}}]
)
def test_an_answer_without_labels_is_none(said: dict[str, Any]) -> None:
    with pytest.raises(Overloaded, match="named no label"):
        verdict_of(said)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Refuse(429, "quota limit exceed"), QuotaExceeded),
        (Refuse(401, "Unknown api key"), BadCredentials),
        (Refuse(400, "invalid model_uri"), UnknownModel),
        (Refuse(400, "labels are odd"), Rejected),
        (Refuse(503, "later"), Overloaded),
    ],
)
async def test_a_refusal_is_an_error_of_ours(
    twin: ModelsTwin, classifier: YandexClassifier, fault: Refuse, error: type[BackendError]
) -> None:
    twin.fail_next(fault, method="fewShotTextClassification")

    with pytest.raises(error):
        await classifier.classify("hello", TONES)

    assert len(twin.requests) == 1
