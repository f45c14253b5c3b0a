"""One file of the promptbook as plain data, with the place of every key and value.

YAML is read a little more narrowly than it could be: keys are taken as they are written (`no:` is the key
"no"), dates stay text, and tags such as `!!python/name` are refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

from bot.errors import Problem
from bot.promptbook.mistakes import BRACES
from bot.promptbook.syntax import position

Loc = tuple[str | int, ...]
"""The way to a value: keys of mappings and indexes of lists."""

TAG = "tag:yaml.org,2002:"
"""What the tags of YAML's own types begin with."""

_TYPED = {f"{TAG}{name}" for name in ("null", "bool", "int", "float")}
_KNOWN = _TYPED | {f"{TAG}{name}" for name in ("str", "timestamp", "merge", "value", "map", "seq")}
_SURROGATE = re.compile("[\ud800-\udfff]")
_DOUBLED_QUOTES = {'"': r"\"", "'": "''"}


@dataclass(frozen=True, slots=True)
class Source:
    """A text in its place in a file, so that a place in the text can be told as a place in the file.

    `layout` has the text on the very lines and columns where the file has it, and blanks before it.
    """

    file: Path
    line: int
    column: int
    layout: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file that holds a mapping."""

    file: Path
    text: str
    root: yaml.MappingNode

    def data(self) -> dict[str, Any]:
        """Return the content; of a key written twice, the first value."""
        return _mapping(self.root)

    def node(self, loc: Loc) -> yaml.Node:
        """Return the value at the end of the way; steps that do not exist are passed over."""
        return self._entry(loc)[1]

    def problem(self, loc: Loc, message: str, *, at_key: bool = False) -> Problem:
        """Place a message at a value, or at its key."""
        key, value = self._entry(loc)
        return self._problem_at(key if at_key else value, message)

    def source(self, loc: Loc) -> Source:
        """Return the text at the end of the way, in its place."""
        node = self.node(loc)
        line, column = position(self.text, node.start_mark.index)
        return Source(self.file, line, column, _layout(self.text, node))

    def faults(self) -> Iterator[Problem]:
        """Yield what YAML allows and a prompt does not: keys written twice, keys that are no text, tags."""
        for node in _nodes(self.root):
            if node.tag not in _KNOWN:
                yield self._problem_at(node, f"tags such as {node.tag.replace(TAG, '!!')} are not used here")
            if isinstance(node, yaml.MappingNode):
                yield from self._faults_of_keys(node)
            elif isinstance(node, yaml.ScalarNode) and _SURROGATE.search(node.value):
                yield self._problem_at(node, r"half a character: write the emoji itself instead of \ud83d…")

    def _faults_of_keys(self, mapping: yaml.MappingNode) -> Iterator[Problem]:
        first: dict[str, int] = {}
        for key, value in mapping.value:
            if not isinstance(key, yaml.ScalarNode):
                yield self._problem_at(mapping, _odd_key(key))
            elif _is_rest_of_text(mapping, value):
                yield self._problem_at(key, "a comma between { and } ends a text: put it all in quotes")
            elif first.setdefault(key.value, key.start_mark.index) != key.start_mark.index:
                line, _ = position(self.text, first[key.value])
                yield self._problem_at(key, f"key {key.value!r} is written twice; first on line {line}")

    def _entry(self, loc: Loc) -> tuple[yaml.Node, yaml.Node]:
        entry: tuple[yaml.Node, yaml.Node] = (self.root, self.root)
        for step in loc:
            entry = _child(entry[1], step) or entry
        return entry

    def _problem_at(self, node: yaml.Node, message: str) -> Problem:
        return Problem(self.file, *position(self.text, node.start_mark.index), message)


def _nodes(node: yaml.Node) -> Iterator[yaml.Node]:
    """Yield a value and all that is in it; keys that are no words are told of as such, not looked into."""
    yield node
    match node:
        case yaml.SequenceNode():
            within = node.value
        case yaml.MappingNode():
            within = [part for pair in node.value if isinstance(pair[0], yaml.ScalarNode) for part in pair]
        case _:
            within = []
    for part in within:
        yield from _nodes(part)


def _odd_key(key: yaml.Node) -> str:
    if isinstance(key, yaml.MappingNode) and key.flow_style:
        return BRACES.format("{{")
    return "expected keys that are plain words"


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next((pair for pair in node.value if _is_key(pair[0], step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return node.value[step], node.value[step]
    return None


def _is_key(node: yaml.Node, step: str | int) -> bool:
    return isinstance(node, yaml.ScalarNode) and bool(node.value == step)


def _mapping(node: yaml.MappingNode) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode) and not _is_rest_of_text(node, value):
            said.setdefault(key.value, _plain(value))
    return said


def _is_rest_of_text(mapping: yaml.MappingNode, value: yaml.Node) -> bool:
    """Whether a key without a value is what follows a comma: `{en: Hello, stranger}`."""
    return bool(mapping.flow_style) and value.value == "" and value.tag == f"{TAG}null"


def _plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    if node.tag not in _TYPED:
        return node.value
    try:
        return SafeConstructor.yaml_constructors[node.tag](SafeConstructor(), node)
    except (
        ValueError,
        OverflowError,
        LookupError,
    ):  # because YAML takes `0b_` for a number, `!!bool x` for a bool, a bare `!!int` too
        return node.value


def _layout(text: str, node: yaml.Node) -> str:
    """Blank everything before the text, and what is written only for YAML's sake, without moving anything."""
    start, end = node.start_mark.index, node.end_mark.index
    style = getattr(node, "style", None)
    if style in ("|", ">"):
        start = text.find("\n", start, end) + 1 or end
    line, column = position(text, start)
    content = text[start:end].rstrip()
    if style in _DOUBLED_QUOTES:
        content = f" {content[1:-1]}".replace(_DOUBLED_QUOTES[style], f" {style}")
    return "\n" * (line - 1) + " " * (column - 1) + content
