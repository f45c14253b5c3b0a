"""What is opened at the start and closed at the end: the connection to Telegram, the model's client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import structlog
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import Response
from aiogram.types import Message, User
from aiogram.utils.token import TokenValidationError

from bot import settings
from bot.app.insistence import insisted
from bot.app.session import LeanSession
from bot.backends.http import new_client
from bot.backends.patience import Patience
from bot.backends.yandex.auth import Account, ApiKey, IamToken
from bot.backends.yandex.completion import YandexCompletion
from bot.errors import ConfigError, Problem
from bot.ports import ModelBackend

log = structlog.get_logger(__name__)

_ANSWERS = (Response[Message], Response[Message | bool], Response[bool])
"""Held, because pydantic forgets generic types that nobody holds, and aiogram makes them anew at its calls."""


@asynccontextmanager
async def open_telegram(wanted: settings.Telegram) -> AsyncIterator[Bot]:
    """Make a client of the Bot API.

    Raises:
        ConfigError: the token cannot be one.
    """
    server = TelegramAPIServer.from_base(wanted.api_url)
    session = LeanSession(api=server, limit=0, timeout=wanted.request_timeout_s)
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
        log.warning("telegram does not answer", error=str(error))
        return None


def _wrong_token() -> ConfigError:
    return ConfigError(Problem(Path(".env"), 0, 0, "TELEGRAM__TOKEN: Telegram does not know this token"))


@asynccontextmanager
async def open_model(wanted: settings.Yandex) -> AsyncIterator[ModelBackend]:
    """Make a client of the model service, which asks each question once; see `bot.app.wrappers`."""
    patience = Patience(
        connect_s=wanted.connect_timeout_s,
        first_piece_s=wanted.first_piece_timeout_s,
        reasoning_s=wanted.reasoning_timeout_s,
        piece_s=wanted.piece_timeout_s,
        answer_s=wanted.answer_timeout_s,
    )
    async with new_client(connect_timeout_s=wanted.connect_timeout_s) as client:
        yield YandexCompletion(client, _account(wanted), api_url=wanted.api_url, patience=patience)


def _account(wanted: settings.Yandex) -> Account:
    if wanted.api_key:
        return Account(ApiKey(wanted.api_key.get_secret_value()), wanted.folder_id, wanted.is_data_logged)
    token = wanted.iam_token.get_secret_value() if wanted.iam_token else ""
    return Account(IamToken(token), wanted.folder_id, wanted.is_data_logged)
