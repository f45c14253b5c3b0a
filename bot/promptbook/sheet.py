"""One file of the folder, judged by itself: what it says, what is wrong with it, and where.

A file with mistakes still has a name and a parent, as far as they can be read, so that its mistakes are not
reported a second time in the files that refer to it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.errors import Problem
from bot.promptbook import faults
from bot.promptbook.document import Document
from bot.promptbook.localized import LANGUAGES
from bot.promptbook.problems import validated
from bot.promptbook.schema import NAME, NAME_RULE
from bot.promptbook.syntax import Reading, read
from bot.promptbook.template import Template


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one file says."""

    file: Path
    problems: tuple[Problem, ...]
    document: Document | None = None
    said: dict[str, Any] = field(default_factory=dict)
    """The keys of the file, unchecked."""
    fields: dict[str, Any] = field(default_factory=dict)
    """The same, checked and in the schema's types; empty if there are problems."""

    @property
    def name(self) -> str:
        """The name that the file claims, as it is compared with others: in lower case."""
        return (self._word("name") or self.file.stem).lower()

    @property
    def is_named(self) -> bool:
        """Whether the name is written in the file, and not only on it."""
        return bool(self._word("name"))

    @property
    def parent(self) -> str:
        """The prompt that this one extends; empty: none."""
        return self._word("extends")

    def problem(self, key: str, message: str) -> Problem:
        """Place a message at the value of a key, or at the beginning of the file where there is no such key."""
        if self.document and key in self.said:
            return self.document.problem((key,), message)
        return Problem(self.file, 1, 1, message)

    def _word(self, key: str) -> str:
        word = self.said.get(key)
        return word if isinstance(word, str) else ""


def judged(file: Path, raw: bytes) -> Sheet:
    """Read a file and find everything that is wrong with it alone."""
    reading = read(file, raw)
    if isinstance(reading.root, yaml.MappingNode):
        return _judged(Document(file, reading.text, reading.root), reading.problems)
    return Sheet(file, reading.problems or (Problem(file, 1, 1, _no_mapping(reading)),))


def _judged(document: Document, known: tuple[Problem, ...]) -> Sheet:
    said = document.data()
    structural = [*known, *document.faults()]
    places = {(problem.line, problem.column) for problem in structural}
    fields, wrong = validated(document)
    templates = _templates(document, said.get("system"))
    found = [
        *structural,
        *(problem for problem in wrong if (problem.line, problem.column) not in places),
        *_odd_file_name(document.file, said),
        *(problem for template in templates.values() for problem in faults.problems(template)),
    ]
    if templates:
        fields["system"] = templates
    return Sheet(document.file, tuple(dict.fromkeys(found)), document, said, fields)


def _templates(document: Document, system: object) -> dict[str, Template]:
    texts = system if isinstance(system, dict) else dict.fromkeys(LANGUAGES, system)
    return {
        language: Template(text, document.source(("system", language)))
        for language, text in texts.items()
        if isinstance(text, str)
    }


def _odd_file_name(file: Path, said: dict[str, Any]) -> Iterator[Problem]:
    if "name" not in said and not re.fullmatch(NAME, file.stem.lower()):
        yield Problem(
            file, 1, 1, f"the file's name cannot name a prompt: expected {NAME_RULE}; or give it a 'name'"
        )


def _no_mapping(reading: Reading) -> str:
    if reading.root is None:
        return "the file is empty: expected keys such as 'title' and 'system'"
    kind = "a list" if isinstance(reading.root, yaml.SequenceNode) else "a text"
    return f"expected keys such as 'title' and 'system', got {kind}"
