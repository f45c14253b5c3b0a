"""What PyYAML complains about, in the words of an operator who has never read a grammar."""

import re

import yaml
from yaml.reader import ReaderError

_BARE_BRACES = re.compile(r"^\s*(?:- +)*(?:[\w-]+: +)?(\{[{%])")
_QUOTE_IT = "put the text in quotes, or on indented lines below 'key: |'"
BRACES = f"{{}} at the beginning of a value is YAML's own: {_QUOTE_IT}"
_SENTENCES = (
    ("mapping values are not allowed", f"': ' is not expected here: {_QUOTE_IT}, or check the indentation"),
    ("that cannot start any token", f"a text cannot begin with this character: {_QUOTE_IT}"),
    ("expected alphabetic or numeric character", f"a text cannot begin with this character: {_QUOTE_IT}"),
    ("sequence entries are not allowed", f"'- ' is not expected here: {_QUOTE_IT}, or begin a new line"),
    (
        "expected ',' or",
        f"a list in brackets needs commas between its texts, and ends with a bracket: {_QUOTE_IT}",
    ),
    (
        "expected <block end>",
        "this does not belong here: check the indentation and the quotes around this line",
    ),
    (
        "could not find expected ':'",
        "expected 'key: value': is this the rest of a text that should be indented?",
    ),
    ("unexpected end of stream", "this quote is never closed"),
    ("another document", "only one prompt in a file: '---' may not begin a second one"),
)
_BEGUN_EARLIER = ("could not find expected ':'", "unexpected end of stream", "expected ',' or ")


def mistake(text: str, error: yaml.YAMLError) -> tuple[int, str]:
    """Return where in the text the mistake is, as an index, and a sentence about it."""
    if isinstance(error, ReaderError):
        return error.position, f"the character U+{ord(text[error.position]):04X} is not allowed in YAML"
    marks = (getattr(error, "context_mark", None), getattr(error, "problem_mark", None))
    indexes = [mark.index for mark in marks if mark]
    for index in reversed(indexes):
        if found := _tab(text, index) or _bare_braces(text, index):
            return found
    problem = str(getattr(error, "problem", error))
    is_earlier = any(part in problem for part in _BEGUN_EARLIER)
    return indexes[0 if is_earlier else -1], _sentence(problem)


def _tab(text: str, index: int) -> tuple[int, str] | None:
    """A tab at this place, or in the indentation of its line."""
    indent = re.match(r" *\t", text[_line_start(text, index) :])
    if text[index : index + 1] != "\t" and not indent:
        return None
    place = index if not indent else _line_start(text, index) + indent.end() - 1
    return place, "a tab: YAML wants spaces; indent with two spaces (most editors can convert tabs)"


def _bare_braces(text: str, index: int) -> tuple[int, str] | None:
    """A template that stands where YAML sees the beginning of a mapping."""
    start = _line_start(text, index)
    braces = _BARE_BRACES.match(text[start:])
    if not braces:
        return None
    return start + braces.start(1), BRACES.format(braces[1])


def _sentence(problem: str) -> str:
    known = (sentence for part, sentence in _SENTENCES if part in problem)
    return next(known, problem)


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1
