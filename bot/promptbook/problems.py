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
from bot.promptbook.schema import TEMPLATED, UNKNOWN_WORD, File, Section

_LONGEST = 40
_KINDS = {f"{TAG}bool": "the boolean ", f"{TAG}int": "the number ", f"{TAG}float": "the number "}


def validated(document: Document, schema: type[File]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the fields that the file gives, checked, or else every reason why they cannot be used."""
    try:
        return schema.model_validate(document.data()).model_dump(exclude_unset=True), []
    except ValidationError as error:
        return {}, list(_Reader(document, schema).problems(error))


class _Reader:
    """Reads errors of pydantic beside the file that they are about."""

    def __init__(self, document: Document, schema: type[File]) -> None:
        self._document = document
        self._schema = schema

    def problems(self, error: ValidationError) -> Iterator[Problem]:
        document = self._document
        for detail in error.errors(include_url=False, include_input=False):
            match detail["type"], detail["loc"]:
                case ("extra_forbidden", loc) | ("literal_error", (*loc, "[key]")):
                    yield document.problem(tuple(loc), self._unknown_key(tuple(loc)), at_key=True)
                case "missing", loc:
                    yield document.problem(loc, f"{loc[-1]!r} is missing")
                case kind, loc if kind == TEMPLATED:
                    yield document.problem(loc, f"{self._field(loc)[1]}: {detail['msg']}")
                case _:
                    yield document.problem(detail["loc"], self._wrong_value(detail))

    def _unknown_key(self, loc: Loc) -> str:
        parent = self._field(loc[:-1])[1]
        inside = f" in {parent!r}" if parent else ""
        return f"unknown key {loc[-1]!r}{inside}; {advice(str(loc[-1]), self._known_keys(parent))}"

    def _known_keys(self, parent: str) -> Iterable[str]:
        if not parent:
            return self._schema.model_fields
        sections = self._schema.SECTIONS
        return sections[parent].model_fields if parent in sections else LANGUAGES

    def _wrong_value(self, detail: ErrorDetails) -> str:
        section, key = self._field(detail["loc"])
        node = self._document.node(detail["loc"])
        got, expected = _described(node), section.model_fields[key].description
        return f"{key}: expected {expected}, got {got}{_hint(detail, node)}"

    def _field(self, loc: Loc) -> tuple[type[Section], str]:
        """Return the innermost key of the way that the schema knows, and the mapping it stands in."""
        key = ""
        section: type[Section] = self._schema
        inner = section
        for step in loc:
            if step in inner.model_fields:
                section, key = inner, str(step)
                inner = self._schema.SECTIONS.get(key, inner)
        return section, key


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
