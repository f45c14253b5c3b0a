"""A question that the person changed: if it is the newest one, it is answered anew, in the same messages.

A caption is changed as a text is, and its picture may be changed for another. If the message is one of several
that were answered together, the others stay as they are, and it need not call the bot by itself. If the answer
comes later and is still on its way, that order is cancelled in the same step in which the changed question is
ordered. Changed commands and changes of other messages are let be.
"""

import hashlib

from aiogram import Router
from aiogram.types import Message, User

from bot.conversation import Conversations
from bot.ports import Notices
from bot.question import Question
from bot.types import Part
from bot.updates.addressing import is_plain, is_question, question_in
from bot.updates.changes import changed_part
from bot.updates.introductions import Visit
from bot.updates.pictures import is_readable, photos_of, unique_id
from bot.updates.units import is_forward
from handlers.chat import not_a_question


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.edited_message.register(answer_anew, says_something)
    return router


async def says_something(message: Message) -> bool:
    """Whether it may be a part of a question; commands and the events of a chat are not."""
    return is_plain(message)


async def answer_anew(
    edited_message: Message, me: User, visit: Visit, conversations: Conversations, notices: Notices
) -> None:
    """Ask the changed question; Telegram also tells of changes to what nobody wrote, such as previews."""
    title, reply_id = edited_message.chat.title or "", _reply_id(edited_message, me)
    if await conversations.go_on(reply_id):  # the bot died while it ordered the answer to this very change
        return
    message_id = edited_message.message_id
    asked = await conversations.asked_in(visit.place, message_id, reply_id=reply_id, chat_title=title)
    part = _part_of(asked, edited_message, me)
    if asked is None or part is None:
        return
    changed = changed_part(part, edited_message, me)
    if changed == part:
        return
    is_alone, can_be_read = not asked.parts, is_readable(edited_message)
    if is_alone and not (can_be_read and (changed.text or changed.photos)):
        await notices.say(visit.place, not_a_question(visit, can_be_read=can_be_read))
        return
    await conversations.answer(asked.changed(changed))


def _part_of(asked: Question | None, message: Message, me: User) -> Part | None:
    """Return which message of the question it is; what was forwarded cannot be changed."""
    if asked is None:
        return None
    if is_forward(message) if asked.parts else not is_question(message, me):
        return None
    return next((part for part in asked.said if part.message_id == message.message_id), None)


def _reply_id(message: Message, me: User) -> str:
    """Return what tells this change from others of the message: two of them may come within a second."""
    said = "\n".join([question_in(message, me), *map(unique_id, photos_of(message))])
    digest = hashlib.blake2s(said.encode(errors="replace"), digest_size=6).hexdigest()
    return f"{message.chat.id}:{message.message_id}:{message.edit_date or 0}:{digest}"
