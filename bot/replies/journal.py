"""What replies write down in Redis: their messages, and what chats have refused.

After a crash the next attempt edits the messages that are known and sends no new ones; what a chat refused is
not tried again at every answer.

To write is a convenience, never a condition: while Redis is away the reply goes on, and what it could not write
down it writes with the next frame; a crash before that may double a message. But no reply begins that does not
know whether an earlier attempt was there.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from bot.errors import StoreError
from bot.replies.ledger import Ledger
from bot.store import key_prefix, store_errors
from bot.types import Ending, Piece

log = structlog.get_logger(__name__)

KEEP_S = 2 * 24 * 3600
"""Longer than Telegram keeps an update that was not fetched."""
KEEP_ANSWER_S = 600
"""Once a reply was remembered as well as delivered: longer than it takes to tell the inbox."""
_PATIENCE_S, _CATCH_UP_S = 2.0, 0.25
"""With a Redis that does not answer, at first and at each frame: a note is no reason to keep people waiting."""
KEEP_REFUSAL_S = 24 * 3600
"""Clients and servers are updated: what a chat refused is tried again a day later."""


class Extra(StrEnum):
    """What not every chat takes."""

    DRAFT = "draft"
    RICH = "rich"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message that may have been sent, though nobody told us its id: it lies between two that we know."""

    above: int
    below: int | None = None
    """None: nothing has been sent since."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What is known of one reply."""

    message_ids: tuple[int, ...] = ()
    chat_id: int | None = None
    """Where the messages are: not where the question was, if the group has moved. None: there are none."""
    doubts: tuple[Doubt, ...] = ()
    strays: tuple[int, ...] = ()
    """Messages that others have replaced, and that are to be deleted."""
    undelivered: Piece | None = None
    """What the model had said when its delivery began; without an ending it was stopped."""
    answer: str | None = None
    """The model's text, once it is delivered."""
    file_id: int | None = None
    """The message with the file."""


# Redis that is full lets a script write that has deleted something before.
_WRITE = """
-- KEYS entry; ARGV notes, seconds to keep them
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
"""


class Journal:
    """The entries of all replies of one bot."""

    def __init__(self, redis: Redis, bot_id: int) -> None:
        self.ledger = Ledger(redis, bot_id)
        """Which messages of all replies and notices are known."""
        self._redis = redis
        self._write = redis.register_script(_WRITE)
        self._prefix = key_prefix(bot_id)

    async def open(self, reply_id: str) -> "Entry":
        """Return the entry of a reply with what an earlier attempt wrote, if there was one.

        Raises:
            StoreError: nobody can tell whether there was one.
        """
        key = f"{self._prefix}:reply:{reply_id}"
        with store_errors():
            raw = await self._redis.get(key)
        return Entry(self._redis, self._write, key, _notes(json.loads(raw)) if raw else Notes())

    async def refusals(self, chat_id: int, extras: Sequence[Extra]) -> dict[Extra, int]:
        """Return how often in a row the chat has refused each of these; never, if Redis is away."""
        if not extras:
            return {}
        try:
            with store_errors():
                marks = await self._redis.mget([self._refusal(chat_id, extra) for extra in extras])
        except StoreError as error:
            log.debug("refusals_not_read", error=str(error))
            return dict.fromkeys(extras, 0)
        return {extra: int(mark or 0) for extra, mark in zip(extras, marks, strict=True)}

    async def note_refusals(self, chat_id: int, extra: Extra, times: int) -> None:
        """Remember for a day how often in a row the chat has refused it."""
        try:
            with store_errors():
                await self._redis.set(self._refusal(chat_id, extra), times, ex=KEEP_REFUSAL_S)
        except StoreError as error:
            log.debug("refusal_not_noted", error=str(error))

    def _refusal(self, chat_id: int, extra: Extra) -> str:
        return f"{self._prefix}:refused:{extra}:{chat_id}"


class Entry:
    """The notes about one reply, and the place where they are kept."""

    def __init__(self, redis: Redis, write: AsyncScript, key: str, notes: Notes) -> None:
        self._redis = redis
        self._write = write
        self._key = key
        self._is_behind = False
        """Whether Redis does not know the newest notes."""
        self.notes = notes

    async def write(self, **changes: Any) -> None:
        """Change the notes, before anything else is sent; an answer says that the reply is over."""
        self.notes = replace(self.notes, **changes)
        await self._save(_PATIENCE_S)

    async def catch_up(self) -> None:
        """Write down what could not be written before."""
        if self._is_behind:
            await self._save(_CATCH_UP_S)

    async def settle(self) -> None:
        """Let an answer be forgotten soon, because it was remembered elsewhere."""
        if self.notes.answer is None:
            return
        await self.catch_up()
        try:
            with store_errors():
                async with asyncio.timeout(_PATIENCE_S):
                    await self._redis.expire(self._key, KEEP_ANSWER_S)
        except StoreError as error:
            log.debug("journal_not_settled", key=self._key, error=str(error))

    async def _save(self, patience_s: float) -> None:
        self._is_behind = True
        try:
            with store_errors():
                async with asyncio.timeout(patience_s):
                    await self._write(keys=[self._key], args=[_dumped(self.notes), KEEP_S])
        except StoreError as error:
            log.debug("journal_not_written", key=self._key, error=str(error))
        else:
            self._is_behind = False


def _dumped(notes: Notes) -> str:
    return json.dumps(
        {
            "message_ids": notes.message_ids,
            "chat_id": notes.chat_id,
            "doubts": [(doubt.above, doubt.below) for doubt in notes.doubts],
            "strays": notes.strays,
            "undelivered": notes.undelivered and (notes.undelivered.text, notes.undelivered.ending),
            "answer": notes.answer,
            "file_id": notes.file_id,
        }
    )


def _notes(known: dict[str, Any]) -> Notes:
    return Notes(
        tuple(known.get("message_ids", ())),
        known.get("chat_id"),
        tuple(Doubt(above, below) for above, below in known.get("doubts", ())),
        tuple(known.get("strays", ())),
        _piece(known.get("undelivered")),
        known.get("answer"),
        known.get("file_id"),
    )


def _piece(known: list[Any] | None) -> Piece | None:
    if not known:
        return None
    text, ending = known
    return Piece(text, ending and Ending(ending))
