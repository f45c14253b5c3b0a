"""A classifier as the rest of the house uses it: by what texts are told apart."""

from dataclasses import dataclass, replace

from bot.promptbook.catalogue import Catalogue
from bot.promptbook.localized import Localized
from bot.types import Scheme


@dataclass(frozen=True, slots=True)
class Classifier:
    """One way to tell texts apart. Texts that the operator left out are empty; the title is then the name."""

    name: str
    title: Localized[str]
    description: Localized[str]
    scheme: Scheme
    """The name of its model is empty where the operator leaves the model to the settings."""
    is_hidden: bool = False
    """Kept out of the menu."""

    def with_model(self, default_model: str, catalogue: Catalogue) -> Scheme:
        """Return the scheme with a model in any case, and with what the list of models knows of it."""
        model = replace(self.scheme.model, name=self.scheme.model.name or default_model)
        return replace(self.scheme, model=catalogue.choice(model))
