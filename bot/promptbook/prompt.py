"""A prompt as the rest of the house uses it: everything inherited, checked and ready to be asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.promptbook.facts import Facts
from bot.promptbook.localized import Localized
from bot.promptbook.template import Template
from bot.types import Ask, Example, Manner, Mode, ModelChoice, Turn, WhileBusy, Window


@dataclass(frozen=True, slots=True)
class Prompt:
    """One way to talk with a model. Texts that the operator left out are empty; the title is then the name."""

    name: str
    title: Localized[str]
    description: Localized[str]
    welcome: Localized[str]
    system: Localized[Template]
    model: ModelChoice
    """Its name is empty where the operator leaves the model to the settings."""
    examples: tuple[Example, ...]
    window: Window
    starters: Localized[tuple[str, ...]]
    manner: Manner = field(default_factory=Manner)
    """How its answers are delivered."""
    while_busy: WhileBusy | None = None
    """What happens to messages that come while an answer grows; None: what the operator has set for the bot."""
    models: tuple[str, ...] = ()
    """Models that people may choose from; none: there is no choice."""
    fallback: tuple[str, ...] = ()
    """Models that answer if the chosen one fails before its first piece, the first one first."""
    mode: Mode = Mode.SYNC
    is_hidden: bool = False
    """Kept out of the menu: made to be extended, or known to insiders."""

    def title_for(self, language: str) -> str:
        """Return the name on the menu."""
        return self.title.in_(language)

    def description_for(self, language: str) -> str:
        """Return one sentence for the menu; may be empty."""
        return self.description.in_(language)

    def welcome_for(self, language: str) -> str:
        """Return the first words to a person; may be empty."""
        return self.welcome.in_(language)

    def starters_for(self, language: str) -> tuple[str, ...]:
        """Return questions to begin with; may be none."""
        return self.starters.in_(language)

    def answered_by(self, model_name: str) -> "Prompt":
        """Return the same prompt with another model."""
        return replace(self, model=replace(self.model, name=model_name))

    def choice(self, default_model: str) -> ModelChoice:
        """Return the model that answers, and those that answer instead; they all write alike."""
        name = self.model.name or default_model
        others = (replace(self.model, name=other) for other in self.fallback if other != name)
        return replace(self.model, name=name, fallbacks=tuple(others))

    def ask(self, question: str, history: Sequence[Turn], facts: Facts, default_model: str) -> Ask:
        """Return all that the model gets, in the language of the facts.

        Raises:
            ConfigError: the system prompt cannot be rendered with these facts.
        """
        return Ask(
            model=self.choice(default_model),
            question=question,
            system=self.system.in_(facts.language).render(facts.variables()),
            examples=self.examples,
            history=tuple(history),
        )
