"""A template: Jinja in a sandbox, with the variables that it is given and nothing else.

A value like any other: it can be compared, kept and rendered again; `faults.py` judges it when it is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import TracebackType
from typing import Any

from jinja2 import StrictUndefined
from jinja2 import Template as Compiled
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.errors import ConfigError, Problem
from bot.promptbook.document import Source


@dataclass(frozen=True, slots=True)
class Template:
    """A text with variables, and where it was written."""

    text: str
    source: Source

    def render(self, variables: Mapping[str, Any]) -> str:
        """Return the text for this moment, without blanks around it.

        Raises:
            ConfigError: the template cannot be rendered with these values.
        """
        failure = attempt(self.text, variables)
        if isinstance(failure, str):
            return failure
        place = attempt(self.source.layout, variables)
        line = self.source.line if isinstance(place, str) else place.line
        raise ConfigError(Problem(self.source.file, line, 0, failure.message)) from failure.error


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a text could not be rendered, and on which of its lines; 0: unknown."""

    line: int
    message: str
    error: Exception


def attempt(text: str, variables: Mapping[str, Any]) -> str | Failure:
    """Render a text; a template may fail with whatever Python can raise."""
    try:
        return _compiled(text).render(variables).strip()
    except Exception as error:  # noqa: BLE001 - the operator's own code runs here, if only in a sandbox
        message = f"the template cannot be rendered: {str(error) or type(error).__name__}"
        return Failure(_line(error.__traceback__), message, error)


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """Return the sandbox: lines that hold only a tag vanish, unknown names fail, and there are no globals."""
    sandbox = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # because the text goes to a model, not to a browser
    )
    sandbox.globals.clear()
    return sandbox


@lru_cache(maxsize=256)
def _compiled(text: str) -> Compiled:
    return environment().from_string(text)


def _line(traceback: TracebackType | None) -> int:
    """Return the deepest line of the template itself; Jinja puts its lines into tracebacks."""
    line = 0
    while traceback:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
