"""Somebody who listens where the bot's own Redis would, and is none."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def impostor(path: Path, answer: Callable[[bytes], bytes]) -> AsyncIterator[list[bytes]]:
    """Answer lines as told at a socket; an empty answer is silence, `bye` the end. Yields what was heard."""
    heard: list[bytes] = []
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            serving.add(task)
        while line := await reader.readline():
            heard.append(line.strip())
            if (said := answer(line.strip())) == b"bye":
                break
            writer.write(said)
        writer.close()

    path.parent.mkdir(mode=0o700, exist_ok=True)
    async with await asyncio.start_unix_server(serve, path):
        yield heard
        await asyncio.gather(*serving)
