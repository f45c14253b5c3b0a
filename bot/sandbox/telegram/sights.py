"""What can be seen of the world from outside: who and what there is, and what chats show."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from bot.sandbox.telegram.accounts import Account, BotAccount, Chat
from bot.sandbox.telegram.drafts import Draft
from bot.sandbox.telegram.events import Event, Watch
from bot.sandbox.telegram.params import Upload
from bot.sandbox.telegram.state import State


class Sights:
    """Reads the state and changes nothing."""

    state: State

    @property
    def bot(self) -> BotAccount:
        """The bot."""
        return self.state.bot

    @property
    def people(self) -> dict[int, Account]:
        """Everyone there is, by id."""
        return self.state.rooms.people

    @property
    def chats(self) -> dict[int, Chat]:
        """The chats there are, by id."""
        return {room.chat_id: room.chat for room in self.state.rooms}

    @property
    def commands(self) -> dict[tuple[str, str], list[dict[str, str]]]:
        """The bot's commands by scope and language."""
        return self.state.profile.commands

    @property
    def knocks(self) -> int:
        """Calls that came although their chat had been told to wait."""
        return self.state.flood.knocks

    def messages(self, chat_id: int) -> list[dict[str, Any]]:
        """Return the messages of a chat as they are now, oldest first."""
        return [record.message for record in self.state.rooms[chat_id].messages.values()]

    def bot_messages(self, chat_id: int) -> list[dict[str, Any]]:
        """Return those of them that the bot sent."""
        records = self.state.rooms[chat_id].messages.values()
        return [record.message for record in records if record.is_from_bot]

    def text_of_last_bot_message(self, chat_id: int) -> str:
        """Return what a person reads in the bot's newest message; empty if there is none."""
        records = [record for record in self.state.rooms[chat_id].messages.values() if record.is_from_bot]
        return records[-1].shown if records else ""

    def rich_text(self, chat_id: int, message_id: int) -> str:
        """Return what a person reads in a message: its text, or the plain text of a rich one."""
        return self.state.rooms[chat_id].history[message_id].shown

    def rich_source(self, chat_id: int, message_id: int) -> Mapping[str, Any] | None:
        """Return the `InputRichMessage` that a message was made of; None: it is not rich."""
        return self.state.rooms[chat_id].history[message_id].rich_source

    def frames(self, chat_id: int, message_id: int) -> list[str]:
        """Return every text that a message showed, in order, also if it is deleted."""
        return list(self.state.rooms[chat_id].history[message_id].frames)

    def draft(self, chat_id: int, topic_id: int | None = None) -> Draft | None:
        """Return the draft that is shown now."""
        return self.state.drafts.alive(chat_id, topic_id)

    def drafts(self) -> list[tuple[int, dict[str, Any]]]:
        """Return the drafts of all chats: the chat, and the payload of the event that told of it."""
        return list(self.state.drafts.payloads())

    def draft_frames(self, chat_id: int, topic_id: int | None = None) -> list[Draft]:
        """Return everything that drafts showed there, in order."""
        return self.state.drafts.frames(chat_id, topic_id)

    def file(self, file_id: str) -> Upload:
        """Return a file that the bot or a person sent.

        Raises:
            Refusal: there is none with this id.
        """
        return self.state.files.by_id(file_id).upload

    def attached(self, message: Mapping[str, Any]) -> Upload:
        """Return the file of a message, byte by byte as it was sent: its photo, or its document.

        Raises:
            KeyError: the message has neither.
        """
        shown = message["photo"][-1] if "photo" in message else message["document"]
        return self.file(shown["file_id"])

    def callback_answer(self, query_id: str) -> dict[str, Any] | None:
        """Return what the bot answered to a press; None: nothing yet."""
        return self.state.queries[query_id].answer

    def subscribe(self) -> AsyncIterator[Event]:
        """Return the events from now on; a subscriber that does not keep up loses the oldest ones."""
        return self.watch()

    def watch(self) -> Watch:
        """Do as `subscribe`; what is returned can also be closed."""
        return self.state.events.watch()
