"""An event loop in a thread of its own: for what must be answered at once, however busy the bot is.

Telegram waits for its 200, and holds back what is next in a chat until then; Prometheus and orchestrators wait
too. In the loop in which answers grow they would wait for whatever it does.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, ParamSpec, Protocol, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


class Home(Protocol):
    """Makes of what is done in one loop something that can be called in another."""

    def __call__(self, ask: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """Make it."""
        ...


def here(ask: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Return the same: there is one loop only."""
    return ask


class SideLoop:
    """A loop beside the one in which it was made; open it with `side_loop`."""

    def __init__(self) -> None:
        self._main = asyncio.get_running_loop()
        self._side = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._side.run_forever, name="side loop", daemon=True)

    def start(self) -> None:
        """Let it turn."""
        self._thread.start()

    async def stop(self) -> None:
        """Cancel what is left in it, and wait for its end."""
        await self.run(_put_down_all())
        self._side.call_soon_threadsafe(self._side.stop)
        await asyncio.to_thread(self._thread.join)
        self._side.close()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Let work be done there, and wait for its end; a cancellation is passed on."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._side))

    @asynccontextmanager
    async def entered(self, context: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
        """Keep a context open there as long as this one is."""
        opened = await self.run(_enter(context))
        try:
            yield opened
        finally:
            await self.run(_leave(context))

    def home(self, ask: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
        """Return what can be called there, and is done here."""

        async def asked(*args: P.args, **kwargs: P.kwargs) -> T:
            async def here() -> T:
                return await ask(*args, **kwargs)

            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(here(), self._main))

        return asked


@asynccontextmanager
async def side_loop() -> AsyncIterator[SideLoop]:
    """Let another loop turn as long as the context is open."""
    side = SideLoop()
    side.start()
    try:
        yield side
    finally:
        await side.stop()


async def _enter(context: AbstractAsyncContextManager[T]) -> T:
    return await context.__aenter__()


async def _leave(context: AbstractAsyncContextManager[Any]) -> None:
    await context.__aexit__(None, None, None)


async def _put_down_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
