"""A Telegram of a few dozen lines for the page's own tests: the test itself plays the bot."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from bot.sandbox.page.cast import Cast
from bot.sandbox.telegram.accounts import Account, Chat
from bot.sandbox.telegram.events import Broadcast, Event
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.params import Upload

Heard = Callable[[dict[str, Any]], None]


class PageWorld:
    """Keeps messages and tells what happens; `hear` is called with everything that people say."""

    def __init__(self, cast: Cast, hear: Heard = lambda _message: None) -> None:
        self.bot = cast.bot
        self.hear = hear
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.presses: list[tuple[int, str]] = []
        self.stopped_drafts: list[tuple[int, int | None]] = []
        self.edited: list[dict[str, Any]] = []
        self.files = Files()
        self._drafts: dict[int, dict[str, Any]] = {}
        self._people: dict[int, Account] = {}
        self._messages: dict[int, dict[int, dict[str, Any]]] = {}
        self._events = Broadcast()
        self.publish = self._events.publish
        self._ids = itertools.count(1)
        cast.enter(self)

    # What the page does.

    def add_person(self, person: Account) -> None:
        self._people[person.user_id] = person

    def add_chat(self, chat: Chat) -> None:
        self._messages[chat.chat_id] = {}

    def say(
        self, chat_id: int, user_id: int, text: str, *, topic_id: int | None = None, reply_to: int | None = None
    ) -> dict[str, Any]:
        return self._ship(chat_id, user_id, {"text": text}, topic_id, reply_to)

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
        together = {"media_group_id": str(next(self._ids))} if len(photos) > 1 else {}
        captions = [caption] + [""] * (len(photos) - 1)
        return [
            self._ship(chat_id, user_id, {**self.photo(photo), **together, **_below(below)}, topic_id, reply_to)
            for photo, below in zip(photos, captions, strict=True)
        ]

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
        content = {**self.files.keep_document(document), **_below(caption)}
        return self._ship(chat_id, user_id, content, topic_id, reply_to)

    def photo(self, content: bytes) -> dict[str, Any]:
        """Return the field of a message that shows a picture."""
        return self.files.keep_photo(Upload("photo", "", content))

    def file(self, file_id: str) -> Upload:
        return self.files.by_id(file_id).upload

    def edit(self, chat_id: int, message_id: int, text: str) -> dict[str, Any]:
        before = self._messages[chat_id][message_id]
        what = "text" if "text" in before else "caption"
        message = {**before, what: text, "edit_date": int(time.time())}
        self._messages[chat_id][message_id] = message
        self.edited.append(message)
        self.publish("edited", chat_id, message)
        return message

    def press(self, chat_id: int, user_id: int, message_id: int, data: str) -> str:
        pressed = self._messages[chat_id][message_id]
        assert pressed["from"]["id"] != user_id
        self.presses.append((message_id, data))
        return f"query-{len(self.presses)}"

    def stop_draft(self, chat_id: int, topic_id: int | None = None) -> None:
        self.stopped_drafts.append((chat_id, topic_id))

    def drafts(self) -> list[tuple[int, dict[str, Any]]]:
        return list(self._drafts.items())

    def messages(self, chat_id: int) -> list[dict[str, Any]]:
        return list(self._messages[chat_id].values())

    def subscribe(self) -> AsyncIterator[Event]:
        return self._events.watch()

    # What the bot does.

    def bot_says(self, chat_id: int, text: str, **extras: Any) -> int:
        return int(self._post(chat_id, self.bot.as_user(), text, extras)["message_id"])

    def bot_sends(self, chat_id: int, **content: Any) -> int:
        return int(self._keep(chat_id, self.bot.as_user(), content)["message_id"])

    def bot_notes(self, chat_id: int, **service: Any) -> None:
        self._keep(chat_id, self.bot.as_user(), service)

    def bot_edits(self, chat_id: int, message_id: int, text: str, **extras: Any) -> None:
        before = self._messages[chat_id][message_id]
        kept = {key: value for key, value in before.items() if key not in {"entities", "reply_markup"}}
        message = {**kept, "text": text, "edit_date": int(time.time()), **extras}
        self._messages[chat_id][message_id] = message
        self.publish("edited", chat_id, message)

    def bot_deletes(self, chat_id: int, message_id: int) -> None:
        del self._messages[chat_id][message_id]
        self.publish("deleted", chat_id, {"message_id": message_id})

    def bot_types(self, chat_id: int, action: str = "typing") -> None:
        self.publish("action", chat_id, {"action": action, "message_thread_id": None})

    def bot_drafts(self, chat_id: int, text: str, **extras: Any) -> None:
        draft = {"draft_id": 1, "text": text, "can_stop": True, "message_thread_id": None, "ttl_s": 30}
        draft |= extras
        draft["is_animated"] = self._drafts.get(chat_id, {}).get("draft_id") == draft["draft_id"]
        self._drafts[chat_id] = draft
        self.publish("draft", chat_id, draft)

    def bot_answers(self, query_id: str, text: str, *, show_alert: bool = False) -> None:
        answer = {"callback_query_id": query_id, "text": text, "show_alert": show_alert}
        self.publish("callback_answered", 0, answer)

    def bot_sets_commands(self, commands: dict[str, str], language: str = "") -> None:
        menu = [{"command": command, "description": text} for command, text in commands.items()]
        self.commands["default", language] = menu
        self.publish("commands", 0, {})

    def _ship(
        self, chat_id: int, user_id: int, content: dict[str, Any], topic_id: int | None, reply_to: int | None
    ) -> dict[str, Any]:
        extras: dict[str, Any] = {"message_thread_id": topic_id, "is_topic_message": True} if topic_id else {}
        if reply_to:
            extras["reply_to_message"] = self._messages[chat_id][reply_to]
        message = self._keep(chat_id, self._people[user_id].as_user(), {**content, **extras})
        self.hear({**message, "chat_id": chat_id})
        return message

    def _post(self, chat_id: int, sender: dict[str, Any], text: str, extras: dict[str, Any]) -> dict[str, Any]:
        return self._keep(chat_id, sender, {"text": text, **extras})

    def _keep(self, chat_id: int, sender: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        if sender["is_bot"]:
            self._drafts.pop(chat_id, None)
        message_id = next(self._ids)
        message = {"message_id": message_id, "from": sender, "date": int(time.time()), **content}
        self._messages[chat_id][message_id] = message
        self.publish("message", chat_id, message)
        return message


def _below(caption: str) -> dict[str, str]:
    return {"caption": caption} if caption else {}


class Growth:
    """A bot that answers whatever it hears with one answer that grows word by word."""

    def __init__(self, answer: str, *, frame_s: float = 0.05) -> None:
        self.answer = answer
        self._frame_s = frame_s
        self._tasks: set[asyncio.Task[None]] = set()

    def play(self, world: PageWorld) -> None:
        """Listen to everything that is said in that world."""

        def hear(message: dict[str, Any]) -> None:
            task = asyncio.get_running_loop().create_task(self._grow(world, message["chat_id"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        world.hear = hear

    async def _grow(self, world: PageWorld, chat_id: int) -> None:
        words = self.answer.split(" ")
        stop = {"inline_keyboard": [[{"text": "Stop", "callback_data": "stop"}]]}
        message_id = world.bot_says(chat_id, words[0], reply_markup=stop)
        for count in range(2, len(words)):
            await asyncio.sleep(self._frame_s)
            world.bot_edits(chat_id, message_id, " ".join(words[:count]), reply_markup=stop)
        await asyncio.sleep(self._frame_s)
        world.bot_edits(chat_id, message_id, self.answer)
