"""One file of the folder, judged by itself: what it says, what is wrong with it, and where.

A file with mistakes still has a name and a parent, as far as they can be read, so that its mistakes are not
reported a second time in the files that refer to it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.errors import Problem
from bot.promptbook import faults
from bot.promptbook.checks import checked
from bot.promptbook.document import Document
from bot.promptbook.facts import Facts
from bot.promptbook.facts import samples as moments
from bot.promptbook.localized import LANGUAGES
from bot.promptbook.nearest import advice
from bot.promptbook.problems import validated
from bot.promptbook.schema import FILES, NAME, NAME_RULE
from bot.promptbook.style import samples as wishes
from bot.promptbook.syntax import Reading, read
from bot.promptbook.template import Template

PROMPT, IMAGE, CLASSIFIER, MODELS = FILES
"""The kinds of files."""
_TEMPLATES: dict[str, tuple[str, faults.Samples]] = {
    PROMPT: ("system", [*map(Facts.variables, moments())]),
    IMAGE: ("template", wishes()),
}
"""The key under which a kind of file has a template, and what is put into that."""


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
    def kind(self) -> str:
        """What the file says that it holds; a list of models need not say so if it is called that."""
        return self._word("kind") or (MODELS if self.file.stem.lower() == MODELS else PROMPT)

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


@lru_cache(maxsize=64)
def judged(file: Path, raw: bytes) -> Sheet:
    """Read a file and find everything that is wrong with it alone; what was read before costs nothing.

    Answers that grow wait meanwhile, so after an edit only one file is read.
    """
    reading = read(file, raw)
    if isinstance(reading.root, yaml.MappingNode):
        return _judged(Document(file, reading.text, reading.root), reading.problems)
    return Sheet(file, reading.problems or (Problem(file, 1, 1, _no_mapping(reading)),))


def _judged(document: Document, known: tuple[Problem, ...]) -> Sheet:
    said = document.data()
    kind = Sheet(document.file, (), document, said).kind
    structural = [*known, *document.faults()]
    if kind not in FILES:
        odd = f"kind: expected {', '.join(FILES)}, got {kind!r}; {advice(kind, FILES)}"
        return Sheet(document.file, (*structural, document.problem(("kind",), odd)), document, said)
    places = {(problem.line, problem.column) for problem in structural}
    fields, wrong = validated(document, FILES[kind])
    key, samples = _TEMPLATES.get(kind, ("", ()))
    templates = _templates(document, key, said.get(key))
    found = [
        *structural,
        *(problem for problem in wrong if (problem.line, problem.column) not in places),
        *(() if kind == MODELS else _odd_file_name(document.file, said)),
        *(problem for template in templates.values() for problem in faults.problems(template, samples)),
        *checked(kind, document, fields),
    ]
    if templates:
        fields[key] = templates
    return Sheet(document.file, tuple(dict.fromkeys(found)), document, said, fields)


def _templates(document: Document, key: str, said: object) -> dict[str, Template]:
    texts = said if isinstance(said, dict) else dict.fromkeys(LANGUAGES, said)
    return {
        language: Template(text, document.source((key, language)))
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
