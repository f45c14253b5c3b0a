"""Telegram in memory, for one bot: what people do, what the bot calls, and what everyone sees.

A world waits for nobody and loses nothing; it is not safe across threads.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram import attachments, people, topics
from bot.sandbox.telegram.abilities import Abilities, Ability
from bot.sandbox.telegram.accounts import Account, BotAccount, Chat
from bot.sandbox.telegram.answers import Answer
from bot.sandbox.telegram.drafts import LIFETIME_S, Drafts
from bot.sandbox.telegram.events import Broadcast, Event
from bot.sandbox.telegram.faults import Fault, Faults
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.flood import FloodControl, FloodLimits
from bot.sandbox.telegram.methods import METHODS
from bot.sandbox.telegram.params import Params, Upload
from bot.sandbox.telegram.people import ImpossibleError, Press, Spot
from bot.sandbox.telegram.polling import Polling
from bot.sandbox.telegram.refusals import Refusal, refused
from bot.sandbox.telegram.rich.rules import RichRules
from bot.sandbox.telegram.rooms import Rooms
from bot.sandbox.telegram.sights import Sights
from bot.sandbox.telegram.state import State
from bot.sandbox.telegram.updates import UpdateQueue
from bot.sandbox.telegram.webhook import Webhook

__all__ = [
    "Ability",
    "Account",
    "BotAccount",
    "Call",
    "Chat",
    "Event",
    "Fault",
    "Faults",
    "FloodLimits",
    "ImpossibleError",
    "RichRules",
    "TelegramWorld",
    "Upload",
]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the bot, in the order in which calls were answered."""

    at: float
    """When it came, by the world's clock."""
    method: str
    """As the bot spelled it."""
    params: dict[str, Any]
    """Decoded: numbers, flags and nested objects as the schema types them."""
    ok: bool
    error_code: int | None = None
    description: str = ""


class TelegramWorld(Sights):
    """State and rules of Telegram, without HTTP."""

    def __init__(  # noqa: PLR0913 - a world is described at once, by names
        self,
        *,
        token: str,
        bot: BotAccount,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        flood: FloodLimits | None = None,
        latency_s: float = 0.0,
        rich: RichRules = RichRules(),  # noqa: B008 - a frozen value
        draft_lifetime_s: float = LIFETIME_S,
    ) -> None:
        updates = UpdateQueue(clock)
        self.token = token
        self.faults = Faults()
        self.abilities = Abilities()
        self.calls: list[Call] = []
        self.latency_s = latency_s
        """How long every call but `getUpdates` takes before it is applied."""
        self.state = State(
            bot=bot,
            clock=clock,
            sleep=sleep,
            flood=FloodControl(flood, clock),
            rooms=Rooms(),
            updates=updates,
            polling=Polling(updates, clock, sleep),
            webhook=Webhook(updates, clock, sleep),
            drafts=Drafts(clock, draft_lifetime_s),
            files=Files(),
            events=Broadcast(),
            abilities=self.abilities,
            rich_rules=rich,
        )

    # What there is

    def add_person(self, person: Account) -> None:
        """Let somebody be; the bot cannot write to them before they have written or their chat was added."""
        self.people[person.user_id] = person

    def add_chat(self, chat: Chat) -> None:
        """Open a chat with the bot in it; the people in it must be known."""
        room = self.state.rooms.add(chat)
        if room.chat.is_forum:
            topics.open_topics(self.state, room)

    # What people do

    def say(
        self,
        chat_id: int,
        user_id: int,
        text: str,
        *,
        topic_id: int | None = None,
        reply_to: int | None = None,
        quote: str = "",
    ) -> dict[str, Any]:
        """Write a text; returns the message. The private chat with a known person opens by itself.

        `quote` is the part of the message replied to that the person selected.

        Raises:
            ImpossibleError: that person cannot say that there.
        """
        return people.say(self.state, chat_id, user_id, text, Spot(topic_id, reply_to, quote))

    def send(
        self, chat_id: int, user_id: int, content: dict[str, Any], *, topic_id: int | None = None
    ) -> dict[str, Any]:
        """Send what is no text: `content` has the fields of its kind (`voice`, `location`, …)."""
        return people.send(self.state, chat_id, user_id, content, Spot(topic_id))

    def send_photo(
        self,
        chat_id: int,
        user_id: int,
        photo: bytes,
        *,
        caption: str = "",
        topic_id: int | None = None,
        reply_to: int | None = None,
    ) -> dict[str, Any]:
        """Send a JPEG, PNG or WebP as a photo; returns the message, whose last size is the picture as it is.

        Raises:
            ImpossibleError: it is no photo, or that person cannot send it there.
        """
        spot = Spot(topic_id, reply_to)
        return attachments.send_photos(self.state, chat_id, user_id, [photo], caption, spot)[0]

    def send_album(
        self,
        chat_id: int,
        user_id: int,
        photos: Sequence[bytes],
        *,
        caption: str = "",
        topic_id: int | None = None,
        reply_to: int | None = None,
    ) -> list[dict[str, Any]]:
        """Send up to ten photos together; the bot hears of each, and the caption is below the first.

        Raises:
            ImpossibleError: one is no photo, there are too many, or that person cannot send them there.
        """
        spot = Spot(topic_id, reply_to)
        return attachments.send_photos(self.state, chat_id, user_id, photos, caption, spot)

    def send_document(
        self,
        chat_id: int,
        user_id: int,
        document: Upload,
        *,
        caption: str = "",
        topic_id: int | None = None,
        reply_to: int | None = None,
    ) -> dict[str, Any]:
        """Send a file as it is, also a picture; its type is told by its name, else by the upload.

        Raises:
            ImpossibleError: it is empty, or that person cannot send it there.
        """
        spot = Spot(topic_id, reply_to)
        return attachments.send_document(self.state, chat_id, user_id, document, caption, spot)

    def edit(self, chat_id: int, message_id: int, text: str) -> dict[str, Any]:
        """Change a person's own message, or its caption; the bot hears of it as an `edited_message`.

        Raises:
            ImpossibleError: it is not a person's, or it would be empty.
        """
        return people.edit(self.state, chat_id, message_id, text)

    def press(self, chat_id: int, user_id: int, message_id: int, data: str, *, is_forged: bool = False) -> str:
        """Press a button by its data; returns the id of the query.

        Raises:
            ImpossibleError: the message has no such button, and the data is not forged by the client.
        """
        return people.press(self.state, chat_id, message_id, Press(user_id, data, is_forged))

    def stop_draft(self, chat_id: int, topic_id: int | None = None) -> None:
        """Press the stop button of the draft in a chat."""
        people.stop_draft(self.state, chat_id, topic_id)

    def delete_message(self, chat_id: int, message_id: int) -> None:
        """Delete a message behind the bot's back."""
        people.delete_message(self.state, chat_id, message_id)

    def upgrade_to_supergroup(self, chat_id: int, new_chat_id: int) -> None:
        """Turn a group into a supergroup."""
        people.upgrade(self.state, chat_id, new_chat_id)

    def block(self, chat_id: int) -> None:
        """Let the person of a private chat block the bot."""
        people.set_bot_status(self.state, chat_id, chat_id, "kicked")

    def unblock(self, chat_id: int) -> None:
        """Let them think better of it."""
        people.set_bot_status(self.state, chat_id, chat_id, "member")

    def set_bot_status(self, chat_id: int, user_id: int, status: str) -> None:
        """Let somebody make the bot a `member` of a group, or make it `left` or `kicked`."""
        people.set_bot_status(self.state, chat_id, user_id, status)

    def close_topic(self, chat_id: int, topic_id: int) -> None:
        """Close a topic: the bot is refused there unless it is an administrator."""
        topics.set_topic_open(self.state, chat_id, topic_id, is_open=False)

    def reopen_topic(self, chat_id: int, topic_id: int) -> None:
        """Open a closed topic."""
        topics.set_topic_open(self.state, chat_id, topic_id, is_open=True)

    # What the bot calls

    def calls_of(self, method: str) -> list[Call]:
        """Return the calls of one method, in any spelling."""
        return [call for call in self.calls if call.method.lower() == method.lower()]

    async def call(self, method: str, params: Params) -> Answer:
        """Carry out a call of the bot and keep it in `calls`; never raises a refusal."""
        at, name = self.state.clock(), method.lower()
        fault = self.faults.strike(name, params.number("chat_id") or None)
        delay_s = (fault.delay_s if fault else 0.0) + (self.latency_s if name != "getupdates" else 0.0)
        if delay_s:
            await self.state.sleep(delay_s)
        answer = await self._answer(name, params, fault)
        envelope = answer.envelope
        code, text = envelope.get("error_code"), envelope.get("description", "")
        self.calls.append(Call(at, method, params.decoded(), code is None and not answer.html, code, text))
        return answer

    async def _answer(self, name: str, params: Params, fault: Fault | None) -> Answer:
        if fault is None:
            return await self._applied(name, params)
        if fault.is_dropped:
            return Answer(0, {"error_code": 0, "description": "connection broken"}, is_cut=True)
        if fault.error_code is not None:
            refusal = Refusal(fault.error_code, fault.description, **fault.parameters)
            return Answer(fault.error_code, Answer.of_refusal(refusal).envelope, html=fault.html)
        answer = await self._applied(name, params)
        return Answer(answer.status, answer.envelope, is_cut=fault.is_answer_lost)

    async def _applied(self, name: str, params: Params) -> Answer:
        try:
            result = self._method(name)(self.state, params)
            return Answer.of_result(await result if inspect.isawaitable(result) else result)
        except Refusal as refusal:
            return Answer.of_refusal(refusal)

    def _method(self, name: str) -> Callable[[State, Params], Any]:
        if self.state.is_logged_out:
            raise Refusal(401, "Unauthorized")
        if name not in METHODS:
            raise refused(404, "method not found")
        self.state.abilities.check_method(name)
        return METHODS[name]
