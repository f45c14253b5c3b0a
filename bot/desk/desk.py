"""What an operator does with the inbox while the bot runs, or while it does not."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from bot.desk import moves
from bot.store import key_prefix, store_errors
from bot.updates.backlog import Backlog, BacklogView
from bot.updates.inbox import GROUP, SEPARATOR, Claim, RedisInbox

_PAGE = 500
_LOOKS, _LOOK_S = 30, 0.1
"""While a worker chooses what it handles as one; after that it is given the head, and has to be content."""
_BURIED = "buried by the operator"
_UPDATE_ID = re.compile(r'"update_id":(\d+)')


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits in one conversation."""

    conversation: str
    """Its slug: `chat`, `chat:topic`, `chat:topic:business`."""
    updates: int
    """Waiting, what is being handled included."""
    age_s: float
    """Since the oldest of them was announced."""
    update_id: int | None
    """Of the oldest; None: it was handled just now."""
    holder: str
    """The worker; empty: nobody."""
    silent_s: float
    """Since the worker's last sign of life."""
    deliveries: int
    """How many workers have held it, this one included."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An update that could not be handled."""

    entry: str
    """The id by which it is replayed or dropped; begins with Unix time in milliseconds."""
    conversation: str
    """Its slug; empty: it came by the control lane."""
    why: str
    update: str
    """As JSON."""

    @property
    def died_at(self) -> float:
        """Unix time in seconds, by Redis' clock."""
        return int(self.entry.partition("-")[0]) / 1000

    @property
    def update_id(self) -> int | None:
        """Telegram's number."""
        return _update_id(self.update)


@dataclass(frozen=True, slots=True)
class Sight:
    """The inbox at one moment: how much there is in all, and the first of it."""

    backlog: Backlog
    queues: tuple[Queue, ...]
    """Announced longest ago first."""
    letters: tuple[Letter, ...]
    """Newest first."""


class Desk:
    """Workers may go on meanwhile. Every method raises `StoreError` if Redis is away."""

    def __init__(
        self, redis: Redis, bot_id: int, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._redis = redis
        self._sleep = sleep
        self._backlog = BacklogView(redis, bot_id)
        prefix = key_prefix(bot_id)
        self._ready, self._control, self._dead = (f"{prefix}:{name}" for name in ("ready", "control", "dead"))
        self._senders, self._taken, self._waiting = (
            f"{prefix}:{name}" for name in ("senders", "taken", "waiting:")
        )
        self._queues = redis.register_script(moves.QUEUES)
        self._replay = redis.register_script(moves.REPLAY)
        self._held = redis.register_script(moves.HELD)
        self._drop_waiting = redis.register_script(moves.DROP_WAITING)
        self._bot_id = bot_id

    async def look(self, most: int) -> Sight:
        """Return what waits and what died, `most` of either."""
        backlog = await self._backlog.look()
        with store_errors():
            now_ms, *queues = await self._queues(keys=[self._ready], args=[GROUP, self._waiting, most])
            letters: Any = await self._redis.xrevrange(self._dead, count=most)
        found = tuple(_queue(now_ms, *queue) for queue in queues)
        return Sight(backlog, found, tuple(_letter(*letter) for letter in letters))

    async def find(self, name: str) -> str | None:
        """Return an update by the id of its dead letter, or by its own; dead or waiting; None: not here."""
        if letter := await self.letter(name):
            return letter.update
        if name.isdecimal():
            async for update in self._waiting_updates():
                if _update_id(update) == int(name):
                    return update
        return None

    async def letter(self, name: str) -> Letter | None:
        """Return a dead letter by its id, or by that of its update, then the newest; None: not here."""
        if re.fullmatch(r"\d+-\d+", name):
            with store_errors():
                found: Any = await self._redis.xrange(self._dead, name, name)
            return _letter(*found[0]) if found else None
        if name.isdecimal():
            same = [letter async for letter in self.letters() if letter.update_id == int(name)]
            return same[-1] if same else None
        return None

    async def letters(self) -> AsyncIterator[Letter]:
        """Yield all dead letters, oldest first."""
        async for entry, fields in self._entries(self._dead):
            yield _letter(entry, fields)

    async def replay(self, letter: Letter) -> bool:
        """Let an update be handled again, behind what waits in its conversation; False: it was gone already."""
        keys = [self._dead, f"{self._waiting}{letter.conversation}", self._ready, self._control]
        with store_errors():
            return bool(await self._replay(keys=keys, args=[letter.entry, letter.conversation]))

    async def drop(self, letter: Letter) -> bool:
        """Throw a dead letter away; False: it was gone already."""
        with store_errors():
            return bool(await self._redis.xdel(self._dead, letter.entry))

    async def drop_waiting(self, conversation: str) -> int:
        """Throw away what waits in a conversation, but not what is being handled; return how many updates."""
        for _ in range(_LOOKS):
            if (count := await self._try_to_drop(conversation, is_last=False)) >= 0:
                return count
            await self._sleep(_LOOK_S)
        return await self._try_to_drop(conversation, is_last=True)

    async def bury(self, conversation: str) -> int:
        """Make dead letters of what is being handled in a conversation, and go on with what waits behind it.

        Whoever handles it breaks off within a lease, in the middle of a sentence. Returns how many updates.
        """
        keys = [f"{self._waiting}{conversation}", self._ready, self._taken]
        with store_errors():
            held: Any = await self._held(keys=keys, args=[GROUP, conversation])
        if not held:
            return 0
        entry, holder, items = held
        inbox = RedisInbox(self._redis, self._bot_id, consumer=holder)
        claim = Claim(inbox.ready, entry, conversation, tuple(map(_bare, items)), is_taken=True)
        return len(items) if await inbox.done(claim, why_dead=_BURIED) else 0

    async def _try_to_drop(self, conversation: str, *, is_last: bool) -> int:
        keys = [f"{self._waiting}{conversation}", self._ready, self._senders, self._taken]
        with store_errors():
            return int(await self._drop_waiting(keys=keys, args=[GROUP, conversation, int(is_last)]))

    async def _waiting_updates(self) -> AsyncIterator[str]:
        async for _, fields in self._entries(self._control):
            yield fields["update"]
        async for _, fields in self._entries(self._ready):
            with store_errors():
                items: Any = await self._redis.lrange(f"{self._waiting}{fields['conversation']}", 0, -1)
            for item in items:
                yield _bare(item)

    async def _entries(self, stream: str) -> AsyncIterator[tuple[str, dict[str, str]]]:
        """Yield a stream page by page; what comes meanwhile may be seen, and what goes may not."""
        start = "-"
        while True:
            with store_errors():
                page: Any = await self._redis.xrange(stream, start, count=_PAGE)
            for entry, fields in page:
                yield entry, fields
            if len(page) < _PAGE:
                return
            start = f"({page[-1][0]}"


def pretty(update: str) -> str:
    """Return an update as JSON for people."""
    return json.dumps(json.loads(update), ensure_ascii=False, indent=2)


def _queue(now_ms: int, *facts: Any) -> Queue:
    slug, entry, updates, oldest, holder, silent_ms, deliveries = facts
    age_s = max(0, now_ms - int(entry.partition("-")[0])) / 1000
    return Queue(slug, updates, age_s, _update_id(oldest), holder, silent_ms / 1000, deliveries)


def _letter(entry: str, fields: dict[str, str]) -> Letter:
    return Letter(entry, fields["conversation"], fields["why"], fields["update"])


def _bare(item: str) -> str:
    return item.rpartition(SEPARATOR)[2]


def _update_id(update: str) -> int | None:
    found = _UPDATE_ID.search(update)
    return int(found[1]) if found else None
