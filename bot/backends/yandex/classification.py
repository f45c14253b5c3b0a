"""Texts told apart: the classifiers of Yandex Foundation Models, by a prompt or tuned.

A tuned model, whose URI has an `@`, knows its labels by itself; any other is told with every text what it shall
tell apart. Reading is tolerant: a field may be missing or of another type, and costs no more than what it said.

Source: https://yandex.cloud/en/docs/ai-studio/concepts/classifier and the protos of
https://github.com/yandex-cloud/cloudapi yandex/cloud/ai/foundation_models/v1/text_classification
"""

import math
from collections.abc import Iterator
from typing import Any

from bot.backends.yandex.rest import YandexRest
from bot.backends.yandex.wire import model_uri
from bot.errors import Overloaded
from bot.types import Scheme, Verdict

_BY_PROMPT, _TUNED = "fewShotTextClassification", "textClassification"


class YandexClassifier:
    """The port `Classifier`; asks once, and at once."""

    def __init__(self, rest: YandexRest, *, api_url: str) -> None:
        self._rest = rest
        self._url = f"{api_url.rstrip('/')}/foundationModels/v1"

    async def classify(self, text: str, scheme: Scheme, *, asker_id: int = 0) -> Verdict:  # noqa: ARG002 - the port's
        """Return one confidence for each label, in the order of the service.

        Raises:
            BackendError: there is no verdict.
        """
        uri = model_uri(scheme.model.address, self._rest.account.folder_id, scheme="cls")
        method = _TUNED if "@" in uri else _BY_PROMPT
        asked = {} if method == _TUNED else _told(scheme)
        said = await self._rest.post(f"{self._url}/{method}", {"modelUri": uri, **asked, "text": text})
        return verdict_of(said)


def _told(scheme: Scheme) -> dict[str, Any]:
    """Return what a model is told that was not trained for it; without samples it does without."""
    told = {"taskDescription": scheme.task, "labels": list(scheme.labels)}
    samples = [{"text": sample.text, "label": sample.label} for sample in scheme.samples]
    return told | ({"samples": samples} if samples else {})


def verdict_of(said: dict[str, Any]) -> Verdict:
    """Read an answer.

    Raises:
        Overloaded: it names no label.
    """
    confidences = tuple(_confidences(said.get("predictions")))
    if not confidences:
        raise Overloaded("the service named no label")
    version = said.get("modelVersion")
    return Verdict(confidences, _count(said.get("inputTokens")), version if isinstance(version, str) else "")


def _confidences(predictions: Any) -> Iterator[tuple[str, float]]:
    for one in predictions if isinstance(predictions, list) else ():
        if isinstance(one, dict) and isinstance(label := one.get("label"), str):
            yield label, _confidence(one.get("confidence"))


def _confidence(value: Any) -> float:
    """Return a number from 0 to 1; JSON of protos leaves a zero out."""
    try:
        number = float(value or 0)
    except (TypeError, ValueError):
        return 0.0
    return min(1.0, max(0.0, number)) if math.isfinite(number) else 0.0


def _count(value: Any) -> int:
    return int(value) if str(value).isdecimal() else 0
