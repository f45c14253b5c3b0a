"""What pydantic found wrong, in sentences with places: what was expected, what is there, what was meant."""

from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.errors import Problem
from bot.promptbook.document import TAG, Document, Loc
from bot.promptbook.localized import LANGUAGES
from bot.promptbook.nearest import advice, nearest
from bot.promptbook.schema import SECTIONS, TEMPLATED, UNKNOWN_WORD, PromptFile, Section

_LONGEST = 40
_KINDS = {f"{TAG}bool": "the boolean ", f"{TAG}int": "the number ", f"{TAG}float": "the number "}


def validated(document: Document) -> tuple[dict[str, Any], list[Problem]]:
    """Return the fields that the file gives, checked, or else every reason why they cannot be used."""
    try:
        return PromptFile.model_validate(document.data()).model_dump(exclude_unset=True), []
    except ValidationError as error:
        return {}, list(_problems(document, error))


def _problems(document: Document, error: ValidationError) -> Iterator[Problem]:
    for detail in error.errors(include_url=False, include_input=False):
        match detail["type"], detail["loc"]:
            case ("extra_forbidden", loc) | ("literal_error", (*loc, "[key]")):
                yield document.problem(tuple(loc), _unknown_key(tuple(loc)), at_key=True)
            case "missing", loc:
                yield document.problem(loc, f"{loc[-1]!r} is missing")
            case kind, loc if kind == TEMPLATED:
                yield document.problem(loc, f"{_field(loc)[1]}: {detail['msg']}")
            case _:
                yield document.problem(detail["loc"], _wrong_value(document, detail))


def _unknown_key(loc: Loc) -> str:
    parent = _field(loc[:-1])[1]
    inside = f" in {parent!r}" if parent else ""
    return f"unknown key {loc[-1]!r}{inside}; {advice(str(loc[-1]), _known_keys(parent))}"


def _known_keys(parent: str) -> Iterable[str]:
    if not parent:
        return PromptFile.model_fields
    return SECTIONS[parent].model_fields if parent in SECTIONS else LANGUAGES


def _wrong_value(document: Document, detail: ErrorDetails) -> str:
    section, key = _field(detail["loc"])
    node = document.node(detail["loc"])
    got, expected = _described(node), section.model_fields[key].description
    return f"{key}: expected {expected}, got {got}{_hint(detail, node)}"


def _hint(detail: ErrorDetails, node: yaml.Node) -> str:
    """Return what the operator may have meant, as the end of the sentence; empty if nobody can tell."""
    if not isinstance(node, yaml.ScalarNode) or not node.value:
        return ""
    match detail["type"]:
        case "string_type":
            return "; put it in quotes"
        case kind if kind == UNKNOWN_WORD:
            meant = nearest(node.value, detail["ctx"]["known"])
            return f"; did you mean {meant!r}?" if meant else ""
    return ""


def _field(loc: Loc) -> tuple[type[Section], str]:
    """Return the innermost key of the way that the schema knows, and the mapping it stands in."""
    key = ""
    section: type[Section] = PromptFile
    inner = section
    for step in loc:
        if step in inner.model_fields:
            section, key = inner, str(step)
            inner = SECTIONS.get(key, inner)
    return section, key


def _described(node: yaml.Node) -> str:
    """Name a value as the operator sees it in the file."""
    match node:
        case yaml.MappingNode():
            return "a mapping"
        case yaml.SequenceNode():
            return f"a list of {len(node.value)}"
        case _ if not node.value:
            return "nothing"
    text = node.value if len(node.value) <= _LONGEST else f"{node.value[:_LONGEST]}…"
    return repr(text) if node.tag == f"{TAG}str" else f"{_KINDS.get(node.tag, '')}{text}"
