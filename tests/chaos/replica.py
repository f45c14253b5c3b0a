"""A process of the bot that is killed and started again, each time under a new name."""

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.process import ROOT


class Replica:
    """A process and its successors; what they log goes to `folder`, a file for each.

    `env` holds addresses in which `NAME` stands for the name of the process; `program` is what Python is told.
    """

    def __init__(self, place: str, env: Mapping[str, str], folder: Path, program: Sequence[str]) -> None:
        self._place = place
        self._env = env
        self._folder = folder
        self._program = program
        self._starts = 0
        self._process: Process | None = None
        self._is_wanted = False

    @property
    def name(self) -> str:
        """Of the process that runs now, or ran last."""
        return f"{self._place}{self._starts}"

    @property
    def is_running(self) -> bool:
        """Whether there is a process, which may have been asked to end."""
        return self._process is not None and self._process.returncode is None

    @property
    def has_quit(self) -> bool:
        """Whether the process has ended though nobody ended it."""
        return self._is_wanted and not self.is_running

    async def start(self) -> None:
        """Start a process; it takes seconds before it works."""
        self._starts += 1
        env = {key: text.replace("NAME", self.name) for key, text in self._env.items()}
        with (self._folder / f"{self.name}.log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *self._program, cwd=self._folder, env=env | {"PYTHONPATH": str(ROOT)},
                stdout=log, stderr=log,
            )  # fmt: skip
        self._is_wanted = True

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        self._is_wanted = False
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def ended(self) -> int:
        """Wait for its end and return its exit code."""
        return await self._process.wait() if self._process else 0
