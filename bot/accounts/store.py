"""The accounts in Redis: one hash for each day, in which every kind of expense has its sums.

A day costs as much room as there are persons, prompts and models in it, not as there are answers. What was
booked is remembered for a day, so that an answer that is finished after a crash is paid for once.
"""

import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from redis.asyncio import Redis

from bot.accounts.prices import cost_rub
from bot.store import key_prefix, store_errors
from bot.types import Expense, Work

_KEEP_DAYS = 400
_REMEMBERED_S = 86_400
_MICRO = 1_000_000

_BOOK = """
-- KEYS day, booked, names
-- ARGV expense, now, seconds to remember it, seconds to keep the day, person, name, kind, then each sum
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[2] - ARGV[3])
if redis.call('ZADD', KEYS[2], 'NX', ARGV[2], ARGV[1]) == 0 then return 0 end
redis.call('EXPIRE', KEYS[2], ARGV[3])
for at = 8, #ARGV do redis.call('HINCRBY', KEYS[1], ARGV[7] .. ':' .. at - 7, ARGV[at]) end
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('HSET', KEYS[3], ARGV[5], ARGV[6])
redis.call('EXPIRE', KEYS[3], ARGV[4])
return 1
"""


@dataclass(slots=True)
class Entry:
    """What was spent on one kind of thing, summed up."""

    person_id: int
    prompt: str
    model: str
    work: Work
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    rub: float = 0.0


class RedisAccounts:
    """The port `Accounts`, and what can be read of them; every method raises `StoreError` if Redis is away.

    Days begin at midnight in the operator's time zone and are kept for 400 days.
    """

    def __init__(
        self, redis: Redis, bot_id: int, timezone: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._ask: Callable[..., Awaitable[Any]] = redis.execute_command
        self._prefix = key_prefix(bot_id)
        self._zone = ZoneInfo(timezone)
        self._clock = clock
        self._book = redis.register_script(_BOOK)

    async def book(self, expense: Expense, *, expense_id: str) -> None:
        """Write an expense down; the same id again changes nothing."""
        person, usage = expense.person, expense.usage
        sums = (
            expense.requests,
            usage.input_tokens,
            usage.completion_tokens,
            round(cost_rub(expense) * _MICRO),
        )
        about = [str(person.user_id), expense.prompt, expense.model.label, expense.work.value]
        with store_errors():
            await self._book(
                keys=[self._day(self._date(expense.at)), f"{self._prefix}:booked", self._names],
                args=[
                    hashlib.blake2s(expense_id.encode(), digest_size=12).hexdigest(),
                    self._clock(),
                    _REMEMBERED_S,
                    _KEEP_DAYS * 86_400,
                    person.user_id,
                    person.name.encode(errors="replace"),
                    json.dumps(about, ensure_ascii=False),
                    *sums,
                ],
            )

    async def spent(self, days: int, person_id: int | None = None) -> tuple[Entry, ...]:
        """Return what was spent on the newest days, today included, the dearest first; None: by everybody."""
        today = self._date(self._clock())
        entries: dict[str, Entry] = {}
        for number in range(days):
            with store_errors():
                found = await self._ask("HGETALL", self._day(today - timedelta(days=number)))
            _add(entries, found.items())
        chosen = (entry for entry in entries.values() if person_id in {None, entry.person_id})
        return tuple(sorted(chosen, key=lambda entry: (-entry.rub, -entry.input_tokens - entry.output_tokens)))

    async def names(self, person_ids: Iterable[int]) -> dict[int, str]:
        """Return what these persons were called last."""
        wanted = list(dict.fromkeys(person_ids))
        if not wanted:
            return {}
        with store_errors():
            found = await self._ask("HMGET", self._names, *wanted)
        return {person_id: name for person_id, name in zip(wanted, found, strict=True) if name}

    @property
    def _names(self) -> str:
        return f"{self._prefix}:spenders"

    def _day(self, day: date) -> str:
        return f"{self._prefix}:spent:{day.isoformat()}"

    def _date(self, at: float) -> date:
        return datetime.fromtimestamp(at, self._zone).date()


def _add(entries: dict[str, Entry], fields: Iterable[tuple[str, str]]) -> None:
    """Add the sums of a day, whose fields end in the number of the sum."""
    for field, value in fields:
        about, _, number = field.rpartition(":")
        if about not in entries:
            person_id, prompt, model, work = json.loads(about)
            entries[about] = Entry(int(person_id), prompt, model, Work(work))
        entry = entries[about]
        match number:
            case "1":
                entry.requests += int(value)
            case "2":
                entry.input_tokens += int(value)
            case "3":
                entry.output_tokens += int(value)
            case "4":
                entry.rub += int(value) / _MICRO
