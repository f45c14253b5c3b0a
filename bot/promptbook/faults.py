"""Mistakes in a template are found when its file is read, on their lines of the file, not when a person asks.

Names and filters are looked up in every branch, and the template is rendered with every sample of values. All
of it happens twice: on the text itself, and on its layout in the file, from which the places come.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError, meta, nodes

from bot.errors import Problem
from bot.promptbook.nearest import advice
from bot.promptbook.syntax import position
from bot.promptbook.template import Failure, Template, attempt, environment

_OPENING = re.compile(r"\{[{%#]")
_TAG = re.compile(r"\{[{%].*?(?:[}%]\}|$)", re.MULTILINE)
_BLOCK = re.compile(r"\{%[-+]?\s*(end)?(if|for|macro|call|filter|with|block)\b")
_INCLUSIONS = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)


Samples = Sequence[Mapping[str, Any]]
"""Values of every kind, by the names that a template may use: each has all of these names."""


def problems(template: Template, samples: Samples) -> list[Problem]:
    """Return all that is wrong with a template."""
    source = template.source
    faults = _faults(template.text, samples)
    placed = _faults(source.layout, samples) if faults else []
    if placed:
        return [Problem(source.file, fault.line, fault.column, fault.message) for fault in placed]
    return [Problem(source.file, source.line, source.column, fault.message) for fault in faults]


@dataclass(frozen=True, slots=True)
class _Fault:
    """A mistake by its place in a text; a column of 0: unknown."""

    line: int
    column: int
    message: str


def _faults(text: str, samples: Samples) -> list[_Fault]:
    try:
        found = list(_unknowns(text, frozenset(samples[0])))
    except (
        TemplateError,
        ValueError,
        RecursionError,
    ) as error:  # because endless numbers and brackets are Python's
        return [_syntax(text, error)]
    return found or list(_failures(text, samples))


def uses(text: str, name: str) -> bool:
    """Whether a template has this variable; one that cannot be read is no matter of this."""
    try:
        return name in meta.find_undeclared_variables(environment().parse(text))
    except (TemplateError, ValueError, RecursionError):
        return True


def _unknowns(text: str, known: frozenset[str]) -> Iterator[_Fault]:
    tree = environment().parse(text)
    for inclusion in tree.find_all(_INCLUSIONS):
        yield _Fault(inclusion.lineno, 0, "a template cannot include others here; a prompt can, with 'extends'")
    yield from _unknown_functions(text, tree)
    unknown = meta.find_undeclared_variables(tree) - known
    seen = {(node.lineno, node.name) for node in tree.find_all(nodes.Name) if node.name in unknown}
    for line, name in sorted(seen):
        yield _Fault(line, _column(text, line, name), f"undefined variable {name!r}; {advice(name, known)}")


def _unknown_functions(text: str, tree: nodes.Template) -> Iterator[_Fault]:
    """Yield unknown filters and tests, and put a known one in their place, which the search for names needs."""
    for kind, known, harmless in (
        (nodes.Filter, environment().filters, "string"),
        (nodes.Test, environment().tests, "defined"),
    ):
        for node in list(tree.find_all(kind)):
            if node.name not in known:
                place = _column(text, node.lineno, node.name)
                word = kind.__name__.lower()
                yield _Fault(node.lineno, place, f"unknown {word} {node.name!r}; {advice(node.name, known)}")
                node.name = harmless


def _failures(text: str, samples: Samples) -> Iterator[_Fault]:
    for variables in samples:
        outcome = attempt(text, variables)
        if isinstance(outcome, Failure):
            yield _Fault(outcome.line or position(text, _last_opening(text, None))[0], 0, outcome.message)
            return


def _syntax(text: str, error: Exception) -> _Fault:
    """Blame the tag in which the parser gave up, or the block that was never closed."""
    message = str(getattr(error, "message", "")) or str(error) or type(error).__name__
    is_open = message.startswith("Unexpected end of template")
    index = _unclosed(text) if is_open else _last_opening(text, getattr(error, "lineno", None))
    line, column = position(text, index)
    is_alone = len(_OPENING.findall(_line(text, line))) == 1
    return _Fault(line, column if is_alone else 0, f"template syntax: {message}")


def _last_opening(text: str, line: int | None) -> int:
    """Return where the last tag begins that begins on this line or before."""
    lines = text.split("\n")[:line]
    openings = _OPENING.finditer("\n".join(lines))
    return max((opening.start() for opening in openings), default=0)


def _unclosed(text: str) -> int:
    """Return where the innermost block begins that has no end."""
    open_blocks: list[int] = []
    for block in _BLOCK.finditer(text):
        if block[1]:
            del open_blocks[-1:]
        else:
            open_blocks.append(block.start())
    return open_blocks[-1] if open_blocks else _last_opening(text, None)


def _column(text: str, line: int, name: str) -> int:
    """Return where the name stands in a tag of this line; 0: in none that begins and ends there."""
    for tag in _TAG.finditer(_line(text, line)):
        if word := re.search(rf"\b{re.escape(name)}\b", tag[0]):
            return tag.start() + word.start() + 1
    return 0


def _line(text: str, number: int) -> str:
    return text.split("\n")[number - 1]
