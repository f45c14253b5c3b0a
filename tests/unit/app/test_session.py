from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, ClientDecodeError
from aiogram.methods import EditMessageText, SendDocument, SendMessage, TelegramMethod
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.app.session import LeanSession, quoted
from bot.replies.refusals import Refusal, refusal
from tests.tools.updates import TOKEN

KEYBOARD = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Стоп", callback_data="stop:1:2")]])


@given(st.text())
def test_what_is_quoted_is_read_as_it_was(text: str) -> None:
    readable = text.encode(errors="replace").decode()

    assert unquote(quoted(text)) == readable
    assert quoted(text).isascii()


@pytest.mark.parametrize(
    "method",
    [
        SendMessage(chat_id=1, text="Ещё & ещё = 100 % + 😀\n", reply_markup=KEYBOARD),
        SendMessage(chat_id=1, text="a b", reply_parameters=ReplyParameters(message_id=0)),
        EditMessageText(
            chat_id=-100, message_id=7, text="", link_preview_options=LinkPreviewOptions(is_disabled=True)
        ),
    ],
)
async def test_a_call_is_the_form_that_aiogram_makes(method: TelegramMethod[Any]) -> None:
    bot = Bot(TOKEN, default=DefaultBotProperties(parse_mode="HTML"))

    lean, theirs = (session.build_form_data(bot, method)() for session in (LeanSession(), AiohttpSession()))

    assert parse_qsl(lean.decode()) == parse_qsl(theirs.decode())
    assert lean.content_type.partition(";")[0] == theirs.content_type.partition(";")[0]


async def test_a_file_travels_as_aiogram_sends_it() -> None:
    method = SendDocument(chat_id=1, document=BufferedInputFile(b"x", "a.md"))

    assert LeanSession().build_form_data(Bot(TOKEN), method).is_multipart


ANSWERS = {
    "no description": (502, b'{"ok":false,"error_code":502}'),
    "an empty description": (400, b'{"ok":false,"error_code":400,"description":null}'),
    "a page in another encoding": (200, "секрет: доступ закрыт".encode("cp1251")),
    "bytes": (500, bytes(range(256))),
    "no result": (200, b'{"ok":true}'),
    "null": (200, b"null"),
    "a list": (502, b"[1]"),
    "another result": (200, '{"ok":true,"result":{"secret":"секрет"}}'.encode()),
}


@pytest.mark.parametrize(("status", "body"), ANSWERS.values(), ids=ANSWERS)
async def test_whatever_is_answered_is_an_error_of_aiogram(status: int, body: bytes) -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(status=status, body=body, content_type="application/json")

    async with RawTestServer(answer) as server:
        session = LeanSession(api=TelegramAPIServer.from_base(str(server.make_url("/"))))
        async with Bot(TOKEN, session=session) as bot:
            with pytest.raises(AiogramError) as failure:
                await bot(SendMessage(chat_id=1, text="x"))

    assert refusal(failure.value) in {Refusal.OUTAGE, Refusal.BAD_REQUEST}
    assert "секрет" not in str(failure.value)
    if isinstance(failure.value, ClientDecodeError):
        assert failure.value.data != {"ok": True}, "which would count as sent, without an id"
