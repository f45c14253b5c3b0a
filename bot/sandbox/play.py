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
from bot.app.redis import open_redis
from bot.embedded import EmbeddedRedis
from bot.errors import ConfigError, Problem
from bot.history import ChatState
from bot.promptbook import Prompt, PromptBook
from bot.promptbook.localized import LANGUAGES
from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.page.cast import default_cast
from bot.sandbox.page.inspector import Inspector
from bot.sandbox.page.play import Play
from bot.sandbox.page.routes import build_page
from bot.sandbox.page.stage import Cover, Pace
from bot.sandbox.telegram.server import TelegramServer
from bot.sandbox.telegram.world import FloodLimits, TelegramWorld
from bot.settings import Access, Policy, Redis, Settings, Telegram, Yandex
from bot.types import ConversationKey

_THINKING_S = 3.0
"""Of a prompt whose model thinks before it writes: long enough to be seen, short enough to wait for."""


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
        memory, chats = await stack.enter_async_context(_memory())
        yandex, pace = await stack.enter_async_context(_model(settings))
        scenery = settings.model_copy(
            update={
                "telegram": Telegram(token=SecretStr(token), api_url=telegram.url),
                "yandex": yandex,
                "redis": memory,
                "access": Access(policy=Policy.OPEN, owners=frozenset({cast.people[0].user_id})),
                "http": settings.http.model_copy(update={"port": 0}),
            }
        )
        shelf = Shelf(prompts, str(settings.prompts.dir), chats, cast.bot.user_id)
        show = Play(world, cast, inspector, shelf, scenery.default_model, pace, world.file)
        address = await stack.enter_async_context(_page(build_page(show), doorstep.port))
        _invite(address, show)
        if doorstep.opens_browser and _has_screen():
            webbrowser.open(address)
        await serve(scenery, features, stop, prompts, inspector)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The prompts as the page lists them."""

    prompts: PromptBook
    folder: str
    chats: ChatState
    bot_id: int

    def menu(self) -> Sequence[Cover]:
        """Return the prompts as the files are now."""
        self.prompts.refresh()
        return [_cover(prompt) for prompt in self.prompts.menu()]

    async def prompt_of(self, chat_id: int, topic_id: int | None) -> str:
        """Return the name of the prompt that answers there: the one that people chose, or the default."""
        chosen = await self.chats.prompt_of(ConversationKey(self.bot_id, chat_id, topic_id))
        return self.prompts.get(chosen).name

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the files."""
        return self.prompts.problems


def _cover(prompt: Prompt) -> Cover:
    return Cover(
        prompt.name,
        {language: prompt.title_for(language) for language in LANGUAGES},
        {language: prompt.description_for(language) for language in LANGUAGES},
        {language: prompt.starters_for(language) for language in LANGUAGES},
    )


@asynccontextmanager
async def _memory() -> AsyncIterator[tuple[Redis, ChatState]]:
    """Yield the settings of a Redis whose data is thrown away at the end, and what people chose in it."""
    with tempfile.TemporaryDirectory(prefix="govorun-", ignore_cleanup_errors=True) as folder:
        async with EmbeddedRedis(Path(folder)) as server:
            settings = Redis(url=SecretStr(server.url))
            async with open_redis(settings) as redis:
                yield settings, ChatState(redis)


@asynccontextmanager
async def _model(settings: Settings) -> AsyncIterator[tuple[Yandex, Pace | None]]:
    """Yield the real service if its settings are there, else a stand-in and the way to change its pace.

    One's own server is as real as any.
    """
    wanted = settings.yandex
    if not list(settings.models_missing()):
        yield wanted, None
        return
    twin = ModelsTwin(thinking_s=_THINKING_S)
    pace = Pace(lambda: 1 / twin.token_s, lambda tokens_per_s: setattr(twin, "token_s", 1 / tokens_per_s))
    async with ModelsServer(twin) as server:
        yield (
            wanted.model_copy(
                update={
                    "folder_id": twin.folder_id,
                    "api_key": SecretStr(twin.api_key),
                    "iam_token": None,
                    "api_url": server.url,
                    "operations_url": server.operations_url,
                    "openai_url": server.openai_url,
                }
            ),
            pace,
        )


@asynccontextmanager
async def _page(app: web.Application, port: int) -> AsyncIterator[str]:
    """Serve the page while the context is open; yields its address.

    Raises:
        ConfigError: the port cannot be had.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await _listen(runner, port)
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int) -> None:
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
    except OSError as error:
        raise _no_port(port, os.strerror(error.errno or 0)) from error
    except OverflowError as error:
        raise _no_port(port, "there is no such port") from error


def _no_port(port: int, reason: str) -> ConfigError:
    where = Path(f"--port {port}")
    return ConfigError(Problem(where, 0, 0, f"{reason}; name another one, or 0 for any that is free"))


def _invite(address: str, show: Play) -> None:
    answers = "a stand-in for the model" if show.pace else "the real model of .env"
    names = " and ".join(person.first_name for person in show.cast.people)
    print(  # noqa: T201 - the newcomer reads it
        f"\n  Govorun is talking at {address}\n"
        f"  You are {names}; {answers} answers. Edit {show.shelf.folder}/*.yaml and ask again. Ctrl-C stops.\n",
        file=sys.stderr,
        flush=True,
    )


def _has_screen() -> bool:
    """Whether a browser has a window; one in the terminal would take it away from the log."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
