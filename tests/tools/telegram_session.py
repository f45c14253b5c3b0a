"""A small Telegram behind aiogram's session: keeps what chats show and answers in Telegram's own words."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteBusinessMessages,
    DeleteMessage,
    EditMessageText,
    SendChatAction,
    SendDocument,
    SendMessage,
    TelegramMethod,
)

from bot.replies.entities import units

TOKEN = "42:token"


@dataclass(frozen=True, slots=True)
class Fault:
    """One answer that goes wrong: an error, or (`code` of 0) an answer that is lost on its way."""

    code: int = 0
    description: str = ""
    parameters: dict[str, int] = field(default_factory=dict)
    is_applied: bool = False
    method: str = ""
    """Only calls of this method; empty: any."""


def flood(retry_after_s: int, method: str = "") -> Fault:
    """Too many requests."""
    return Fault(429, "Too Many Requests", {"retry_after": retry_after_s}, method=method)


@dataclass(frozen=True, slots=True)
class Call:
    """What came in."""

    at: float
    method: str
    params: dict[str, Any]
    ok: bool


class TelegramSession(BaseSession):
    """Applies sends, edits and deletes to its chats; faults are used up one per call, in order."""

    def __init__(
        self,
        *faults: Fault,
        clock: Callable[[], float] = lambda: 0.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        latency_s: float = 0.0,
    ) -> None:
        super().__init__()
        self.faults = list(faults)
        self.calls: list[Call] = []
        self.shown: dict[int, dict[str, Any]] = {}
        self.history: list[str] = []
        self.now_in_flight = 0
        self.most_in_flight = 0
        self._clock = clock
        self._sleep = sleep
        self._latency_s = latency_s
        self._last_id = 100

    @property
    def texts(self) -> list[str]:
        """What the chat shows, from top to bottom."""
        return [self.shown[key]["text"] for key in sorted(self.shown)]

    def made(self, *methods: str) -> list[Call]:
        """Calls of these methods that succeeded."""
        return [call for call in self.calls if call.ok and call.method in methods]

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:  # noqa: ASYNC109, ARG002 - aiogram's signature
        self.now_in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.now_in_flight)
        try:
            await self._sleep(self._latency_s / 2)
            answer = self._answer(method)
            await self._sleep(self._latency_s / 2)
        finally:
            self.now_in_flight -= 1
        if answer is None:
            raise TelegramNetworkError(method=method, message="ServerDisconnectedError")
        code = answer.get("error_code", 200)
        return self.check_response(bot, method, code, self.json_dumps(answer)).result

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        """Replies load nothing."""
        yield b""

    async def close(self) -> None:
        """Nothing is open."""

    def _answer(self, method: TelegramMethod[Any]) -> dict[str, Any] | None:
        name = type(method).__name__
        fault = self._fault(name)
        if fault and not fault.is_applied:
            self.calls.append(Call(self._clock(), name, _params(method), ok=False))
            return (fault.code and _refused(fault.description, fault.code, fault.parameters)) or None
        answer = self._apply(method)
        self.calls.append(Call(self._clock(), name, _params(method), ok=answer["ok"]))
        return None if fault else answer

    def _fault(self, name: str) -> Fault | None:
        if self.faults and self.faults[0].method in {"", name}:
            return self.faults.pop(0)
        return None

    def _apply(self, method: TelegramMethod[Any]) -> dict[str, Any]:
        match method:
            case SendMessage():
                return self._send(method)
            case EditMessageText():
                return self._edit(method)
            case SendDocument():
                self._last_id += 1
                return self._message(self._last_id)
            case DeleteMessage():
                gone = self.shown.pop(method.message_id, None)
                return {"ok": True, "result": True} if gone else _refused("message to delete not found")
            case DeleteBusinessMessages():
                for message_id in method.message_ids:
                    self.shown.pop(message_id)
                return {"ok": True, "result": True}
            case AnswerCallbackQuery() | SendChatAction():
                return {"ok": True, "result": True}
        raise AssertionError(f"no reply calls {type(method).__name__}")

    def _send(self, method: SendMessage) -> dict[str, Any]:
        if units(method.text) > 4096:
            return _refused("message is too long")
        self._last_id += 1
        self._show(self._last_id, method)
        return self._message(self._last_id)

    def _edit(self, method: EditMessageText) -> dict[str, Any]:
        assert method.message_id is not None
        if method.message_id not in self.shown:
            return _refused("message to edit not found")
        if units(method.text or "") > 4096:
            return _refused("MESSAGE_TOO_LONG")
        before = self.shown[method.message_id]
        self._show(method.message_id, method)
        if before == self.shown[method.message_id]:
            return _refused("message is not modified: specified new content and markup are the same")
        return self._message(method.message_id)

    def _show(self, message_id: int, method: SendMessage | EditMessageText) -> None:
        assert method.text
        assert method.text.strip(), "Telegram refuses empty texts"
        params = _params(method)
        self.shown[message_id] = {key: params[key] for key in ("text", "entities", "reply_markup")}
        self.history.append(method.text)

    def _message(self, message_id: int) -> dict[str, Any]:
        chat = {"id": 7, "type": "private"}
        return {"ok": True, "result": {"message_id": message_id, "date": 1, "chat": chat, "text": "…"}}


def _params(method: TelegramMethod[Any]) -> dict[str, Any]:
    """What a call says; its buttons may be the JSON already that they are on the wire."""
    params = method.model_dump(warnings=False)
    markup = params.get("reply_markup")
    return params | ({"reply_markup": json.loads(markup)} if isinstance(markup, str) else {})


def _refused(description: str, code: int = 400, parameters: dict[str, int] | None = None) -> dict[str, Any]:
    words = description if code != 400 else f"Bad Request: {description}"
    return {"ok": False, "error_code": code, "description": words, "parameters": parameters or {}}
