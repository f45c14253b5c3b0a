"""The bytes of a file become YAML nodes, or sentences about why they cannot.

After a mistake that can be seen past, such as a tab or a byte that is not UTF-8, reading goes on, so that the
operator learns of all mistakes in the file at once. Aliases and deep nesting are refused: a prompt needs
neither, and both can make a small file endless.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from bot.errors import Problem
from bot.promptbook.mistakes import mistake

DEEPEST = 12
_TAB_WIDTHS = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of one file: `root` is None if nothing was."""

    text: str
    r"""With `\n` for every end of a line."""
    root: yaml.Node | None
    problems: tuple[Problem, ...]


def read(file: Path, raw: bytes) -> Reading:
    """Read a file as far as it goes."""
    text, foreign = _decoded(file, raw)
    try:
        return Reading(text, _composed(text), foreign)
    except yaml.YAMLError as error:
        index, message = mistake(text, error)
    problems = foreign or (Problem(file, *position(text, index), message),)
    if text[index : index + 1] == "\t":
        return _without_tabs(text, problems)
    return Reading(text, None, problems)


def position(text: str, index: int) -> tuple[int, int]:
    r"""Return line and column, from 1, as an editor counts them: only `\n` ends a line."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _decoded(file: Path, raw: bytes) -> tuple[str, tuple[Problem, ...]]:
    try:
        return _tidied(raw.decode()), ()
    except UnicodeDecodeError as error:
        before = _tidied(raw[: error.start].decode())
        message = f"not UTF-8: byte 0x{raw[error.start]:02X}; save the file in UTF-8"
        problem = Problem(file, *position(before, len(before)), message)
        return _tidied(raw.decode(errors="replace")), (problem,)


def _tidied(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


class _Composer(yaml.SafeLoader):
    """Builds nodes with their places, and only as deep as a prompt can be."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose one node and what is in it."""
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        mark = cast("yaml.error.Mark", event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            message = (
                f"aliases such as *{event.anchor} are not used here: write the value again, or use 'extends'"
            )
            raise yaml.MarkedYAMLError(problem=message, problem_mark=mark)
        if self._depth == DEEPEST:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _composed(text: str) -> yaml.Node | None:
    composer = _Composer(text)
    try:
        return composer.get_single_node()
    except (
        ValueError,
        OverflowError,
    ) as error:  # because PyYAML lets the likes of "\UFFFFFFFF" through to chr()
        raise yaml.MarkedYAMLError(problem=str(error), problem_mark=composer.get_mark()) from error
    finally:
        composer.dispose()


def _without_tabs(text: str, problems: tuple[Problem, ...]) -> Reading:
    """Read on as if the tabs were spaces, in whichever width makes sense of the file."""
    for width in _TAB_WIDTHS:
        spaced = text.replace("\t", " " * width)
        try:
            return Reading(spaced, _composed(spaced), problems)
        except yaml.YAMLError:
            continue
    return Reading(text, None, problems)
