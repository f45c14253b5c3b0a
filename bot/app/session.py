"""The way of calls to Telegram: aiogram's session, with bodies that cost little, and answers of whatever kind.

Frames are many and long. What aiogram does to make a form of one (a dump of the model, a percent sign for every
byte in Python) is most of what a call costs, so the same form is made here in a tenth of the time.

What stands between the bot and Telegram may answer in its place, in any encoding and without what Telegram
always says; such an answer is one of `AiogramError` here, as those are that Telegram gives.
"""

import json
import string
from typing import Any, TypeVar, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import ClientDecodeError
from aiogram.methods import TelegramMethod
from aiohttp import BytesPayload, FormData

T = TypeVar("T")

_KEPT = frozenset(string.ascii_letters + string.digits + "-._~")


class Unreadable(ClientDecodeError):
    """An answer that is none; its text does not repeat what stands in it, which may be what people write."""

    def __str__(self) -> str:
        return f"{self.message}: {type(self.original).__name__}"


class LeanSession(AiohttpSession):
    """Sends what aiogram's session sends: a form, or parts where there are files."""

    def __init__(self, **options: Any) -> None:
        super().__init__(json_loads=_read, **options)

    def build_form_data(self, bot: Bot, method: TelegramMethod[Any]) -> FormData:
        """Return the body of a call; fields without a value are left out."""
        files: dict[str, Any] = {}
        prepared = {name: self.prepare_value(value, bot, files) for name, value in vars(method).items()}
        if files:
            return super().build_form_data(bot, method)
        return _Form({name: text for name, text in prepared.items() if text})

    async def make_request(self, bot: Bot, method: TelegramMethod[T], timeout: int | None = None) -> T:  # noqa: ASYNC109 - aiogram's
        """Call, and return the result.

        Raises:
            AiogramError: there is none.
        """
        try:
            result = cast("T | None", await super().make_request(bot, method, timeout))
        except ClientDecodeError as error:
            raise Unreadable(error.message, error.original, error.data) from None
        except UnicodeDecodeError as error:
            raise Unreadable("The answer is no text", error, "") from None
        if result is None:
            raise Unreadable("The answer has no result", ValueError(), "")
        return result


def _read(text: str) -> Any:
    """Read an answer; to an error without a description, which aiogram relies on, one is added."""
    answer = json.loads(text)
    if isinstance(answer, dict) and not (answer.get("ok") or answer.get("description")):
        answer["description"] = "no description"
    return answer


class _Form(FormData):
    """`application/x-www-form-urlencoded`, encoded here."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__()
        self._encoded = "&".join(f"{name}={quoted(text)}" for name, text in fields.items())

    def __call__(self) -> BytesPayload:
        return BytesPayload(self._encoded.encode("ascii"), content_type="application/x-www-form-urlencoded")


def quoted(text: str) -> str:
    """Return the text as it stands in a form.

    A text with letters beyond ASCII is encoded to the last byte, which is as right, and done at once.
    """
    if not text.isascii():
        return "%" + text.encode(errors="replace").hex("%")
    text = text.replace("%", "%25")
    for char in set(text) - _KEPT - {"%"}:
        text = text.replace(char, f"%{ord(char):02X}")
    return text
