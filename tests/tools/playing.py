"""`python -m bot play` as a newcomer starts it: in a folder with prompts and without any settings."""

import asyncio
import shutil
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession

from tests.tools.command import ROOT, running
from tests.tools.forked import ForkedProcess

_START_S, _STOP_S = 90, 30


@dataclass
class Performance:
    """A play that goes on in another process."""

    process: Process | ForkedProcess
    folder: Path
    address: str = ""
    told: list[str] = field(default_factory=list)
    """What it wrote to the terminal, line by line."""

    @property
    def prompts(self) -> Path:
        """Where its prompts can be edited."""
        return self.folder / "prompts"

    async def hurry(self) -> None:
        """Let the stand-in write as fast as the page allows."""
        pace = {"tokens_per_second": 1000}
        async with ClientSession(self.address) as session, session.post("/pace", json=pace) as response:
            assert response.status == 200

    async def stop(self) -> int:
        """Tell it to stop, as Ctrl-C and every service manager do; return its exit code."""
        if self.process.returncode is None:
            self.process.terminate()
        async with asyncio.timeout(_STOP_S):
            return await self.process.wait()

    async def listen(self, stream: asyncio.StreamReader | None, invited: asyncio.Event) -> None:
        """Read what it tells to the end; the address of the page is in the first lines."""
        assert stream is not None
        while line := (await stream.readline()).decode():
            self.told.append(line)
            if "http://" in line and not self.address:
                self.address = line.split()[-1]
                invited.set()


@asynccontextmanager
async def playing(
    folder: Path, *options: str, env: Mapping[str, str] | None = None, is_cold: bool = False
) -> AsyncIterator[Performance]:
    """Play in this folder, which gets a copy of the prompts if it has none, until the context is left."""
    if not (folder / "prompts").exists():
        shutil.copytree(ROOT / "prompts", folder / "prompts")
    options = options or ("--port", "0", "--no-browser")
    async with running("play", *options, env=env or {}, cwd=folder, is_cold=is_cold) as process:
        one, invited = Performance(process, folder), asyncio.Event()
        listening = [
            asyncio.create_task(one.listen(stream, invited)) for stream in (process.stderr, process.stdout)
        ]
        try:
            async with asyncio.timeout(_START_S):
                await invited.wait()
            yield one
        finally:
            await one.stop()
            await asyncio.gather(*listening)
