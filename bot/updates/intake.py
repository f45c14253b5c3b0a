"""What every ingress does: put updates into the inbox, and tell those who are kept waiting or refused.

Nobody waits for that telling: neither Telegram, which wants its answer in milliseconds, nor what comes next.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import StoreError
from bot.ports import Meter, Uncounted
from bot.tasks import put_down
from bot.types import Happening
from bot.updates.inbox import Put
from bot.updates.lanes import Envelope, enveloped

log = structlog.get_logger(__name__)

_FAREWELL_S = 2.0
_HAPPENINGS = {
    Put.KEPT: Happening.KEPT,
    Put.KNOWN: Happening.KNOWN,
    Put.FULL: Happening.REFUSED,
    Put.TOLD: Happening.REFUSED,
}

Update = dict[str, Any]
Notice = Callable[[Update], Awaitable[None]]
"""Tells the sender of a raw update something; gives up soon and raises nothing."""


class Shelf(Protocol):
    """Where updates are kept."""

    async def put_all(self, envelopes: Sequence[Envelope]) -> list[Put]:
        """Keep them, or raise `StoreError`."""
        ...


class Intake:
    """Takes updates in."""

    def __init__(
        self,
        inbox: Shelf,
        bot_id: int,
        *,
        when_kept_waiting: Notice,
        when_full: Notice,
        meter: Meter | None = None,
    ) -> None:
        self._inbox = inbox
        self._bot_id = bot_id
        self._when_kept_waiting = when_kept_waiting
        self._when_full = when_full
        self._meter = meter or Uncounted()
        self._telling: set[asyncio.Task[None]] = set()

    async def take(self, updates: Iterable[Update]) -> None:
        """Return when all are kept that are ours to keep and not too many; they have to be sound.

        Raises:
            StoreError: they have to be delivered again; some may be kept, and are then known.
        """
        found = ((update, enveloped(update, self._bot_id)) for update in updates)
        ours = [(update, envelope) for update, envelope in found if envelope is not None]
        if not ours:
            return
        self._meter.count(Happening.RECEIVED, len(ours))
        try:
            answers = await self._inbox.put_all([envelope for _, envelope in ours])
        except StoreError:
            self._tell(self._when_kept_waiting, [update for update, _ in ours])
            raise
        for answer in answers:
            self._meter.count(_HAPPENINGS[answer])
        refused = [update for (update, _), answer in zip(ours, answers, strict=True) if answer is Put.FULL]
        self._tell(self._when_full, refused)

    async def finish(self) -> None:
        """Wait a moment for what is being told; afterwards, or if this is cancelled, it is told no more."""
        try:
            if self._telling:
                await asyncio.wait(self._telling, timeout=_FAREWELL_S)
        finally:
            await put_down(*self._telling)

    def _tell(self, notice: Notice, updates: Sequence[Update]) -> None:
        for update in updates:
            task = asyncio.ensure_future(_told(notice, update))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)


async def _told(notice: Notice, update: Update) -> None:
    with suppress(StoreError), structlog.contextvars.bound_contextvars(update_id=update.get("update_id")):
        await notice(update)


def is_sound(update: object) -> bool:
    """Whether it is an update as the inbox needs it: whatever else is in it, it can be addressed."""
    try:
        _Sound.model_validate(update)
    except ValidationError:
        return False
    return True


class _Strict(BaseModel):
    """Takes no text for a number."""

    model_config = ConfigDict(strict=True)


class _Someone(_Strict):
    """A person or a chat."""

    id: int
    type: str | None = None


class _Look(_Strict):
    """How a part of a text looks."""

    type: str | None = None


class _Replied(_Strict):
    """A message that is replied to."""

    sender: _Someone | None = Field(None, alias="from")


class _Event(_Strict):
    """Who sent it, if that is told, where, and what it takes to tell whether it means the bot."""

    sender: _Someone | None = Field(None, alias="from")
    sender_chat: _Someone | None = None
    chat: _Someone | None = None
    message_thread_id: int | None = None
    business_connection_id: str | None = None
    reply_to_message: _Replied | None = None
    entities: list[_Look] | None = None
    caption_entities: list[_Look] | None = None


class _Placed(_Event):
    """A message, or a draft that was stopped."""

    chat: _Someone


class _Press(_Event):
    """The press of a button; the message above it may be too old to be told."""

    id: str
    sender: _Someone = Field(alias="from")
    message: _Placed | None = None


class _Sound(_Strict):
    """Only what every update has: a field that Telegram adds one day must not shut anybody out."""

    update_id: int
    message: _Placed | None = None
    edited_message: _Placed | None = None
    callback_query: _Press | None = None
    stopped_message_generation: _Placed | None = None
