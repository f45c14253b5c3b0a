"""What every handler is told: who is speaking, where the answer goes, and in which words the bot speaks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from aiogram import BaseMiddleware, Bot
from aiogram.types import InaccessibleMessage, Message, TelegramObject, Update, User

from bot.texts import PHRASES, Phrases, language_of
from bot.types import ConversationKey, Person, Place
from bot.updates.addressing import GROUPS, is_group

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who came, where, and in which words they are spoken to."""

    person: Person
    place: Place
    is_owner: bool = False

    @property
    def phrases(self) -> Phrases:
        """The bot's own words in the person's language."""
        return PHRASES[self.person.language]

    def may_act_for(self, asker_id: int) -> bool:
        """Whether this person may stop or repeat the answer to that question: one's own, or as an owner."""
        return self.is_owner or self.person.user_id == asker_id


class Introductions(BaseMiddleware):
    """Adds `visit` to a handler's arguments; what cannot be placed is no business of any handler."""

    def __init__(self, owners: frozenset[int]) -> None:
        self._owners = owners

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Introduce and go on."""
        place = _place(event, data["bot"]) if isinstance(event, Update) else None
        if place is None:
            return None
        user: User | None = data.get("event_from_user")
        # The button of a draft names nobody, but only the owner of a private chat sees one.
        person = _person(event, user) or Person(place.conversation.chat_id, "", language_of(None))
        data["visit"] = Visit(person, place, person.user_id in self._owners)
        return await handler(event, data)


def _person(event: TelegramObject, user: User | None) -> Person | None:
    """Return who speaks: a group or channel itself, if somebody speaks in its name.

    Telegram gives all of those the same user, so that admitting one of them would admit them all.
    """
    message = event.message or event.edited_message if isinstance(event, Update) else None
    if message and message.sender_chat:
        return Person(message.sender_chat.id, message.sender_chat.title or "", language_of(None))
    return Person(user.id, user.full_name, language_of(user.language_code)) if user else None


def _place(update: Update, bot: Bot) -> Place | None:
    if message := update.message or update.edited_message:
        return place_of(message, bot.id)
    if update.callback_query and (pressed := update.callback_query.message):
        return place_below(pressed, bot.id)
    if stopped := update.stopped_message_generation:
        return Place(ConversationKey(bot.id, stopped.chat.id, stopped.message_thread_id))
    return None


def place_of(message: Message, bot_id: int) -> Place:
    """Return where a message is answered: in its topic; in a group as a reply to it."""
    topic_id = message.message_thread_id if message.is_topic_message else None
    key = ConversationKey(bot_id, message.chat.id, topic_id, message.business_connection_id)
    reply_to = message.message_id if is_group(message) else None
    return Place(key, is_group(message), reply_to, below=message.message_id)


def place_below(message: Message | InaccessibleMessage, bot_id: int) -> Place:
    """Return where the press of a message's button is answered; an old message does not tell its topic."""
    if isinstance(message, Message):
        return replace(place_of(message, bot_id), reply_to=None)
    key = ConversationKey(bot_id, message.chat.id)
    return Place(key, message.chat.type in GROUPS, below=message.message_id)
