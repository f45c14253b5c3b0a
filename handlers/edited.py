"""A question that the person changed: if it is the newest one, it is answered anew, in the same messages.

A change that comes while the answer grows waits for its end, as everything does that is asked. Changed commands
and changes of older messages are let be.
"""

import hashlib

from aiogram import Router
from aiogram.types import Message, User

from bot.conversation import Conversations
from bot.ports import Exchanges, Notices
from bot.question import Question
from bot.updates.addressing import question_in
from bot.updates.introductions import Visit
from handlers.chat import is_for_the_bot, not_a_question


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.edited_message.register(answer_anew, is_for_the_bot)
    return router


async def answer_anew(
    edited_message: Message,
    me: User,
    visit: Visit,
    exchanges: Exchanges,
    conversations: Conversations,
    notices: Notices,
) -> None:
    """Ask the changed question; Telegram also tells of changes to what is not the text, such as previews."""
    exchange = await exchanges.newest(visit.place.conversation)
    if exchange is None or exchange.question_id != edited_message.message_id:
        return
    text = question_in(edited_message, me) if edited_message.text else ""
    if text == exchange.question:
        return
    if not text:
        await notices.say(visit.place, not_a_question(edited_message, visit))
        return
    title, reply_id = edited_message.chat.title or "", _reply_id(edited_message, text)
    question = Question.again(exchange, visit.place, reply_id=reply_id, chat_title=title, text=text)
    await conversations.answer(question)


def _reply_id(message: Message, text: str) -> str:
    """Return what tells this change from others of the message: two of them may come within a second."""
    digest = hashlib.blake2s(text.encode(errors="replace"), digest_size=6).hexdigest()
    return f"{message.chat.id}:{message.message_id}:{message.edit_date or 0}:{digest}"
