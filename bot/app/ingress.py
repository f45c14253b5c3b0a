"""The ingress as the settings want it, and what its errors mean to the operator."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNotFound, TelegramUnauthorizedError
from redis.asyncio import Redis

from bot import settings
from bot.app.side import Home, SideLoop, here
from bot.errors import ConfigError
from bot.settings import misplaced
from bot.tasks import put_down
from bot.updates.ingress import LEASE, Ingress
from bot.updates.intake import Intake
from bot.updates.lease import Duty, Lease
from bot.updates.menu import register_menu
from bot.updates.polling import Polling
from bot.updates.registration import Registration
from bot.updates.webhook import Webhook


def webhook_of(wanted: settings.Telegram) -> Webhook | None:
    """Return what answers Telegram's posts; None if updates are polled."""
    if wanted.delivery is settings.Delivery.POLLING:
        return None
    return Webhook(*_address(wanted))


@dataclass(frozen=True, slots=True)
class Post:
    """How Telegram's posts are taken in: in a loop of their own."""

    webhook: Webhook
    side: SideLoop
    redis: Redis
    """For that loop alone."""


class IntakeOf(Protocol):
    """Makes an intake that keeps updates by this client, and says by `home` what is said from another loop."""

    def __call__(self, redis: Redis, home: Home = here) -> Intake:
        """Make it."""
        ...


def build_ingress(
    wanted: settings.Telegram, bot: Bot, redis: Redis, intake_of: IntakeOf, post: Post | None, replica: str
) -> Ingress:
    """Wire it; `replica` is the name of this process, of which there is no other."""
    duty = Duty(Lease(redis, bot.id, LEASE, holder=replica, length_s=wanted.lease_s), name=wanted.delivery)
    if post is None:
        intake = intake_of(redis)
        return Ingress(duty, Polling(bot, intake, timeout_s=wanted.poll_timeout_s), finish=intake.finish)
    posted, side = intake_of(post.redis, post.side.home), post.side
    return Ingress(
        duty,
        Registration(bot, *_address(wanted)),
        finish=lambda: side.run(posted.finish()),
        door=lambda: post.webhook.open(posted),
    )


def _address(wanted: settings.Telegram) -> tuple[str, str]:
    secret = wanted.webhook_secret
    return wanted.webhook_url or "", secret.get_secret_value() if secret else ""


async def let_in(ingress: Ingress, bot: Bot) -> None:
    """Let updates in, for ever.

    Raises:
        ConfigError: the token has been revoked, or Telegram does not take the webhook's address.
    """
    menu = asyncio.create_task(register_menu(bot), name="menu")
    try:
        await ingress.run()
    except (TelegramUnauthorizedError, TelegramNotFound) as error:
        raise ConfigError(misplaced("TELEGRAM__TOKEN: Telegram does not know this token any more")) from error
    except TelegramBadRequest as error:
        raise ConfigError(misplaced(f"TELEGRAM__WEBHOOK_URL: {error.message}")) from error
    finally:
        await put_down(menu)
