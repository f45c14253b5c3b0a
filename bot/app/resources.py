"""What is opened at the start and closed at the end: the connection to Telegram, the model's client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import structlog
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import Response
from aiogram.types import Message, User
from aiogram.utils.token import TokenValidationError
from redis.asyncio import Redis

from bot import settings
from bot.app.insistence import insisted
from bot.app.line import Line
from bot.app.session import LeanSession
from bot.backends.http import new_client
from bot.backends.openai.askers import Operator
from bot.backends.openai.chat import OwnChat, YandexChat
from bot.backends.orders import RetryingLater
from bot.backends.paced import PacedClassifier
from bot.backends.pacing import Pacing
from bot.backends.patience import Patience
from bot.backends.router import ModelRouter, Nobody
from bot.backends.yandex.auth import Account, ApiKey, Credentials, IamToken
from bot.backends.yandex.classification import YandexClassifier
from bot.backends.yandex.completion import YandexCompletion
from bot.backends.yandex.iam import AuthorizedKey, Renewing, by_key, by_metadata
from bot.backends.yandex.images import YandexImages
from bot.backends.yandex.later import YandexLater
from bot.backends.yandex.operations import Operations
from bot.backends.yandex.rest import YandexRest
from bot.errors import ConfigError, Problem
from bot.ports import Classifier, ImageBackend, LaterModel, ModelBackend

log = structlog.get_logger(__name__)

_ANSWERS = (Response[Message], Response[Message | bool], Response[bool])
"""Held, because pydantic forgets generic types that nobody holds, and aiogram makes them anew at its calls."""


@asynccontextmanager
async def open_telegram(wanted: settings.Telegram, line: Line) -> AsyncIterator[Bot]:
    """Make a client of the Bot API, on a line that is watched.

    Raises:
        ConfigError: the token cannot be one.
    """
    server = TelegramAPIServer.from_base(wanted.api_url)
    session = LeanSession(api=server, limit=0, timeout=wanted.request_timeout_s)
    session.middleware(line)
    try:
        bot = Bot(wanted.token.get_secret_value(), session=session)
    except TokenValidationError as error:
        raise _wrong_token() from error
    async with bot:
        yield bot


async def introduced(bot: Bot, stop: asyncio.Event) -> User | None:
    """Ask Telegram who we are, until it answers; None if we were told to stop first.

    Raises:
        ConfigError: Telegram does not know the token.
    """
    return await insisted(partial(_asked, bot), stop)


async def _asked(bot: Bot) -> User | None:
    """Ask once; None if Telegram does not answer."""
    try:
        return await bot.me()
    except (TelegramUnauthorizedError, TelegramNotFound) as error:
        raise _wrong_token() from error
    except AiogramError as error:
        log.debug("not introduced", error=str(error))  # of which the line tells
        return None


def _wrong_token() -> ConfigError:
    return ConfigError(Problem(Path(".env"), 0, 0, "TELEGRAM__TOKEN: Telegram does not know this token"))


@asynccontextmanager
async def open_images(wanted: settings.Yandex) -> AsyncIterator[ImageBackend]:
    """Make a client of what draws."""
    async with new_client(connect_timeout_s=wanted.connect_timeout_s) as client:
        rest = YandexRest(client, account_of(wanted, client), timeout_s=wanted.request_timeout_s)
        operations = Operations(rest, wanted.operations_url)
        yield YandexImages(rest, operations, api_url=wanted.api_url, openai_url=wanted.openai_url)


@asynccontextmanager
async def open_model(wanted: settings.Settings) -> AsyncIterator[ModelBackend]:
    """Make a client of everybody who serves models; each is asked once, see `bot.app.wrappers`.

    Raises:
        ConfigError: as `account_of`.
    """
    async with new_client(connect_timeout_s=wanted.yandex.connect_timeout_s) as client:
        yield _router(wanted, client)


def _router(wanted: settings.Settings, client: httpx.AsyncClient) -> ModelRouter:
    """Return who is asked for which model; who is not there refuses, and says why."""
    own = _own_server(wanted.openai, client)
    if wanted.is_own_server_alone:
        nobody = Nobody("it is one of Yandex, and YANDEX__FOLDER_ID and YANDEX__API_KEY are not set")
        return ModelRouter(nobody, nobody, own, is_own_alone=True)
    yandex = wanted.yandex
    account, patience = account_of(yandex, client), _patience(yandex)
    return ModelRouter(
        native=YandexCompletion(client, account, api_url=yandex.api_url, patience=patience),
        openai=YandexChat(client, account, openai_url=yandex.openai_url, patience=patience),
        own=own,
    )


def _own_server(wanted: settings.OpenAi, client: httpx.AsyncClient) -> ModelBackend:
    if not wanted.url:
        return Nobody("it is on one's own server, and OPENAI__URL is not set")
    operator = Operator(wanted.api_key.get_secret_value() if wanted.api_key else "")
    return OwnChat(client, operator, url=wanted.url, patience=_patience(wanted))


def _patience(wanted: settings.Yandex | settings.OpenAi) -> Patience:
    return Patience(
        connect_s=wanted.connect_timeout_s,
        first_piece_s=wanted.first_piece_timeout_s,
        reasoning_s=wanted.reasoning_timeout_s,
        piece_s=wanted.piece_timeout_s,
        answer_s=wanted.answer_timeout_s,
    )


@asynccontextmanager
async def open_classifier(wanted: settings.Yandex, redis: Redis, bot_id: int) -> AsyncIterator[Classifier]:
    """Make a client of what tells texts apart, at the pace that all replicas share."""
    async with new_client(connect_timeout_s=wanted.connect_timeout_s) as client:
        rest = YandexRest(client, account_of(wanted, client), timeout_s=wanted.request_timeout_s)
        per_second, limit_s = wanted.classifications_per_second, wanted.line_timeout_s
        pacing = Pacing(redis, bot_id, "classification", per_second, limit_s=limit_s)
        yield PacedClassifier(YandexClassifier(rest, api_url=wanted.api_url), pacing)


@asynccontextmanager
async def open_later(wanted: settings.Yandex) -> AsyncIterator[LaterModel]:
    """Make a client of the same service for answers that come later.

    Raises:
        ConfigError: the file of the key is no good.
    """
    async with new_client(connect_timeout_s=wanted.connect_timeout_s) as client:
        rest = YandexRest(client, account_of(wanted, client), timeout_s=wanted.request_timeout_s)
        operations = Operations(rest, wanted.operations_url)
        yield RetryingLater(YandexLater(rest, operations, api_url=wanted.api_url))


def account_of(wanted: settings.Yandex, client: httpx.AsyncClient) -> Account:
    """Return the operator as the service knows them.

    Raises:
        ConfigError: the file of the key is no good.
    """
    return Account(_credentials(wanted, client), wanted.folder_id, wanted.is_data_logged)


def _credentials(wanted: settings.Yandex, client: httpx.AsyncClient) -> Credentials:
    if wanted.api_key:
        return ApiKey(wanted.api_key.get_secret_value())
    if wanted.key_file:
        return Renewing(by_key(client, AuthorizedKey.read(wanted.key_file), wanted.iam_url))
    if wanted.use_metadata:
        return Renewing(by_metadata(client, wanted.metadata_url))
    return IamToken(wanted.iam_token.get_secret_value() if wanted.iam_token else "")
