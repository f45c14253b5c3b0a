import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe, GetWebhookInfo, SetWebhook
from aiogram.types import WebhookInfo

from bot.tasks import put_down
from bot.updates.lanes import KINDS
from bot.updates.registration import Registration
from tests.tools.updates import TOKEN
from tests.tools.virtual_time import VirtualTime

URL, SECRET = "https://bot.example.org/hook", "a-secret"
METHOD = GetMe()
AWAY = TelegramNetworkError(METHOD, "no route")
BAD = TelegramBadRequest(METHOD, "Bad Request: bad webhook: Failed to resolve host")


@dataclass
class Registry:
    """What Telegram knows of the webhook; the first calls end in `faults`."""

    faults: list[TelegramAPIError] = field(default_factory=list)
    url: str = ""
    failed_at: datetime | None = None
    waiting: int = 0
    mute: AiogramError | None = None
    """What is raised when somebody asks where updates are delivered."""
    sets: list[SetWebhook] = field(default_factory=list)

    def answer(self, method: Any) -> Any:
        if self.faults:
            raise self.faults.pop(0)
        if isinstance(method, SetWebhook):
            self.sets.append(method)
            self.url = method.url
            return True
        assert isinstance(method, GetWebhookInfo)
        if self.mute:
            raise self.mute
        return WebhookInfo(
            url=self.url,
            has_custom_certificate=False,
            pending_update_count=self.waiting,
            last_error_date=self.failed_at,
            last_error_message="Connection refused" if self.failed_at else None,
        )


class RegistryBot(Bot):
    """Asks the registry."""

    def __init__(self, registry: Registry) -> None:
        super().__init__(TOKEN)
        self.registry = registry

    async def __call__(self, method: Any, request_timeout: int | None = None) -> Any:  # noqa: ARG002 - aiogram's
        return self.registry.answer(method)


class Office:
    """A registration at work in virtual time."""

    def __init__(self, *faults: TelegramAPIError) -> None:
        self.time = VirtualTime()
        self.registry = Registry(list(faults))
        self.registration = Registration(
            RegistryBot(self.registry), URL, SECRET, clock=self.time.clock, sleep=self.time.sleep
        )

    async def run(self, *steps: Callable[[], object]) -> None:
        """Let it work, with one of these steps a minute."""

        async def story() -> None:
            working = asyncio.create_task(self.registration.run())
            await self.time.sleep(1)
            for step in steps:
                step()
                await self.time.sleep(60)
            if working.done():
                working.result()
            await put_down(working)

        await self.time.run(story())

    def fail_at(self, second: int) -> Callable[[], None]:
        """Let Telegram note that it could not deliver."""
        return lambda: setattr(self.registry, "failed_at", datetime.fromtimestamp(second, UTC))


def nothing() -> None:
    """Let a minute pass."""


async def test_telegram_is_told_where_to_deliver_what() -> None:
    office = Office()

    await office.run()

    (told,) = office.registry.sets
    assert (told.url, told.secret_token) == (URL, SECRET)
    assert told.allowed_updates == list(KINDS)
    assert told.drop_pending_updates is False
    assert told.max_connections == 100
    assert office.registration.trouble == ""


@pytest.mark.parametrize(
    "mute",
    [
        TelegramNotFound(METHOD, "Not Found: method not found"),
        ClientDecodeError("Failed to deserialize object", ValueError(), {"ok": True, "result": True}),
    ],
)
async def test_a_server_that_does_not_tell_what_is_set_is_told_again(
    mute: AiogramError, capsys: pytest.CaptureFixture[str]
) -> None:
    office = Office()
    office.registry.mute = mute

    await office.run(nothing, nothing)

    assert len(office.registry.sets) == 3
    assert office.registration.trouble == ""
    assert capsys.readouterr().out.count("webhook set") == 1


async def test_a_webhook_that_was_changed_is_set_again(capsys: pytest.CaptureFixture[str]) -> None:
    office = Office()

    await office.run(
        lambda: setattr(office.registry, "url", ""),
        lambda: setattr(office.registry, "url", "https://rival.example/x"),
        nothing,
        nothing,
    )

    told = capsys.readouterr().out
    assert len(office.registry.sets) == 3
    assert office.registry.url == URL
    assert told.count("somebody changed the webhook") == 2
    assert "rival.example" in told


async def test_an_address_that_telegram_took_before_from_another_replica_is_insisted_on() -> None:
    office = Office()
    office.registry.url = URL
    answer = office.registry.answer
    refused = [BAD]
    office.registry.answer = lambda method: (  # type: ignore[method-assign]
        _raised(refused.pop()) if refused and isinstance(method, SetWebhook) else answer(method)
    )

    await office.run(nothing)

    assert len(office.registry.sets) == 1


def _raised(error: TelegramAPIError) -> None:
    raise error


async def test_telegram_that_is_away_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    office = Office(AWAY, AWAY, TelegramRetryAfter(METHOD, "flood", 20))

    await office.run(lambda: office.registration.trouble or pytest.fail("it cannot be set yet"), nothing)

    assert len(office.registry.sets) == 1
    told = capsys.readouterr().out
    assert told.count("telegram does not answer") == 1
    assert told.count("telegram answers again") == 1


async def test_a_proxy_that_knows_nothing_for_a_moment_is_waited_for() -> None:
    lost = TelegramNotFound(METHOD, "Not Found")
    office = Office(lost, lost, lost)

    await office.run(nothing)

    assert len(office.registry.sets) == 1


@pytest.mark.parametrize("error", [BAD, TelegramUnauthorizedError(METHOD, "Unauthorized")])
async def test_what_telegram_will_never_take_is_passed_on(error: TelegramAPIError) -> None:
    with pytest.raises(type(error)):
        await Office(error, error).run(nothing)


async def test_an_address_that_was_taken_once_is_insisted_on() -> None:
    office = Office()

    def change() -> None:
        office.registry.url, office.registry.faults = "", [BAD]

    await office.run(change, change, nothing)

    assert len(office.registry.sets) == 3


async def test_deliveries_that_fail_are_told_once_an_episode(capsys: pytest.CaptureFixture[str]) -> None:
    office = Office()
    office.fail_at(1)()

    await office.run(nothing, office.fail_at(2), office.fail_at(3), nothing, nothing, office.fail_at(9))

    told = capsys.readouterr().out
    assert told.count("telegram could not deliver") == 2
    assert told.count("Connection refused") == 2
    assert told.count("telegram delivers again") == 1


async def test_nothing_is_over_as_long_as_something_waits(
    capsys: pytest.CaptureFixture[str],
) -> None:
    office = Office()

    def wait() -> None:
        office.fail_at(1)()
        office.registry.waiting = 3

    def come() -> None:
        office.registry.waiting = 0

    await office.run(wait, nothing, office.fail_at(2), nothing)
    told = capsys.readouterr().out
    assert (told.count("could not deliver"), told.count("delivers again")) == (1, 0)

    await office.run(nothing, come, nothing)
    assert capsys.readouterr().out.count("delivers again") == 1


async def test_before_it_is_set_nothing_comes() -> None:
    assert Office().registration.trouble == "the webhook was not set yet"
