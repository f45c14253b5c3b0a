"""The door: closed until it is opened (law 6), because answers cost the operator money.

A stranger reads one sentence with their id, and the owners get a message with buttons. Fails closed: if Redis
is away nobody is let in but the owners.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject, Update, User

from bot.errors import DeliveryError
from bot.history.door import Admissions
from bot.ports import Notices
from bot.types import Button, ConversationKey, Person, Place
from bot.updates.addressing import SPOKEN, is_addressed, is_by_a_bot
from bot.updates.introductions import Handler, Visit

log = structlog.get_logger(__name__)

ADMIT, ADMIT_CHAT, REFUSE = "admit:", "admit-chat:", "refuse:"
"""How the data of the owners' buttons begins; the id of the person or chat and a language follow."""

_KNOCK_EVERY_S = 24 * 3600.0
_TELL_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class DoorPolicy:
    """Who is answered without being asked about."""

    owners: frozenset[int]
    is_open: bool = False


class Door(BaseMiddleware):
    """Lets owners and admitted people and chats pass; with an open policy everybody."""

    def __init__(
        self,
        policy: DoorPolicy,
        admissions: Admissions,
        notices: Notices,
        *,
        me: User,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._admissions = admissions
        self._notices = notices
        self._me = me
        self._clock = clock
        self._told: dict[int, float] = {}

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Let pass or turn away; what other bots say, commands too, nobody hears.

        Raises:
            StoreError: nobody can tell whether this person was admitted.
        """
        if isinstance(event, Update) and _is_said_by_a_bot(event):
            return None
        if self._policy.is_open or not isinstance(event, Update) or not _wants_in(event, self._me):
            return await handler(event, data)
        visit: Visit = data["visit"]
        if visit.is_owner or await self._is_admitted(visit):
            return await handler(event, data)
        await self._turn_away(event, visit)
        return None

    async def _is_admitted(self, visit: Visit) -> bool:
        return await self._admissions.is_admitted(visit.person.user_id, visit.place.conversation.chat_id)

    async def _turn_away(self, update: Update, visit: Visit) -> None:
        """Ask the owners first, because the stranger's chat may take no words; of a change nothing is said."""
        if update.edited_message:
            return
        if await self._admissions.first_knock(visit.person.user_id, _KNOCK_EVERY_S):
            await self._ask_owners(visit, _title(update))
        sentence = visit.phrases.stranger.format(user_id=visit.person.user_id)
        if update.callback_query:
            await self._notices.answer(update.callback_query.id, sentence, is_alert=True)
        elif self._is_time_to_tell(visit.person):
            await self._notices.say(visit.place, sentence)

    async def _ask_owners(self, visit: Visit, chat: str) -> None:
        person = visit.person
        log.info("a stranger knocked", user_id=person.user_id, chat_id=visit.place.conversation.chat_id)
        have_heard = [await self._ask_owner(owner, visit, chat) for owner in sorted(self._policy.owners)]
        if not any(have_heard):
            await self._admissions.forget_knock(person.user_id)

    def _is_time_to_tell(self, person: Person) -> bool:
        """Whether the stranger was not told a moment ago: a flood of messages must not cost as many answers."""
        now = self._clock()
        self._told = {who: at for who, at in self._told.items() if now - at < _TELL_EVERY_S}
        if person.user_id in self._told:
            return False
        self._told[person.user_id] = now
        return True

    async def _ask_owner(self, owner: int, visit: Visit, chat: str) -> bool:
        """Return whether the owner could be asked."""
        phrases, person, place = visit.phrases, visit.person, visit.place
        who, chat_id = f"{person.user_id}:{person.language}", f"{place.conversation.chat_id}:{person.language}"
        first = [Button(phrases.button_admit, f"{ADMIT}{who}")]
        if place.is_group:
            first.append(Button(phrases.button_admit_chat, f"{ADMIT_CHAT}{chat_id}"))
        rows = (tuple(first), (Button(phrases.button_refuse, f"{REFUSE}{who}"),))
        text = phrases.knock.format(name=person.name, user_id=person.user_id, chat=chat)
        try:
            await self._notices.say(Place(ConversationKey(place.conversation.bot_id, owner)), text, rows)
        except DeliveryError as error:
            log.warning("an owner could not be asked", owner=owner, error=str(error))
            return False
        return True


def _wants_in(update: Update, me: User) -> bool:
    """Whether the update asks the bot for something; what else happens in a group is none of its business."""
    match update.event:
        case Message() as message:
            # A part of a question may be changed that needed no mention.
            return update.edited_message is not None or is_addressed(message, me)
        case CallbackQuery():
            return True
        case _:
            return False


def _is_said_by_a_bot(update: Update) -> bool:
    message = update.message or update.edited_message
    return message is not None and message.content_type in SPOKEN and is_by_a_bot(message)


def _title(update: Update) -> str:
    message = update.message
    return message.chat.title or message.chat.full_name if message else ""
