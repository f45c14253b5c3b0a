"""A stage for the page's tests: the small world, an inspector, a shelf of prompts, and a turn to inspect."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.errors import Problem, StoreError
from bot.sandbox.page.cast import Cast, default_cast
from bot.sandbox.page.inspector import Inspector
from bot.sandbox.page.play import Play
from bot.sandbox.page.stage import Cover, Pace
from bot.types import Ask, ConversationKey, DialogueKey, Example, ModelChoice, Person, Turn, TurnTrace, Usage
from tests.tools.page_world import PageWorld

ANNA, BEN = 1001, 1002
BROKEN = Problem(Path("prompts/assistant.yaml"), 4, 3, "unknown key 'temprature'")


@dataclass
class Shelf:
    """Prompts that a test may break and mend."""

    problems: tuple[Problem, ...] = ()
    prompts: list[Cover] = field(
        default_factory=lambda: [
            cover("assistant", "Companion", "Собеседник", "What is a jay?"),
            cover("translator", "Translator", "Переводчик"),
        ]
    )
    chosen: dict[tuple[int, int | None], str] = field(default_factory=dict)
    folder: str = "prompts"
    is_away: bool = False

    def menu(self) -> list[Cover]:
        return self.prompts

    async def prompt_of(self, chat_id: int, topic_id: int | None) -> str:
        if self.is_away:
            raise StoreError("connection refused")
        return self.chosen.get((chat_id, topic_id), self.prompts[0].name)


def cover(name: str, english: str, russian: str, *starters: str) -> Cover:
    """Return the cover of a prompt; whatever is not its title reads the same in every language."""
    both = {"ru": starters, "en": starters}
    return Cover(name, {"en": english, "ru": russian}, {"en": f"{english}!", "ru": f"{russian}!"}, both)


@dataclass
class Dial:
    """The pace of a stand-in model."""

    tokens_per_second: float = 20.0
    turned: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def pace(self) -> Pace:
        return Pace(lambda: self.tokens_per_second, self.turn)

    def turn(self, tokens_per_second: float) -> None:
        self.tokens_per_second = tokens_per_second
        self.turned.set()


class Stage:
    """Everything a page shows, in the hands of the test."""

    def __init__(self, *, is_stand_in: bool = True, **parts: Any) -> None:
        self.cast: Cast = default_cast()
        self.world = PageWorld(self.cast)
        self.inspector = Inspector()
        self.shelf = Shelf()
        self.dial = Dial()
        pace = self.dial.pace if is_stand_in else None
        parts = {"files": self.world.file, **parts}
        self.play = Play(self.world, self.cast, self.inspector, self.shelf, "yandexgpt/latest", pace, **parts)

    @property
    def group_id(self) -> int:
        return self.cast.groups[0].chat_id


def turn_trace(chat_id: int, *message_ids: int, **changes: Any) -> TurnTrace:
    """Return a turn in which everything is set; `changes` replace fields."""
    ask = Ask(
        ModelChoice("yandexgpt/latest", 0.3, 500),
        "And a sparrow?",
        "You are a talking bird.",
        (Example("Who are you?", "A bird."),),
        (Turn("What is a jay?", "A bird in **blue**.", 100.0, 12),),
    )
    fields: dict[str, Any] = {
        "dialogue": DialogueKey(ConversationKey(7000001, chat_id), "assistant"),
        "person": Person(BEN, "Ben", "en"),
        "message_ids": message_ids,
        "ask": ask,
        "answer": "A bird in **brown**.",
        "outcome": "complete",
        "usage": Usage(120, 30, 10),
        "first_text_s": 0.5,
        "total_s": 2.25,
        "asked_at": 200.0,
        "model_version": "23.10.2026",
    }
    return TurnTrace(**{**fields, **changes})
