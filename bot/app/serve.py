"""From the start to the stop of a bot.

Every resource is owned by one stack and closed in the opposite order of its opening, so that a bot which is
told to stop finishes its replies while Redis and Telegram are still there.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial

import structlog
from aiogram import Bot, Router

from bot.app.ingress import Post, let_in, webhook_of
from bot.app.insistence import insisted
from bot.app.line import Line
from bot.app.redis import answered, client_of_redis
from bot.app.resources import introduced, open_classifier, open_images, open_later, open_model, open_telegram
from bot.app.rooms import Rooms, Works, build
from bot.app.side import side_loop
from bot.app.view import View, Witnesses
from bot.app.wrappers import Scope, wrapped
from bot.errors import StoreError
from bot.health import listening
from bot.ports import Witness
from bot.promptbook import PromptBook
from bot.settings import Role, Settings
from bot.tasks import put_down
from bot.types import TurnTrace
from bot.updates.inbox import RedisInbox

log = structlog.get_logger(__name__)

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
    role: Role = Role.ALL,
) -> None:
    """Run the bot until `stop` is set and its replies have finished, or `workers.stop_timeout_s` is over.

    Raises:
        ConfigError: a setting turned out to be no good; whatever was started has been stopped again.
        StoreError: the bot's own Redis does not answer at the start, or another one no more during it.
    """
    async with AsyncExitStack() as stack:
        redis = await insisted(partial(stack.enter_async_context, client_of_redis(settings.redis)), stop)
        if redis is None:
            return
        line = Line()
        bot = await stack.enter_async_context(open_telegram(settings.telegram, line))
        lacks = () if role is Role.INGRESS else settings.models_missing()
        side = await stack.enter_async_context(side_loop())
        view = View(redis, bot.id, models="; ".join(lacks), home=side.home)
        webhook = None if role is Role.WORKER else webhook_of(settings.telegram)
        app, http = view.application(), settings.http
        if webhook:
            webhook.add_to(app)
        door = listening(app, http.host, http.port, is_vital=bool(webhook))
        await stack.enter_async_context(side.entered(door))
        me = await introduced(bot, stop) if await answered(redis, stop) else None
        if me is None:
            return
        view.telegram = lambda: line.trouble
        asked_once = await stack.enter_async_context(open_model(settings))
        scope = Scope(redis, bot.id, view.metrics)
        model = await stack.enter_async_context(wrapped(asked_once, settings, scope))
        images = await stack.enter_async_context(open_images(settings.yandex))
        later = await stack.enter_async_context(open_later(settings.yandex))
        classifier = await stack.enter_async_context(open_classifier(settings.yandex, redis, bot.id))
        witnesses = Witnesses(view.metrics, witness)
        post = None
        if webhook:
            post = Post(webhook, side, await stack.enter_async_context(side.entered(redis.another())))
        rooms = Rooms(redis, bot, me, prompts, model, images, later, classifier, witnesses, view.metrics, post)
        works = build(settings, features, rooms)
        if not await insisted(partial(_opened, works.inbox), stop):
            return
        if role is not Role.INGRESS:
            await stack.enter_async_context(works.signals)
        line.permit = works.worker.confirm
        view.ingress = lambda: "the bot is stopping" if stop.is_set() else _trouble(works, role)
        log.info("ready", bot=me.username, prompts=len(prompts.names), policy=settings.access.policy.value)
        await _run(works, bot, stop, role)


async def _opened(inbox: RedisInbox) -> bool:
    """Open it; False if Redis is away or full, which the client logs."""
    try:
        await inbox.open()
    except StoreError:
        return False
    return True


def _trouble(works: Works, role: Role) -> str:
    return "" if role is Role.WORKER else works.ingress.trouble


async def _run(works: Works, bot: Bot, stop: asyncio.Event, role: Role) -> None:
    """Take updates in and work until told to stop; then take no more, and let the worker finish its replies."""
    told = asyncio.create_task(stop.wait(), name="stop")
    ingress = None if role is Role.WORKER else asyncio.create_task(let_in(works.ingress, bot), name="ingress")
    working = None if role is Role.INGRESS else asyncio.create_task(_work(works), name="worker")
    try:
        await asyncio.wait(filter(None, (told, ingress, working)), return_when=asyncio.FIRST_COMPLETED)
        works.worker.stop()
        works.collector.stop()
        await put_down(ingress)
        if working:
            await working
            with suppress(StoreError):
                await works.inbox.leave()
        if ingress and not ingress.cancelled():
            ingress.result()
    finally:
        await put_down(ingress, working, told)
        await works.ingress.finish()


async def _work(works: Works) -> None:
    """Answer what comes in and collect what was ordered, both until they are told to stop."""
    duties = [
        asyncio.create_task(duty, name=name)
        for name, duty in (("answers", works.worker.run()), ("late answers", works.collector.run()))
    ]
    try:
        done, _ = await asyncio.wait(duties, return_when=asyncio.FIRST_EXCEPTION)
        for duty in done:
            duty.result()
    finally:
        await put_down(*duties)
