"""The Telegram of the sandbox in process and in virtual time, behind aiogram's session: faults in milliseconds.

The twin is called as over HTTP: what goes in is the form that aiogram builds, what comes out is parsed by
aiogram, and a server goes on with a call that its client has given up.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import TelegramMethod
from aiogram.types import BufferedInputFile

from bot.replies.entities import Entity, Kind, Rendered
from bot.sandbox.telegram.answers import Answer
from bot.sandbox.telegram.params import Params, Upload
from bot.sandbox.telegram.world import Call, TelegramWorld
from tests.tools.botapi import assert_call_matches_schema
from tests.tools.telegram_judge import assert_accepted

_FREE = frozenset({"answercallbackquery", "getupdates"})
"""What flood control does not count."""


class Time(Protocol):
    """Seconds of a steady clock, and a way to wait: virtual time or the real one."""

    @property
    def now(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class RealTime:
    """The time of the clock on the wall."""

    @property
    def now(self) -> float:
        """Seconds of a steady clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for that long."""
        await asyncio.sleep(seconds)


class Killed(BaseException):
    """The process of this session is no more: nothing in it can catch that."""


class WorldSession(BaseSession):
    """The session of one process of the bot; `before_call` hears the number of each call before it is made."""

    def __init__(
        self,
        world: TelegramWorld,
        timing: Time,
        *,
        latency_s: float = 0.06,
        timeout_s: float = 30.0,
        before_call: Callable[[int], None] = lambda _: None,
    ) -> None:
        super().__init__(timeout=timeout_s)
        self.before_call = before_call
        self.knocks = 0
        """Calls to a chat within a wait that this process, or another one before, was told of."""
        self.most_in_flight = 0
        self.dies_after: int | None = None
        """The number of the call that is applied, but whose answer finds nobody any more."""
        self.is_dead = False
        self._world = world
        self._time = timing
        self._latency_s = latency_s
        self._in_flight = 0
        self.made = 0
        """Calls so far."""
        self._closed_until: dict[int, float] = {}

    def travel(self, latency_s: float) -> None:
        """Take that long for a call and its answer from now on."""
        self._latency_s = latency_s

    def die(self) -> None:
        """Be killed: whatever is called from now on ends without a trace."""
        self.is_dead = True

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:  # noqa: ASYNC109, ARG002 - aiogram's signature
        self._check_alive()
        number, self.made = self.made, self.made + 1
        self.before_call(number)
        self._check_alive()
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            answer = await self._answer(bot, method)
        finally:
            self._in_flight -= 1
        if number == self.dies_after:
            self.die()
        self._check_alive()
        if answer is None:
            raise TelegramNetworkError(method=method, message="ServerDisconnectedError")
        body = answer.html or json.dumps(answer.envelope, ensure_ascii=False)
        return self.check_response(bot, method, answer.status, body).result

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,  # noqa: ARG002 - aiogram's signature
        timeout: int = 30,  # noqa: ASYNC109, ARG002 - the same
        chunk_size: int = 65536,
        raise_for_status: bool = True,  # noqa: ARG002, FBT001, FBT002 - the same
    ) -> AsyncGenerator[bytes, None]:
        """Download a file, chunk by chunk."""
        self._check_alive()
        await self._time.sleep(self._latency_s)
        self._check_alive()
        stored = self._world.state.files.by_path(url.partition(f"/file/bot{self._world.token}/")[2])
        assert stored is not None, url
        content = stored.upload.content
        for start in range(0, len(content), chunk_size):
            yield content[start : start + chunk_size]

    async def close(self) -> None:
        """Nothing is open."""

    def _check_alive(self) -> None:
        if self.is_dead:
            raise Killed

    async def _answer(self, bot: Bot, method: TelegramMethod[Any]) -> Answer | None:
        """Carry the call there and its answer back; None: nothing came back in time."""
        params = await self._params(bot, method)
        self._count_knock(method.__api_method__, params)
        await self._time.sleep(self._latency_s / 2)
        serving = asyncio.ensure_future(self._world.call(method.__api_method__, params))
        patience = asyncio.ensure_future(self._time.sleep(self.timeout))
        await asyncio.wait({serving, patience}, return_when=asyncio.FIRST_COMPLETED)
        patience.cancel()
        if not serving.done():
            return None
        await self._time.sleep(self._latency_s / 2)
        answer = serving.result()
        if answer.retry_after is not None:
            until = self._time.now + answer.retry_after - self._latency_s / 2
            self._closed_until[params.number("chat_id")] = until
        return None if answer.is_cut else answer

    def _count_knock(self, name: str, params: Params) -> None:
        is_closed = self._time.now < self._closed_until.get(params.number("chat_id"), 0.0)
        self.knocks += is_closed and name.lower() not in _FREE

    async def _params(self, bot: Bot, method: TelegramMethod[Any]) -> Params:
        files: dict[str, Any] = {}
        values: dict[str, Any] = {}
        for name, value in method.model_dump(warnings=False).items():
            if prepared := self.prepare_value(value, bot=bot, files=files):
                values[name] = prepared
        uploads = {
            name: Upload(one.filename, "application/octet-stream", _content(one)) for name, one in files.items()
        }
        return Params(values, uploads)


def _content(file: Any) -> bytes:
    assert isinstance(file, BufferedInputFile)
    return file.data


def judge(calls: list[Call]) -> None:
    """Let the outside judges look at calls: the schema of the Bot API, and Telegram's own entity parser."""
    for call in calls:
        _check(call.method, json.dumps(call.params, ensure_ascii=False, sort_keys=True))


@lru_cache(maxsize=4096)
def _check(method: str, encoded: str) -> None:
    params = json.loads(encoded)
    assert_call_matches_schema(method, params)
    if "text" in params:
        assert_accepted(rendered(params))
    if "caption" in params:
        assert_accepted(rendered(params, "caption", "caption_entities"))


def rendered(params: Mapping[str, Any], text: str = "text", entities: str = "entities") -> Rendered:
    """The text and entities of a call, or its caption and theirs."""
    given = (
        Entity(Kind(one["type"]), one["offset"], one["length"], one.get("url"), one.get("language"))
        for one in params.get(entities) or ()
    )
    return Rendered(params[text], tuple(given))
