"""Who plays: the bot, two people with private chats, and a group with topics where they meet."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.page.stage import World
from bot.sandbox.telegram.accounts import Account, BotAccount, Chat

FIRST_PERSON = 1001


@dataclass(slots=True)
class Cast:
    """The bot, and the people and chats around it; more people may come while the play goes on."""

    bot: BotAccount
    people: list[Account] = field(default_factory=list)
    groups: list[Chat] = field(default_factory=list)

    @property
    def chats(self) -> Iterator[Chat]:
        """A private chat for each person, in the order they came, then the groups."""
        for person in self.people:
            yield Chat(person.user_id, "private", title=person.first_name, members={person.user_id})
        yield from self.groups

    def enter(self, world: World) -> None:
        """Add everybody and everything to the world."""
        for person in self.people:
            world.add_person(person)
        for chat in self.chats:
            world.add_chat(chat)

    def add_person(self, world: World, first_name: str, language_code: str) -> Account:
        """Let one more person in, with a private chat and a seat in every group."""
        user_id = max((person.user_id for person in self.people), default=FIRST_PERSON - 1) + 1
        person = Account(user_id, first_name, language_code)
        self.people.append(person)
        world.add_person(person)
        world.add_chat(Chat(user_id, "private", title=first_name, members={user_id}))
        for group in self.groups:
            group.members.add(user_id)
        return person

    def as_json(self) -> dict[str, Any]:
        """Return people and chats as the page reads them."""
        return {
            "people": [person.as_user() | {"user_id": person.user_id} for person in self.people],
            "chats": [_chat_json(chat) for chat in self.chats],
        }


def default_cast() -> Cast:
    """Return the cast of `play`."""
    anna, ben = Account(FIRST_PERSON, "Аня", "ru"), Account(FIRST_PERSON + 1, "Ben", "en")
    cafe = Chat(
        -1001700000004,
        "supergroup",
        title="Кофейня",
        is_forum=True,
        topics={11: "Рецепты", 12: "Music"},
        members={anna.user_id, ben.user_id},
    )
    return Cast(BotAccount(7000001, "govorun_bot", "Говорун"), [anna, ben], [cafe])


def _chat_json(chat: Chat) -> dict[str, Any]:
    return {
        "chat_id": chat.chat_id,
        "type": chat.type,
        "title": chat.title,
        "is_forum": chat.is_forum,
        "topics": [{"topic_id": topic_id, "title": title} for topic_id, title in chat.topics.items()],
        "members": sorted(chat.members),
    }
