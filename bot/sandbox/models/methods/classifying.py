"""Classifiers: by a task in words, or tuned beforehand."""

from collections.abc import Iterable, Sequence
from typing import Any

from aiohttp import web

from bot.sandbox.models import tokens
from bot.sandbox.models.call import Call, Route
from bot.sandbox.models.guessing import confidences
from bot.sandbox.models.request import ClassificationRequest, FewShotRequest
from bot.sandbox.models.rules import Unacceptable
from bot.sandbox.models.transcript import MODEL_VERSION

_FEWEST_LABELS, _MOST_LABELS = 2, 20
_TUNED_LABELS = ("positive", "negative")
"""Of tuned classifiers of which the rules say nothing."""


async def classify_by_prompt(call: Call) -> web.StreamResponse:
    """Tell which of the given labels fits a text."""
    call.enter()
    asked = call.parsed(FewShotRequest)
    uri = call.models("cls", call.rules.classifier_models).admitted(asked.model_uri, call.rules)
    if uri.suffix:
        raise Unacceptable(400, f"invalid model_uri: {asked.model_uri}")
    _check(asked)
    samples = [(sample.text, sample.label) for sample in asked.samples]
    read = " ".join([asked.task_description, *asked.labels, asked.text, *(text for text, _ in samples)])
    return await call.answered(lambda: _verdict(asked.text, asked.labels, samples, read))


async def classify(call: Call) -> web.StreamResponse:
    """Tell which label of a tuned model fits a text."""
    call.enter()
    asked = call.parsed(ClassificationRequest)
    uri = call.models("cls", call.rules.classifier_models).admitted(asked.model_uri, call.rules)
    if not uri.suffix:
        raise Unacceptable(400, f"invalid model_uri: {asked.model_uri}")
    if not asked.text:
        raise Unacceptable(400, "empty text")
    labels = call.rules.tuned_labels.get(uri.suffix, _TUNED_LABELS)
    return await call.answered(lambda: _verdict(asked.text, labels, (), asked.text))


def _check(asked: FewShotRequest) -> None:
    """Let only requests pass that can be answered; what the service says to others is not known."""
    if not asked.text:
        raise Unacceptable(400, "empty text")
    if not _FEWEST_LABELS <= len(asked.labels) <= _MOST_LABELS:
        raise Unacceptable(
            400, f"number of labels must be from {_FEWEST_LABELS} to {_MOST_LABELS}, got {len(asked.labels)}"
        )
    if strangers := {sample.label for sample in asked.samples} - set(asked.labels):
        raise Unacceptable(400, f"unknown label of a sample: {min(strangers)}")


def _verdict(text: str, labels: Sequence[str], samples: Iterable[tuple[str, str]], read: str) -> dict[str, Any]:
    sure = confidences(text, labels, samples)
    return {
        "predictions": [
            {"label": label, "confidence": confidence} for label, confidence in zip(labels, sure, strict=True)
        ],
        "modelVersion": MODEL_VERSION,
        "inputTokens": str(len(tokens.split(read))),
    }


ROUTES = (
    Route("/foundationModels/v1/fewShotTextClassification", classify_by_prompt, "fewShotTextClassification"),
    Route("/foundationModels/v1/textClassification", classify, "textClassification"),
)
