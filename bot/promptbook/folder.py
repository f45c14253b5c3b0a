"""The folder of prompts on the disk: which files count, what is in them, and whether somebody touched them."""

import time
from pathlib import Path

from bot.errors import Problem

Content = bytes | Problem
"""What is in a file, or why that cannot be known."""

Stamps = dict[Path, tuple[int, ...]]
"""What the file system says of each file; equal stamps mean untouched files, once they have settled."""

_SUFFIXES = (".yaml", ".yml")
_TICK_NS = 100_000_000


def stamps(folder: Path) -> Stamps:
    """Return the stamps of the prompts' files, sorted by name; none if there is no such folder.

    Hidden files do not count: editors keep their own there.
    """
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in _SUFFIXES)
    except OSError:
        return {}
    return {file: _stamp(file) for file in files if not file.name.startswith(".") and not file.is_dir()}


def contents(files: Stamps) -> dict[Path, Content]:
    """Read the files."""
    return {file: _content(file) for file in files}


def have_settled(files: Stamps) -> bool:
    """Whether another edit would show: within one tick of the file system's clock, two edits bear one stamp."""
    before = time.time_ns() - _TICK_NS
    return all(moment < before for stamp in files.values() for moment in stamp[:2])


def _stamp(file: Path) -> tuple[int, ...]:
    try:
        stat = file.stat()
    except OSError:
        return ()
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino


def _content(file: Path) -> Content:
    try:
        return file.read_bytes()
    except OSError as error:
        return Problem(file, 0, 0, f"cannot be read: {error.strerror}")
