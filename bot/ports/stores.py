"""Sockets for what outlives a process: dialogues, pictures, verdicts, choices and costs."""

from typing import Protocol

from bot.types import ConversationKey, DialogueKey, Drawing, Exchange, Expense, Picture, Turn, Verdict, Window


class HistoryStore(Protocol):
    """What was said, one dialogue at a time. The cost of a turn does not grow with the dialogue.

    Every method raises `StoreError` if the store is away.
    """

    async def load(
        self, dialogue: DialogueKey, window: Window, *, now: float, without: str = ""
    ) -> tuple[Turn, ...]:
        """Return the newest turns that fit the window together, oldest first.

        A gap between two neighbours, or between the newest and `now`, of more than `idle_reset_s` ends the
        window there. The turn whose `turn_id` is `without` counts as if it had never been.
        """
        ...

    async def append(self, dialogue: DialogueKey, turn: Turn, *, turn_id: str, instead_of: str = "") -> None:
        """Add a turn, all or nothing; the same `turn_id` again changes nothing.

        If the newest turn is the one whose `turn_id` is `instead_of`, it is replaced in the same step.
        """
        ...

    async def undo(self, dialogue: DialogueKey) -> Turn | None:
        """Take the newest turn back and return it; None if there is none."""
        ...

    async def forget(self, dialogue: DialogueKey) -> None:
        """Delete the dialogue."""
        ...


class Exchanges(Protocol):
    """The newest question of each conversation and what became of it, so that it can be answered again.

    Every method raises `StoreError` if the store is away.
    """

    async def newest(self, conversation: ConversationKey) -> Exchange | None:
        """Return it; None if nothing was asked for long, or the dialogue was forgotten."""
        ...

    async def keep(self, conversation: ConversationKey, exchange: Exchange) -> None:
        """Remember it in place of the one before."""
        ...

    async def drop(self, conversation: ConversationKey) -> None:
        """Forget it."""
        ...


class PromptChoices(Protocol):
    """Which prompt and which model answer where; every method raises `StoreError` if the store is away."""

    async def prompt_of(self, conversation: ConversationKey) -> str | None:
        """Return the name that was chosen; None: none was."""
        ...

    async def choose_prompt(self, conversation: ConversationKey, name: str) -> None:
        """Use this prompt from now on."""
        ...

    async def model_of(self, dialogue: DialogueKey) -> str | None:
        """Return the name of the model that was chosen; None: none was. It may be allowed no more."""
        ...

    async def choose_model(self, dialogue: DialogueKey, name: str) -> None:
        """Use this model under this prompt from now on."""
        ...


class StyleChoices(Protocol):
    """In which style pictures are drawn where; every method raises `StoreError` if the store is away."""

    async def style_of(self, conversation: ConversationKey) -> str | None:
        """Return the name that was chosen; None: none was."""
        ...

    async def choose_style(self, conversation: ConversationKey, name: str) -> None:
        """Use this style from now on; an empty name: none."""
        ...


class ClassifierChoices(Protocol):
    """Which classifier people chose where; every method raises `StoreError` if the store is away."""

    async def classifier_of(self, conversation: ConversationKey) -> str | None:
        """Return the name that was chosen; None: none was."""
        ...

    async def choose_classifier(self, conversation: ConversationKey, name: str) -> None:
        """Use this classifier from now on."""
        ...


class Drawings(Protocol):
    """What is known of pictures; every method raises `StoreError` if the store is away."""

    async def find(self, drawing_id: str) -> Drawing | None:
        """Return it; None: nobody has begun it, or it is forgotten."""
        ...

    async def keep(self, drawing: Drawing, picture: Picture | None = None) -> None:
        """Remember it; with a picture, that too for a while, because nobody else has it."""
        ...

    async def picture(self, drawing_id: str) -> Picture | None:
        """Return the picture that was kept."""
        ...


class Verdicts(Protocol):
    """What piles of texts have brought so far, so that whoever takes one up again pays for nothing twice.

    Every method raises `StoreError` if the store is away.
    """

    async def begin(self, pile_id: str, classifier: str) -> tuple[str, dict[str, Verdict]]:
        """Begin a pile, or take it up: return its classifier, and the verdicts so far by the names of texts.

        The classifier is the one with which the pile was begun first.
        """
        ...

    async def keep(self, pile_id: str, name: str, verdict: Verdict) -> None:
        """Keep the verdict on a text."""
        ...

    async def conclude(self, pile_id: str) -> None:
        """Let the pile be forgotten soon, because it was delivered."""
        ...


class Photos(Protocol):
    """The pictures that people sent."""

    async def fetch(self, photo_id: str) -> Picture | None:
        """Return a picture as a model reads it, scaled down if need be; None: it cannot be had any more."""
        ...


class Accounts(Protocol):
    """What the operator has paid for, by person, prompt, model and day."""

    async def book(self, expense: Expense, *, expense_id: str) -> None:
        """Write an expense down; the same id again changes nothing.

        Raises:
            StoreError: the store is away.
        """
        ...


class Unbooked:
    """The accounts of whoever keeps none."""

    async def book(self, expense: Expense, *, expense_id: str) -> None:
        """Write nothing down."""
