"""Prompts with `mode: async` whose model answers at once only, as far as the list of models tells.

A model that no list knows is let pass: whether it takes orders, the service will say. So is one that is left to
the settings: if it takes none, people are answered at once.
"""

from collections.abc import Iterable, Iterator, Mapping

from bot.errors import Problem
from bot.promptbook.catalogue import Catalogue
from bot.promptbook.inheritance import inherited
from bot.promptbook.sheet import Sheet
from bot.types import Mode

_OWN = ("model", "mode")
"""What a prompt says itself: of what it inherits as a whole, its parent hears."""


def problems(claims: Iterable[Sheet], sheets: Mapping[str, Sheet], models: Catalogue) -> Iterator[Problem]:
    """Yield a problem for each such prompt, at the name of the model."""
    able = ", ".join(spec.name for spec in models.specs if spec.answers_later)
    for sheet in claims:
        fields = inherited(sheet, sheets)
        name = fields.get("model", {}).get("name", "")
        spec = models.find(name) if name and fields.get("mode") is Mode.ASYNC else None
        if spec is None or spec.answers_later or not any(key in sheet.said for key in _OWN):
            continue
        yield _problem(sheet, f"model: {name!r} answers at once only; for 'mode: async' there are: {able}")


def _problem(sheet: Sheet, message: str) -> Problem:
    model = sheet.said.get("model")
    if sheet.document and isinstance(model, dict) and "name" in model:
        return sheet.document.problem(("model", "name"), message)
    return sheet.problem("model" if "model" in sheet.said else "mode", message)
