"""A Telegram that keeps nothing but what was called when: the sandbox's own would be the slower of the two.

Every call takes `LATENCY_S`; a chat can be flooded, after which its calls are refused.
"""

import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.bench.wire import Connection, Request

LATENCY_S = 0.03
TOKEN = "42:not-a-real-token-of-telegram"
_ME = {"id": 42, "is_bot": True, "first_name": "Govorun", "username": "govorun_bot"}
_SHOWING = ("sendMessage", "editMessageText")


@dataclass(frozen=True, slots=True)
class Call:
    """One call about a chat, at a time of the loop's clock in seconds."""

    at: float
    method: str
    chat_id: int
    message_id: int
    text: str
    stop: str
    """What the Stop button under the message sends; empty: there is none."""
    is_refused: bool = False


@dataclass(slots=True)
class Screen:
    """A chat as its person sees it."""

    calls: list[Call] = field(default_factory=list)
    messages: dict[int, Call] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All messages, one after another."""
        return "\n".join(self.messages[message_id].text for message_id in sorted(self.messages))

    @property
    def done_at(self) -> float | None:
        """When the answer came to its end: its last message has no Stop button any more."""
        if not self.messages or any(one.stop for one in self.messages.values()):
            return None
        return max(one.at for one in self.messages.values())

    @property
    def frames(self) -> list[Call]:
        """The calls that changed what is seen."""
        return [call for call in self.calls if call.method in _SHOWING and not call.is_refused]


class BenchTelegram:
    """Serves the Bot API; `screens` by chat."""

    def __init__(self) -> None:
        self.screens: defaultdict[int, Screen] = defaultdict(Screen)
        self.flooded: dict[int, float] = {}
        """Chats that are refused, and how many seconds they are told to wait."""
        self.is_ready = asyncio.Event()
        """Whether the bot polls."""
        self._updates: list[dict[str, Any]] = []
        self._poll: tuple[Connection, asyncio.TimerHandle] | None = None
        self.count = 0

    def say(self, chat_id: int, text: str) -> None:
        """Let the person of a private chat write something."""
        person = {"id": chat_id, "is_bot": False, "first_name": f"N{chat_id}", "language_code": "en"}
        chat = {"id": chat_id, "type": "private", "first_name": f"N{chat_id}"}
        self.count += 1
        message = {"message_id": self.count, "date": 1_700_000_000, "chat": chat, "from": person, "text": text}
        self.put("message", message)

    def edit_something(self, chat_id: int) -> None:
        """Let a person change a message that nobody answers any more."""
        person = {"id": chat_id, "is_bot": False, "first_name": f"N{chat_id}", "language_code": "en"}
        chat = {"id": chat_id, "type": "private", "first_name": f"N{chat_id}"}
        dates = {"date": 1_700_000_000, "edit_date": 1_700_000_001}
        self.put("edited_message", {"message_id": 1, "chat": chat, "from": person, "text": "x", **dates})

    def press_stop(self, chat_id: int) -> None:
        """Let the person press the button under the growing answer."""
        call = self.screens[chat_id].frames[-1]
        person = {"id": chat_id, "is_bot": False, "first_name": f"N{chat_id}", "language_code": "en"}
        press = {"id": str(self.count), "from": person, "chat_instance": "1", "data": call.stop}
        self.put("callback_query", {**press, "message": _message(call)})

    def put(self, kind: str, payload: dict[str, Any]) -> None:
        """Deliver an update."""
        self.count += 1
        self._updates.append({"update_id": self.count, kind: payload})
        if self._poll is not None:
            asyncio.get_running_loop().call_soon(self._deliver)

    def serve(self, connection: Connection, request: Request) -> None:
        """Answer a call, after a while."""
        method = request.path.rpartition("/")[2]
        arguments = _arguments(request.body)
        if method == "getUpdates":
            self._listen(connection, int(arguments.get("offset", 0)), float(arguments.get("timeout", 0)))
            return
        loop = asyncio.get_running_loop()
        if "chat_id" not in arguments:
            result: Any = _ME if method == "getMe" else True
            loop.call_later(LATENCY_S, answer, connection, result)
            return
        self._called(connection, method, arguments)

    def _called(self, connection: Connection, method: str, arguments: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        self.count += 1
        call = _call(
            method, arguments, loop.time(), self.count, is_refused=int(arguments["chat_id"]) in self.flooded
        )
        screen = self.screens[call.chat_id]
        screen.calls.append(call)
        if call.is_refused:
            loop.call_later(LATENCY_S, _refuse, connection, self.flooded[call.chat_id])
            return
        if method in _SHOWING:
            screen.messages[call.message_id] = call
        elif method == "deleteMessage":
            screen.messages.pop(call.message_id, None)
        loop.call_later(LATENCY_S, answer, connection, _message(call) if method in _SHOWING else True)

    def _listen(self, connection: Connection, offset: int, timeout_s: float) -> None:
        self.is_ready.set()
        self._updates = [one for one in self._updates if one["update_id"] >= offset]
        self._poll = (connection, asyncio.get_running_loop().call_later(timeout_s, self._deliver))
        if self._updates:
            self._deliver()

    def _deliver(self) -> None:
        if self._poll is None:
            return
        connection, timer = self._poll
        self._poll = None
        timer.cancel()
        answer(connection, self._updates[:100])


def _arguments(body: bytes) -> dict[str, Any]:
    """Read JSON or a form, as Telegram does."""
    if body.startswith(b"{"):
        return dict(json.loads(body))
    arguments: dict[str, Any] = dict(parse_qsl(body.decode()))
    if "reply_markup" in arguments:
        arguments["reply_markup"] = json.loads(arguments["reply_markup"])
    return arguments


def _call(method: str, arguments: dict[str, Any], at: float, new_id: int, *, is_refused: bool) -> Call:
    keyboard = arguments.get("reply_markup", {}).get("inline_keyboard", [])
    datas = [button.get("callback_data", "") for row in keyboard for button in row]
    return Call(
        at=at,
        method=method,
        chat_id=int(arguments["chat_id"]),
        message_id=int(arguments.get("message_id", new_id)),
        text=arguments.get("text", ""),
        stop=next((data for data in datas if data.startswith("stop")), ""),
        is_refused=is_refused,
    )


def _message(call: Call) -> dict[str, Any]:
    chat = {"id": call.chat_id, "type": "private", "first_name": f"N{call.chat_id}"}
    return {
        "message_id": call.message_id, "date": 1_700_000_000, "chat": chat, "from": _ME, "text": call.text,
    }  # fmt: skip


def answer(connection: Connection, result: Any) -> None:
    """Tell the result of a call."""
    connection.answer("200 OK", json.dumps({"ok": True, "result": result}).encode())


def _refuse(connection: Connection, retry_after_s: float) -> None:
    parameters = {"retry_after": retry_after_s}
    body = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": parameters}
    connection.answer("429 Too Many Requests", json.dumps(body).encode())
