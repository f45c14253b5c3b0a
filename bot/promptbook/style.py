"""A style as the rest of the house uses it: how the words of a person become the order of a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.promptbook.localized import LANGUAGES, Localized
from bot.promptbook.template import Template
from bot.types import ImageOrder, ModelChoice, Ratio


@dataclass(frozen=True, slots=True)
class Style:
    """One way to draw. Texts that the operator left out are empty; the title is then the name."""

    name: str
    title: Localized[str]
    description: Localized[str]
    template: Localized[Template]
    model: ModelChoice
    """Its name is empty where the operator leaves the model to the settings."""
    ratio: Ratio = field(default_factory=Ratio)
    seed: int | None = None
    """None: another one for each picture."""
    is_hidden: bool = False
    """Kept out of the menu."""

    def order(self, words: str, language: str, *, seed: int, ratio: Ratio, default_model: str) -> ImageOrder:
        """Return what the model gets for these words of a person.

        Raises:
            ConfigError: the template cannot be rendered with them.
        """
        styled = self.template.in_(language).render({"words": words, "language": language})
        model = replace(self.model, name=self.model.name or default_model)
        return ImageOrder(styled, model, seed, ratio)


def samples() -> Sequence[Mapping[str, Any]]:
    """Return values of every kind, to try a template before anybody asks."""
    return [{"words": "a red cat", "language": language} for language in LANGUAGES]
