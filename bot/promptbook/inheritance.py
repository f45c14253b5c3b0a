"""What `extends` means: everything that a prompt does not say itself it has from its parent.

Mappings (model, history, texts by language) are inherited key by key, everything else as a whole. Names and
`hidden` are a prompt's own.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.errors import Problem
from bot.promptbook.nearest import advice
from bot.promptbook.sheet import Sheet

_OWN = ("name", "extends", "hidden")


def inherited(sheet: Sheet, sheets: Mapping[str, Sheet]) -> dict[str, Any]:
    """Return the fields of a prompt together with those of its ancestors."""
    fields: dict[str, Any] = {}
    for ancestor in reversed(list(lineage(sheet, sheets))):
        fields = _merged({key: fields[key] for key in fields if key not in _OWN}, ancestor.fields)
    return fields


def lineage(sheet: Sheet, sheets: Mapping[str, Sheet]) -> Iterator[Sheet]:
    """Yield a sheet, its parent, and so on, each once."""
    seen: set[str] = set()
    current: Sheet | None = sheet
    while current and current.name not in seen:
        seen.add(current.name)
        yield current
        current = sheets.get(current.parent)


def problems(claims: Iterable[Sheet], sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    """Yield what is wrong between the files: parents that are unknown, circles, nothing to say."""
    for sheet in claims:
        if sheet.parent and sheet.parent not in sheets:
            meant = advice(sheet.parent, sheets.keys() - {sheet.name})
            yield sheet.problem("extends", f"extends: unknown prompt {sheet.parent!r}; {meant}")
            continue
        line = list(lineage(sheet, sheets))
        if line[-1].parent == sheet.name:
            circle = " → ".join([*(ancestor.name for ancestor in line), sheet.name])
            yield sheet.problem("extends", f"'extends' goes round in a circle: {circle}")
        elif _is_speechless(line):
            yield sheet.problem("", "'system' is missing, the text that tells the model what to do")


def _is_speechless(line: list[Sheet]) -> bool:
    """Whether nobody in the line has a system prompt; mistakes in the line come first, as they may be why."""
    is_whole = not line[-1].parent and not any(sheet.problems for sheet in line)
    return is_whole and not line[0].said.get("hidden") and not any("system" in sheet.said for sheet in line)


def _merged(parent: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    merged = parent | child
    for key in parent.keys() & child.keys():
        if isinstance(parent[key], dict) and isinstance(child[key], dict):
            merged[key] = parent[key] | child[key]
    return merged
