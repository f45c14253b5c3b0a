"""From the start to the stop of a bot.

Every resource is owned by one stack and closed in the opposite order of its opening, so that a bot which is
told to stop finishes its replies while Redis and Telegram are still there.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import structlog
from aiogram import Bot, Router
from aiogram.exceptions import AiogramError, TelegramUnauthorizedError
from redis.asyncio import Redis

from bot.app.resources import introduced, open_model, open_redis, open_telegram
from bot.app.rooms import Rooms, Works, build
from bot.errors import ConfigError, Problem, StoreError
from bot.health import build_health, listening
from bot.ports import Witness
from bot.promptbook import PromptBook
from bot.settings import Settings
from bot.store import store_errors
from bot.tasks import put_down
from bot.types import TurnTrace
from bot.updates.menu import register_menu

log = structlog.get_logger(__name__)

_PATIENCE_S = 5
"""With calls of the start that the bot can do without."""

Features = Sequence[Callable[[], Router]]
"""The handlers, as functions that build their routers; the catch-all last."""


class Nobody:
    """The witness of a bot that nobody watches."""

    def turn_ended(self, trace: TurnTrace) -> None:
        """Take no note."""


async def serve(
    settings: Settings,
    features: Features,
    stop: asyncio.Event,
    prompts: PromptBook,
    witness: Witness = Nobody(),  # noqa: B008 - it holds nothing
) -> None:
    """Run the bot until `stop` is set and its replies have finished, or `workers.stop_timeout_s` is over.

    Raises:
        ConfigError: a setting turned out to be no good; whatever was started has been stopped again.
        StoreError: Redis does not answer at the start.
    """
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(open_redis(settings.redis))
        bot = await stack.enter_async_context(open_telegram(settings.telegram))
        is_known = asyncio.Event()
        checks = {"redis": lambda: _trouble_with(redis), "telegram": lambda: _trouble_until(is_known)}
        await stack.enter_async_context(listening(build_health(checks), settings.http.host, settings.http.port))
        me = await introduced(bot, stop)
        if me is None:
            return
        is_known.set()
        model = await stack.enter_async_context(open_model(settings.yandex))
        works = build(settings, features, Rooms(redis, bot, me, prompts, model, witness))
        await works.inbox.open()
        log.info("ready", bot=me.username, prompts=len(prompts.names), policy=settings.access.policy.value)
        await _run(works, bot, stop)


async def _trouble_with(redis: Redis) -> str:
    try:
        with store_errors():
            await redis.ping()
    except StoreError as error:
        return str(error)
    return ""


async def _trouble_until(is_known: asyncio.Event) -> str:
    return "" if is_known.is_set() else "it has not told yet who the bot is"


async def _run(works: Works, bot: Bot, stop: asyncio.Event) -> None:
    """Poll and work until told to stop; then take no more, and let the worker finish what it has begun."""
    asking = asyncio.create_task(_ask(works, bot), name="ingress")
    working = asyncio.create_task(works.worker.run(), name="worker")
    told = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait([asking, working, told], return_when=asyncio.FIRST_COMPLETED)
        works.worker.stop()
        await put_down(asking)
        await working
        with suppress(StoreError):
            await works.inbox.leave()
        if not asking.cancelled():
            asking.result()
    finally:
        await put_down(asking, working, told)


async def _ask(works: Works, bot: Bot) -> None:
    """Ask for updates, for ever; a webhook that was set before would keep them away.

    Raises:
        ConfigError: the token has been revoked.
    """
    with suppress(AiogramError):
        await bot.delete_webhook(request_timeout=_PATIENCE_S)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(register_menu(bot))
            await works.polling.run()
    except* TelegramUnauthorizedError as errors:
        raise ConfigError(
            Problem(Path(".env"), 0, 0, "TELEGRAM__TOKEN: Telegram does not know this token any more")
        ) from errors
