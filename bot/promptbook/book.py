"""The prompts, styles, classifiers and models in force: the last good state of the folder.

It is looked at again before every turn.

Whatever an operator saves is used for the very next answer. If it is broken, the last good set stays in force,
the problems can be read here, and the log hears of them once per edit.
"""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from bot.errors import ConfigError, Problem
from bot.promptbook import folder as disk
from bot.promptbook.catalogue import Catalogue
from bot.promptbook.classifier import Classifier
from bot.promptbook.facts import Facts
from bot.promptbook.prompt import Prompt
from bot.promptbook.selection import Selection
from bot.promptbook.shelf import Shelf, shelved, shipped_catalogue
from bot.promptbook.style import Style
from bot.types import Person

_log = structlog.get_logger(__name__)


class PromptBook:
    """A folder of prompts, one of which is the default; `load` it before use."""

    def __init__(
        self,
        folder: Path,
        default: str = "assistant",
        timezone: str = "Europe/Moscow",
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._default = default
        self._zone = ZoneInfo(timezone)
        self._clock = clock
        self._shelf = Shelf()
        self._problems: tuple[Problem, ...] = ()
        self._stamps: disk.Stamps = {}
        self._contents: dict[Path, disk.Content] | None = None
        self._has_settled = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all prompts, hidden ones too, in the order of their files."""
        return tuple(self._shelf.prompts)

    @property
    def catalogue(self) -> Catalogue:
        """The list of models; that which the bot comes with, if the folder has none."""
        return self._shelf.catalogue if self._shelf.catalogue.specs else shipped_catalogue()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the files as they are now; empty: the prompts in force are those on the disk."""
        return self._problems

    def load(self) -> None:
        """Read everything.

        Raises:
            ConfigError: with all problems of all files; the prompts in force, if any, stay so.
        """
        self._contents = None
        self._read()

    def refresh(self) -> bool:
        """Read what was edited since; return whether other prompts are in force now. Never raises."""
        if self._has_settled and disk.stamps(self._folder) == self._stamps:
            return False
        try:
            is_new = self._read()
        except ConfigError as error:
            _log.warning("prompts_broken", problems=[str(problem) for problem in error.problems])
            return False
        if is_new:
            _log.info("prompts_reloaded", names=list(self.names))
        return is_new

    def get(self, name: str | None = None) -> Prompt:
        """Return the prompt of this name, or the default one if there is none."""
        prompts = self._shelf.prompts
        return prompts.get(name or self._default) or prompts[self._default]

    def menu(self) -> tuple[Prompt, ...]:
        """Return the prompts to choose from: the default first, then in the order of their files."""
        shown = (prompt for prompt in self._shelf.prompts.values() if not prompt.is_hidden)
        return tuple(sorted(shown, key=lambda prompt: prompt.name != self._default))

    def selection(self, prompt: Prompt, default_model: str, chosen: str | None = None) -> Selection:
        """Return the models that answer under a prompt, and the one that does if this one was chosen."""
        return Selection.of(prompt, self.catalogue, default_model, chosen)

    def style(self, name: str) -> Style | None:
        """Return the style of this name; None: there is none."""
        return self._shelf.styles.get(name)

    def styles(self) -> tuple[Style, ...]:
        """Return the styles to choose from, in the order of their files."""
        return tuple(style for style in self._shelf.styles.values() if not style.is_hidden)

    def classifier(self, name: str) -> Classifier | None:
        """Return the classifier of this name; None: there is none."""
        return self._shelf.classifiers.get(name)

    def classifiers(self) -> tuple[Classifier, ...]:
        """Return the classifiers to choose from, in the order of their files."""
        return tuple(one for one in self._shelf.classifiers.values() if not one.is_hidden)

    def facts(self, person: Person, *, bot_name: str, chat_title: str = "", is_group: bool = False) -> Facts:
        """Return what templates may know now; leave `chat_title` empty in private chats."""
        now = datetime.fromtimestamp(self._clock(), self._zone)
        return Facts.at(now, person, bot_name=bot_name, chat_title=chat_title, is_group=is_group)

    def _read(self) -> bool:
        """Put the files in force; return False if they are the very same as before."""
        self._stamps = disk.stamps(self._folder)
        self._has_settled = disk.have_settled(self._stamps)
        contents = disk.contents(self._stamps)
        if contents == self._contents:
            return False
        self._contents = contents
        try:
            self._shelf = shelved(contents, self._folder, self._default)
        except ConfigError as error:
            self._problems = error.problems
            raise
        self._problems = ()
        return True
