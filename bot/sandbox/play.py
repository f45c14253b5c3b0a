"""`play`: the bot as it is, with a local Telegram in front and a stand-in model behind it.

Only addresses differ from `run`: the bot polls the local Telegram over HTTP, asks the model over HTTP and keeps
everything in a real Redis, which is thrown away at the end, because the chats on the page are.
"""

import asyncio
import os
import secrets
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from pydantic import SecretStr

from bot.app import Features, serve
from bot.errors import ConfigError, Problem
from bot.promptbook import PromptBook
from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.page.cast import Cast, default_cast
from bot.sandbox.page.inspector import Inspector
from bot.sandbox.page.play import Play
from bot.sandbox.page.routes import build_page
from bot.sandbox.page.stage import Pace
from bot.sandbox.telegram.server import TelegramServer
from bot.sandbox.telegram.world import FloodLimits, TelegramWorld
from bot.settings import Access, Policy, Redis, Settings, Telegram, Yandex, misplaced


@dataclass(frozen=True, slots=True)
class Doorstep:
    """Where the page is, and whether a browser is sent there; port 0 is any that is free."""

    port: int = 0
    opens_browser: bool = False


async def play(
    settings: Settings, features: Features, stop: asyncio.Event, prompts: PromptBook, doorstep: Doorstep
) -> None:
    """Run the bot and the page until `stop` is set; with Yandex settings the real model answers.

    Raises:
        ConfigError: the port is taken.
    """
    cast, inspector = default_cast(), Inspector()
    token = f"{cast.bot.user_id}:{secrets.token_hex(16)}"
    world = TelegramWorld(token=token, bot=cast.bot, flood=FloodLimits())
    cast.enter(world)
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(TelegramServer(world))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="govorun-", ignore_cleanup_errors=True))
        yandex, pace = await stack.enter_async_context(_model(settings.yandex))
        scenery = settings.model_copy(
            update={
                "telegram": Telegram(token=SecretStr(token), api_url=telegram.url),
                "yandex": yandex,
                "redis": Redis(dir=Path(folder)),
                "access": Access(policy=Policy.OPEN, owners=frozenset({cast.people[0].user_id})),
                "http": settings.http.model_copy(update={"port": 0}),
            }
        )
        show = Play(world, cast, inspector, Shelf(prompts), yandex.model, pace)
        address = await stack.enter_async_context(_page(build_page(show), doorstep.port))
        _invite(address, cast, opens_browser=doorstep.opens_browser, is_real=pace is None)
        await serve(scenery, features, stop, prompts, inspector)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The prompts as the page lists them."""

    prompts: PromptBook

    def menu(self) -> Sequence[tuple[str, str, str]]:
        """Return name, title and description of each, as the files are now."""
        self.prompts.refresh()
        return [(one.name, one.title_for("en"), one.description_for("en")) for one in self.prompts.menu()]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the files."""
        return self.prompts.problems


@asynccontextmanager
async def _model(wanted: Yandex) -> AsyncIterator[tuple[Yandex, Pace | None]]:
    """Yield the real service if its settings are there, else a stand-in and the way to change its pace."""
    if not list(wanted.missing()):
        yield wanted, None
        return
    twin = ModelsTwin()
    pace = Pace(lambda: 1 / twin.token_s, lambda tokens_per_s: setattr(twin, "token_s", 1 / tokens_per_s))
    async with ModelsServer(twin) as server:
        yield (
            wanted.model_copy(
                update={
                    "folder_id": twin.folder_id,
                    "api_key": SecretStr(twin.api_key),
                    "iam_token": None,
                    "api_url": server.url,
                }
            ),
            pace,
        )


@asynccontextmanager
async def _page(app: web.Application, port: int) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    except OSError as error:
        raise ConfigError(misplaced(f"--port {port}: {error.strerror}; try --port 0")) from error
    finally:
        await runner.cleanup()


def _invite(address: str, cast: Cast, *, opens_browser: bool, is_real: bool) -> None:
    answers = "the real model of .env" if is_real else "a stand-in for the model"
    names = " and ".join(person.first_name for person in cast.people)
    print(  # noqa: T201 - the newcomer reads it
        f"\n  Govorun is talking at {address}\n"
        f"  You are {names}; {answers} answers. Edit prompts/*.yaml and ask again. Ctrl-C stops.\n",
        file=sys.stderr,
        flush=True,
    )
    # A browser in the terminal would take it away from the log, so only a screen counts.
    has_screen = sys.platform == "darwin" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if opens_browser and has_screen:
        webbrowser.open(address)
