"""Delivery of updates to the bot's own address.

Within a lane, an update is sent only after the one before was taken; lanes do not wait for each other. What is
not taken is sent again: at once, then after 2, 4, 8 … seconds, until it is too old.
Source: tdlib/telegram-bot-api, WebhookActor. Like a server in local mode, this one takes http and any port.
"""

import asyncio
import json
import random
import re
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.updates import Queued, UpdateQueue

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header

_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_SECRET_LENGTH = 256
_TIMEOUT_S = 60.0
_LONGEST_PAUSE_S = 3600.0
_CONNECTIONS = 40

Reply = Callable[[dict[str, Any]], Awaitable[None]]
"""Carries out the method that the body of an answer may hold."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where updates go."""

    url: str = ""
    secret: str = ""
    max_connections: int = _CONNECTIONS

    @classmethod
    def of_call(cls, params: Params) -> "Address":
        """Read it from `setWebhook`.

        Raises:
            Refusal: it makes no sense.
        """
        url, secret = params.text("url"), params.text("secret_token")
        if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
            raise bad_request("invalid webhook URL specified")
        if len(secret) > _SECRET_LENGTH:
            raise bad_request("secret token is too long")
        if not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        connections = min(max(params.number("max_connections", _CONNECTIONS), 1), 100)
        return cls(url, secret, connections) if url else cls()


class Webhook:
    """The bot's address and the deliveries under way. `run()` delivers as long as it is not cancelled."""

    def __init__(
        self, queue: UpdateQueue, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._queue = queue
        self._clock = clock
        self._sleep = sleep
        self._changed = asyncio.Event()
        self._address = Address()
        self._lanes: dict[int, deque[Queued]] = defaultdict(deque)
        self._last_id = 0
        self._next_move_at = float("-inf")
        self.last_error = ""
        self.last_error_at = 0.0

    @property
    def address(self) -> Address:
        """Where updates go; the url is empty when they are polled."""
        return self._address

    def may_move(self) -> bool:
        """Whether the last move is a second ago; counts as a move if it is."""
        now = self._clock()
        is_time = now >= self._next_move_at
        if is_time:
            self._next_move_at = now + 1
        return is_time

    def move(self, address: Address) -> None:
        """Deliver to another address from now on."""
        self._address = address
        self._last_id = 0
        self.last_error, self.last_error_at = "", 0.0
        self._changed.set()

    def as_info(self) -> dict[str, Any]:
        """The Bot API's `WebhookInfo`."""
        info: dict[str, Any] = {
            "url": self._address.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._queue),
        }
        if self._address.url:
            info["max_connections"] = self._address.max_connections
        if self.last_error:
            info |= {"last_error_date": int(self.last_error_at), "last_error_message": self.last_error}
        return info

    async def run(self, reply: Reply) -> None:
        """Deliver, address after address, until cancelled."""
        stop = self._queue.listen(self._changed.set)
        try:
            while True:
                if self._address.url:
                    await self._deliver_to(self._address, reply)
                await self._changed.wait()
                self._changed.clear()
        finally:
            stop()

    async def _deliver_to(self, address: Address, reply: Reply) -> None:
        self._lanes.clear()
        slots = asyncio.Semaphore(address.max_connections)
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as client, asyncio.TaskGroup() as lanes:
            post = _Post(client, address, slots, reply)
            while self._address is address:
                for lane in self._sort_new():
                    lanes.create_task(self._empty(lane, post))
                await self._changed.wait()
                self._changed.clear()

    def _sort_new(self) -> set[int]:
        """Put what came since the last time into its lanes; returns the lanes that were empty."""
        fresh = list(takewhile(lambda queued: queued.update_id > self._last_id, reversed(self._queue)))
        idle = {queued.lane for queued in fresh if not self._lanes[queued.lane]}
        for queued in reversed(fresh):
            self._lanes[queued.lane].append(queued)
            self._last_id = queued.update_id
        return idle

    async def _empty(self, lane: int, post: "_Post") -> None:
        waiting = self._lanes[lane]
        while waiting and self._address is post.address:
            await self._deliver(waiting[0], post)
            waiting.popleft()

    async def _deliver(self, queued: Queued, post: "_Post") -> None:
        pause_s, attempts = 0.0, 0
        while self._address is post.address and queued.expires_at > self._clock():
            error, advised_s = await post(queued.update)
            if not error:
                break
            self.last_error, self.last_error_at = error, self._clock()
            pause_s = advised_s or (0.0 if not attempts else min(2.0**attempts, _cap_s()))
            attempts += 1
            await self._sleep(pause_s)
        if self._address is post.address:
            self._queue.remove(queued)


def _cap_s() -> float:
    return random.uniform(60, 120)  # noqa: S311 - a pause, not a secret


@dataclass(frozen=True, slots=True)
class _Post:
    """One way of sending updates: to an address, so many at once."""

    client: aiohttp.ClientSession
    address: Address
    slots: asyncio.Semaphore
    reply: Reply

    async def __call__(self, update: dict[str, Any]) -> tuple[str, float]:
        """Send an update once; returns what went wrong, and the pause that the other side asks for."""
        headers = {SECRET_HEADER: self.address.secret} if self.address.secret else {}
        try:
            async with self.slots, self.client.post(self.address.url, json=update, headers=headers) as answer:
                if not answer.ok:
                    return f"Wrong response from the webhook: {answer.status} {answer.reason}", _advised_s(
                        answer
                    )
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"Connection failed: {type(error).__name__}", 0.0
        await self._carry_out(body)
        return "", 0.0

    async def _carry_out(self, body: bytes) -> None:
        try:
            call = json.loads(body)
        except ValueError:
            return
        if isinstance(call, dict) and call.get("method"):
            await self.reply(call)


def _advised_s(answer: aiohttp.ClientResponse) -> float:
    advice = answer.headers.get("Retry-After", "")
    return min(float(advice), _LONGEST_PAUSE_S) if advice.isdecimal() else 0.0
