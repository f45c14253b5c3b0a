import json
from typing import Any

import httpx
import pytest

from bot.backends.yandex.auth import Account, ApiKey
from bot.backends.yandex.classification import YandexClassifier
from bot.backends.yandex.rest import YandexRest
from bot.errors import BackendError, ConnectionCut, Overloaded, QuotaExceeded
from bot.types import ModelChoice, Sample, Scheme, Verdict
from tests.tools import protos
from tests.tools.responses import ScriptedResponses

BY_PROMPT = Scheme(ModelChoice("yandexgpt-lite"), "Name it", ("apple", "pear"))
FEW_SHOT = Scheme(ModelChoice("yandexgpt"), "Name it", ("apple", "pear"), (Sample("red", "apple"),))
TUNED = Scheme(ModelChoice("cls://folder/yandexgpt-lite/latest@tamr1"))
SAID = {
    "predictions": [{"label": "apple", "confidence": 0.25}, {"label": "pear", "confidence": 0.75}],
    "modelVersion": "23.10.2024",
    "inputTokens": "46",
}


class Service:
    """A classifier before a service that always says the same."""

    def __init__(self, said: Any = None, *, status: int = 200) -> None:
        self.wire = ScriptedResponses([json.dumps(said or SAID).encode()], status=status)
        account = Account(ApiKey("key"), "folder")
        rest = YandexRest(httpx.AsyncClient(transport=self.wire), account, timeout_s=0.5)
        self.classifier = YandexClassifier(rest, api_url="http://yandex.test/")


@pytest.mark.parametrize(("scheme", "samples"), [(BY_PROMPT, 0), (FEW_SHOT, 1)])
async def test_a_classifier_by_prompt_is_told_everything(scheme: Scheme, samples: int) -> None:
    service = Service()

    verdict = await service.classifier.classify("it is green", scheme)

    (request,) = service.wire.requests
    asked = protos.few_shot_request(request.content)
    assert request.url.path == "/foundationModels/v1/fewShotTextClassification"
    assert asked.model_uri == f"cls://folder/{scheme.model.name}"
    assert (asked.text, asked.task_description, list(asked.labels)) == (
        "it is green",
        "Name it",
        ["apple", "pear"],
    )
    assert len(asked.samples) == samples
    assert verdict == Verdict((("apple", 0.25), ("pear", 0.75)), 46, "23.10.2024")
    assert verdict.ranked[0] == ("pear", 0.75)


async def test_a_tuned_one_is_given_the_text_alone() -> None:
    service = Service()

    await service.classifier.classify("it is green", TUNED)

    (request,) = service.wire.requests
    assert request.url.path == "/foundationModels/v1/textClassification"
    assert protos.classification_request(request.content).model_uri == TUNED.model.name


@pytest.mark.parametrize(
    ("prediction", "confidence"),
    [
        ({"label": "a"}, 0.0),
        ({"label": "a", "confidence": None}, 0.0),
        ({"label": "a", "confidence": "0.5"}, 0.5),
        ({"label": "a", "confidence": "NaN"}, 0.0),
        ({"label": "a", "confidence": "much"}, 0.0),
        ({"label": "a", "confidence": 7}, 1.0),
    ],
)
async def test_reading_is_tolerant(prediction: dict[str, Any], confidence: float) -> None:
    service = Service(
        {"predictions": [prediction, {"label": 5}, "odd"], "modelVersion": 5, "inputTokens": None}
    )

    assert await service.classifier.classify("it", BY_PROMPT) == Verdict((("a", confidence),))


@pytest.mark.parametrize(
    ("said", "status", "error"),
    [
        ({"predictions": []}, 200, Overloaded),
        ({"predictions": {}}, 200, Overloaded),
        ([1], 200, ConnectionCut),
        ({"error": "quota", "code": 8}, 429, QuotaExceeded),
    ],
)
async def test_what_is_no_verdict_is_an_error(said: Any, status: int, error: type[BackendError]) -> None:
    with pytest.raises(error):
        await Service(said, status=status).classifier.classify("it", BY_PROMPT)
