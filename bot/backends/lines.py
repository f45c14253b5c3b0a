r"""A streamed body, cut into lines, and what a line carries.

Accepts newline-delimited JSON and server-sent events alike, because the framing of the native stream is known
only from its clients. Lines end at `\n` alone: the splitting of `str` also cuts at U+2028, which JSON allows
inside a string.
"""

from collections.abc import AsyncIterator

_PREFIX = b"data:"
_DONE = b"[DONE]"


async def batches(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """Yield the complete lines that came together, oldest first; the last one may lack its newline."""
    rest = b""
    async for chunk in chunks:
        *complete, rest = (rest + chunk).split(b"\n")
        if complete:
            yield complete
    if rest:
        yield [rest]


def payload(line: bytes) -> bytes:
    """Return what a line carries, without prefix and white space; nothing for blank lines and `[DONE]`."""
    carried = line.strip().removeprefix(_PREFIX).lstrip()
    return b"" if carried == _DONE else carried
