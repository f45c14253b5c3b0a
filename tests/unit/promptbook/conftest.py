"""A folder of prompts to write in, and the book made of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from bot.errors import ConfigError
from bot.promptbook import Prompt, PromptBook

MONDAY = datetime(2026, 11, 23, 12, 7, tzinfo=UTC)


@dataclass
class Desk:
    """A folder of prompts in which `good.yaml` is the default and nothing is wrong."""

    folder: Path

    def write(self, name: str, text: str | bytes) -> Path:
        file = self.folder / name
        file.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
        return file

    def book(self, default: str = "good") -> PromptBook:
        return PromptBook(self.folder, default, "Europe/Moscow", clock=MONDAY.timestamp)

    def loaded(self) -> PromptBook:
        book = self.book()
        book.load()
        return book

    def prompt(self, text: str) -> Prompt:
        """Write one more prompt and return it as the book has it."""
        self.write("it.yaml", text)
        return self.loaded().get("it")

    def told(self, default: str = "good") -> list[str]:
        """Every problem as `file:line:column: message`; an empty list if there are none."""
        try:
            self.book(default).load()
        except ConfigError as error:
            return [str(problem).removeprefix(f"{self.folder}/") for problem in error.problems]
        return []

    def told_of(self, text: str | bytes) -> list[str]:
        """Every problem in one file, as `line:column: message`."""
        self.write("it.yaml", text)
        return [problem.removeprefix("it.yaml:") for problem in self.told()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.write("good.yaml", "system: Be kind.\n")
    return desk
