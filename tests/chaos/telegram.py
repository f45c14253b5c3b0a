"""A Telegram that is never killed: it delivers questions by polls, and keeps what chats show.

Every process of the bot has an address of its own, `…/NAME`, so that it is known whose call it is. Updates are
forgotten when a later offset is asked for, and not before; of two polls the older one ends with a conflict.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from tests.bench.wire import Connection, Request
from tests.chaos.chats import ME, Chats, RefusedError, sent
from tests.chaos.weather import FAIR, Fault, Weather

TOKEN = "42:not-a-real-token-of-telegram"
LATENCY_S = 0.03
_MOST_UPDATES = 100
_HANG_S = 30.0
_OTHER = "terminated by other getUpdates request; make sure that only one bot instance is running"


class ChaosTelegram:
    """Serves the Bot API."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.chats = Chats(loop.time)
        self.weather: Weather = FAIR
        self.ambushes: dict[str, Callable[[], None]] = {}
        """What happens, once, when a process has sent a message and waits to hear of it, which it will not."""
        self.polls: list[tuple[float, str]] = []
        """When, and by which process."""
        self.heard_of: dict[str, float] = {}
        """The processes that have called, and when they first did."""
        self.faults: Counter[Fault] = Counter()
        self.conflicts = 0
        self.kept_after = 0
        """The newest update that the bot has confirmed."""
        self._updates: list[dict[str, Any]] = []
        self._newest_update = 0
        self._poll: tuple[Connection, asyncio.TimerHandle] | None = None

    def say(self, chat_id: int, text: str) -> int:
        """Let the person of a private chat write something; return the id of the update."""
        person = {"id": chat_id, "is_bot": False, "first_name": f"N{chat_id}", "language_code": "en"}
        self._newest_update += 1
        message = sent(self.chats.new_id(), chat_id, person, text)
        self._updates.append({"update_id": self._newest_update, "message": message})
        asyncio.get_running_loop().call_soon(self._deliver)
        return self._newest_update

    def serve(self, connection: Connection, request: Request) -> None:
        """Answer a call, after a while, if the weather lets it."""
        _, replica, _, method = request.path.split("/")
        arguments = _arguments(request.body)
        self.heard_of.setdefault(replica, asyncio.get_running_loop().time())
        fault = self.weather.fault()
        if fault is not None:
            self.faults[fault] += 1
            self._fail(connection, fault, replica, (method, arguments))
        elif method == "getUpdates":
            self._listen(connection, replica, arguments)
        else:
            status, body = self._called(replica, method, arguments)
            if method == "sendMessage" and (ambush := self.ambushes.pop(replica, None)):
                ambush()
                return
            asyncio.get_running_loop().call_later(LATENCY_S, connection.answer, status, body)

    def _fail(
        self, connection: Connection, fault: Fault, replica: str, call: tuple[str, dict[str, str]]
    ) -> None:
        """Let a call go wrong; after some faults it has been done nevertheless."""
        if fault.is_done and call[0] != "getUpdates":
            self._called(replica, *call)
        loop = asyncio.get_running_loop()
        match fault:
            case Fault.BAD_GATEWAY:
                loop.call_later(LATENCY_S, connection.answer, "502 Bad Gateway", b"<html>Bad Gateway</html>")
            case Fault.HANGING | Fault.HANGING_DONE:
                loop.call_later(_HANG_S, connection.cut)
            case _:
                loop.call_later(LATENCY_S, connection.cut)

    def _called(self, replica: str, method: str, arguments: dict[str, str]) -> tuple[str, bytes]:
        if method == "getMe":
            return _good(ME)
        if "chat_id" not in arguments:
            return _good(True)  # noqa: FBT003 - it is what Telegram says
        told = f"{method} {arguments.get('message_id', '')} {arguments.get('text', '')}"
        self.chats.touch(int(arguments["chat_id"]), replica, told)
        try:
            return _good(self.chats.call(method, arguments))
        except RefusedError as error:
            return _bad(400, f"Bad Request: {error}")

    def _listen(self, connection: Connection, replica: str, arguments: dict[str, str]) -> None:
        loop = asyncio.get_running_loop()
        self.polls.append((loop.time(), replica))
        self._end_poll()
        offset = int(arguments.get("offset", 0))
        self.kept_after = max(self.kept_after, offset - 1)
        self._updates = [one for one in self._updates if one["update_id"] >= offset]
        timer = loop.call_later(float(arguments.get("timeout", 0)), self._deliver_what_there_is)
        self._poll = (connection, timer)
        connection.when_lost = self._forget_poll
        self._deliver()

    def _end_poll(self) -> None:
        if self._poll is not None:
            connection = self._poll[0]
            self._forget_poll()
            self.conflicts += 1
            connection.answer(*_bad(409, f"Conflict: {_OTHER}"))

    def _forget_poll(self) -> None:
        if self._poll is not None:
            connection, timer = self._poll
            connection.when_lost = _nothing
            timer.cancel()
            self._poll = None

    def _deliver(self) -> None:
        if self._updates:
            self._deliver_what_there_is()

    def _deliver_what_there_is(self) -> None:
        if self._poll is not None:
            connection = self._poll[0]
            self._forget_poll()
            connection.answer(*_good(self._updates[:_MOST_UPDATES]))


def _nothing() -> None:
    """Do nothing when a connection ends that nobody polls on."""


def _arguments(body: bytes) -> dict[str, str]:
    """Read JSON or a form, as Telegram does; values of JSON stay what they are."""
    return dict(json.loads(body)) if body.startswith(b"{") else dict(parse_qsl(body.decode()))


def _good(result: Any) -> tuple[str, bytes]:
    return "200 OK", json.dumps({"ok": True, "result": result}).encode()


def _bad(code: int, description: str) -> tuple[str, bytes]:
    body = {"ok": False, "error_code": code, "description": description}
    return f"{code} Refused", json.dumps(body).encode()
