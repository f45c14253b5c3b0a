"""What is told of the accounts: who bears the same name is told apart."""

from pathlib import Path

from bot.accounts import Entry
from bot.promptbook import PromptBook
from bot.texts import ENGLISH
from bot.types import Work
from handlers.usage import Report


def an_entry(person_id: int, rub: float) -> Entry:
    return Entry(person_id, "assistant", "lite", Work.TEXT, 1, 1, 1, rub)


def test_namesakes_are_told_apart(tmp_path: Path) -> None:
    report = Report(ENGLISH.usage, "en", PromptBook(tmp_path), {1: "Anna", 2: "Anna", 3: "Boris"})
    month = [an_entry(1, 1), an_entry(2, 2), an_entry(3, 3), an_entry(1, 4)]

    lines = report.text([month] * 3, is_everybody=True).splitlines()

    people = [line.partition(":")[0] for line in lines[lines.index(ENGLISH.usage.by_person) + 1 :]]
    assert people[:3] == ["• Anna (1)", "• Boris", "• Anna (2)"]
