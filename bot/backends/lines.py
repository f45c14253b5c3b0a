r"""A streamed body, cut into lines, and what a line carries.

Accepts newline-delimited JSON and server-sent events alike, because the framing of the native stream is known
only from its clients. Lines end at `\n` alone: the splitting of `str` also cuts at U+2028, which JSON allows
inside a string.
"""

import json
from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json

_PREFIX = b"data:"
_DONE = b"[DONE]"


class Blocks:
    """Cuts chunks into blocks: the complete lines that came together, as they came.

    Lines are not told apart yet, because whoever reads an answer that is sent whole again and again needs no
    more than the newest.
    """

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        """Of a line whose end has not come."""

    def take(self, chunk: bytes) -> bytes:
        """Return the lines that this chunk completes; nothing if there are none."""
        end = chunk.rfind(b"\n") + 1
        if end == len(chunk) and not self._parts:
            return chunk
        block = b""
        if end:
            block = b"".join((*self._parts, chunk[:end]))
            self._parts.clear()
        if end < len(chunk):
            self._parts.append(chunk[end:])
        return block

    def rest(self) -> bytes:
        """Return the last line, which may lack its newline; nothing if there is none."""
        return b"".join(self._parts)


def newest_first(block: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the lines of a block begin and end, the last one first, without their newlines."""
    end = len(block)
    while end > 0:
        end -= block.endswith(b"\n", 0, end)
        start = block.rfind(b"\n", 0, end) + 1
        yield start, end
        end = start


def payload(line: bytes) -> bytes:
    """Return what a line carries, without prefix and white space; nothing for blank lines and `[DONE]`."""
    carried = line.strip().removeprefix(_PREFIX).lstrip()
    return b"" if carried == _DONE else carried


def parsed(line: bytes) -> Any:
    """Return the JSON that a line carries; None if it is none.

    A quarter as dear as `json.loads`, which is asked all the same about what pydantic refuses: half an emoji.
    """
    carried = payload(line)
    try:
        return from_json(carried)
    except ValueError:
        pass
    try:
        return json.loads(carried.decode())
    except (ValueError, RecursionError):
        return None


def is_done(line: bytes) -> bool:
    """Whether a line says that no other will come."""
    return line.strip().removeprefix(_PREFIX).lstrip() == _DONE
