"""Which models people may choose from under a prompt, and which one answers."""

from dataclasses import dataclass, replace

from bot.promptbook.catalogue import Catalogue
from bot.promptbook.localized import LANGUAGES
from bot.promptbook.prompt import Prompt
from bot.types import ModelChoice


@dataclass(frozen=True, slots=True)
class Selection:
    """The models of a prompt, each once, whatever names it has; at least one."""

    models: tuple[ModelChoice, ...]
    in_use: ModelChoice
    _catalogue: Catalogue

    @classmethod
    def of(cls, prompt: Prompt, catalogue: Catalogue, default_model: str, chosen: str | None) -> "Selection":
        """Return what a prompt allows; a choice that it does not allow any more is ignored.

        The prompt's own model belongs to it even if the prompt does not list it: people must be able to return.
        """

        def known(name: str) -> ModelChoice:
            return catalogue.choice(replace(prompt.model, name=name))

        own = known(prompt.model.name or default_model)
        listed = {_identity(model): model for model in map(known, prompt.models)}
        every = listed if _identity(own) in listed else {_identity(own): own, **listed}
        in_use = every.get(_identity(known(chosen)), own) if chosen else own
        return cls(tuple(every.values()), in_use, catalogue)

    def find(self, words: str) -> ModelChoice | None:
        """Return the model that somebody means, by any of its names or by its title; None: none of these."""
        spec = self._catalogue.find(words)
        meant = _identity(ModelChoice(words, spec=spec))
        return next((one for one in self.models if _identity(one) == meant or _is_called(one, words)), None)

    def is_in_use(self, model: ModelChoice) -> bool:
        """Whether this one answers."""
        return _identity(model) == _identity(self.in_use)


def _identity(model: ModelChoice) -> tuple[str, str]:
    """Return what tells a model from all others: not its name, because it may have several."""
    return model.label.lower(), model.tuning


def _is_called(model: ModelChoice, words: str) -> bool:
    titles = (model.title_for(language) for language in LANGUAGES)
    return words.lower() in {title.lower() for title in titles}
