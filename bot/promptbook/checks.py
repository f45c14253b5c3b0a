"""What a file may not say though each of its keys is right: limits of the services, and what belongs together.

Sources: https://yandex.cloud/en/docs/ai-studio/concepts/limits and …/concepts/classifier.
"""

from collections.abc import Callable, Iterator
from typing import Any

from bot.errors import Problem
from bot.promptbook.document import Document
from bot.promptbook.faults import uses
from bot.promptbook.nearest import advice

_MOST_SAMPLE_TOKENS = 6000
_FEWEST_CHARACTERS_A_TOKEN = 2
_CLASSIFIERS = "cls://"
_STYLE_CHARACTERS = 500
"""Of a picture's whole description."""


def checked(kind: str, document: Document, fields: dict[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong; a file whose keys are wrong has no fields, and nothing more is said of it."""
    if fields and (check := _CHECKS.get(kind)):
        yield from check(document, fields)


def _classifier(document: Document, fields: dict[str, Any]) -> Iterator[Problem]:
    model = fields.get("model", "")
    if "://" in model and not model.startswith(_CLASSIFIERS):
        yield document.problem(("model",), f"model: the URI of a classifier begins with {_CLASSIFIERS}")
    if "@" in model:
        for key in ("task", "labels", "examples"):
            if key in fields:
                message = f"{key}: a tuned model has labels of its own; leave this out, or the part after @"
                yield document.problem((key,), message, at_key=True)
        return
    for key, what in (("task", "what the labels tell apart"), ("labels", "the words to choose from")):
        if key not in fields:
            yield Problem(document.file, 1, 1, f"{key!r} is missing: {what}")
    yield from _labels(document, fields.get("labels", []))
    yield from _samples(document, fields)


def _labels(document: Document, labels: list[str]) -> Iterator[Problem]:
    known: set[str] = set()
    for index, label in enumerate(labels):
        word = label.strip().casefold()
        if not word:
            yield document.problem(("labels", index), "labels: a blank tells nothing apart")
        elif word in known:
            yield document.problem(("labels", index), f"labels: {label!r} is there twice")
        known.add(word)


def _samples(document: Document, fields: dict[str, Any]) -> Iterator[Problem]:
    labels, samples = fields.get("labels", []), fields.get("examples", [])
    known: dict[str, str] = {}
    for index, sample in enumerate(samples):
        if (before := known.setdefault(sample["text"], sample["label"])) != sample["label"]:
            message = f"label: the same text is an example of {before!r} already"
            yield document.problem(("examples", index, "label"), message)
        if labels and sample["label"] not in labels:
            message = f"label: {sample['label']!r} is none of the labels; {advice(sample['label'], labels)}"
            yield document.problem(("examples", index, "label"), message)
    # Nobody knows the tokens before the service: what has room for even more characters is let pass.
    most = _MOST_SAMPLE_TOKENS * _FEWEST_CHARACTERS_A_TOKEN
    if (characters := sum(len(sample["text"]) for sample in samples)) > most:
        message = f"examples: {characters} characters together; the service takes {_MOST_SAMPLE_TOKENS} tokens"
        yield document.problem(("examples",), message, at_key=True)


def _style(document: Document, fields: dict[str, Any]) -> Iterator[Problem]:
    template = fields.get("template")
    if template is None:
        return
    if not uses(template, "words"):
        yield document.problem(("template",), "template: {{ words }} is missing: nobody's words would be drawn")
    if len(template) > _STYLE_CHARACTERS:
        message = f"template: {len(template)} characters; the service takes {_STYLE_CHARACTERS}, words included"
        yield document.problem(("template",), message)


def _models(document: Document, fields: dict[str, Any]) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for name, entry in fields.get("models", {}).items():
        for alias in (name, *entry.get("aliases", ())):
            if alias in owners:
                message = f"{alias!r} is a name of {owners[alias]!r} already"
                yield document.problem(("models", name), message, at_key=True)
            owners[alias] = name
        if entry.get("server") == "own" and entry.get("dialect") == "native":
            message = "dialect: one's own server speaks openai only"
            yield document.problem(("models", name, "dialect"), message)


_CHECKS: dict[str, Callable[[Document, dict[str, Any]], Iterator[Problem]]] = {
    "classifier": _classifier,
    "image": _style,
    "models": _models,
}
