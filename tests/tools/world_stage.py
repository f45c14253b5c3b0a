"""Live replies before the Telegram of the sandbox, in virtual time: processes that may be killed, and chats."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiogram import Bot
from redis.asyncio import Redis

from bot.replies.calls import Timer
from bot.replies.governor import Governor
from bot.replies.journal import Journal
from bot.replies.live import LiveReplies, LiveReply
from bot.replies.notices import TelegramNotices
from bot.replies.pace import Pace
from bot.replies.ways import Policy
from bot.sandbox.telegram.world import Account, BotAccount, Call, Chat, FloodLimits, TelegramWorld
from bot.types import ConversationKey, Manner, Person, Place
from tests.tools.reply_stage import VOICE, AwayRedis, OneDictRedis, calm_governor
from tests.tools.virtual_time import VirtualTime
from tests.tools.world_session import Killed, WorldSession, judge

ANNA, BORIS = 1, 2
GROUP, FORUM, TOPIC, OTHER_TOPIC = -500, -1002, 7, 8
PERSON = Person(ANNA, "Anna", "ru")
TOKEN = "42:token"
_BEGINNING = 1_800_000_000.0


Story = Callable[[LiveReply], Coroutine[Any, Any, None]]


class Home(StrEnum):
    """Where a reply grows."""

    PRIVATE = "private"
    GROUP = "group"
    FORUM = "forum"


_CHATS: Mapping[Home, int] = {Home.PRIVATE: ANNA, Home.GROUP: GROUP, Home.FORUM: FORUM}


class MortalRedis(OneDictRedis):
    """The Redis that all processes share, as one of them sees it: not at all any more once that is dead."""

    def __init__(self, shared: OneDictRedis, session: WorldSession) -> None:
        super().__init__()
        self._shared = shared
        self._session = session

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        if self._session.is_dead:
            raise Killed
        return await self._shared.execute_command(*words, **options)


@dataclass(frozen=True)
class Process:
    """One process of the bot."""

    session: WorldSession
    bot: Bot
    governor: Governor
    journal: Journal
    replies: LiveReplies
    notices: TelegramNotices


class WorldStage:
    """A Telegram with a person's question in it, and processes of the bot that may answer it."""

    def __init__(
        self,
        home: Home = Home.PRIVATE,
        *,
        flood: FloodLimits | None = None,
        pace: Pace | None = None,
        policy: Policy | None = None,
    ) -> None:
        self.time = VirtualTime()
        self.world = _world(self.time, flood)
        self.redis = OneDictRedis()
        self.chat_id = _CHATS[home]
        self.home = home
        self.pace = pace or Pace()
        self.policy = policy or Policy()
        self.processes: list[Process] = []
        self.question_id = self.asks("/ask почему?")

    @property
    def topic_id(self) -> int | None:
        """The topic of the question."""
        return TOPIC if self.home is Home.FORUM else None

    @property
    def place(self) -> Place:
        """Where the answer goes, as the bot finds out in production."""
        is_group = self.home is not Home.PRIVATE
        return Place(
            ConversationKey(42, self.chat_id, self.topic_id),
            is_group,
            self.question_id if is_group else None,
            self.question_id,
        )

    def asks(self, text: str, user_id: int = ANNA) -> int:
        """Let a person write; returns the id of the message."""
        return int(self.world.say(self.chat_id, user_id, text, topic_id=self.topic_id)["message_id"])

    def process(self, *, pace: Pace | None = None, redis: Redis | None = None, **session: Any) -> Process:
        """Start a process of the bot; its Redis has the journal, but no scripts."""
        wire = WorldSession(self.world, self.time, **session)
        bot = Bot(TOKEN, session=wire)
        governor = calm_governor(redis or AwayRedis(), pace or self.pace, self.time.clock)
        journal = Journal(redis or MortalRedis(self.redis, wire), 42)
        timer = Timer(self.time.clock, self.time.sleep)
        replies = LiveReplies(bot, governor, journal, VOICE, policy=self.policy, timer=timer)
        notices = TelegramNotices(bot, governor, journal.ledger, timer)
        self.processes.append(Process(wire, bot, governor, journal, replies, notices))
        return self.processes[-1]

    def open(
        self,
        process: Process,
        *,
        manner: Manner | None = None,
        reply_id: str = "1",
        place: Place | None = None,
    ) -> AbstractAsyncContextManager[LiveReply]:
        """Open a reply to the question in one process."""
        return process.replies.open(place or self.place, PERSON, reply_id=reply_id, manner=manner or Manner())

    def play(self, story: Story, *, process: Process | None = None, **opening: Any) -> Process:
        """Open a reply and play a story with it, in virtual time; returns the process that it was played in."""
        process = process or self.process()

        async def opened() -> None:
            async with self.open(process, **opening) as reply:
                await story(reply)

        asyncio.run(self.time.run(opened()))
        return process

    @property
    def knocks(self) -> int:
        """Calls within a wait that Telegram had asked for."""
        return self.world.knocks + sum(process.session.knocks for process in self.processes)

    @property
    def made(self) -> int:
        """Calls of all processes so far."""
        return sum(process.session.made for process in self.processes)

    @property
    def home_id(self) -> int:
        """Where the chat is now: a group may have moved."""
        return self.world.state.rooms[self.chat_id].moved_to or self.chat_id

    def messages(self) -> list[dict[str, Any]]:
        """What the bot has in its chat now, from top to bottom."""
        return sorted(self.world.bot_messages(self.home_id), key=lambda message: message["message_id"])

    def texts(self) -> list[str]:
        """What a person reads in it, message by message; a file reads as its caption."""
        return [self.world.rich_text(self.home_id, message["message_id"]) for message in self.messages()]

    def buttons(self) -> list[str]:
        """What the buttons below all messages would send, from top to bottom."""
        markups = [message.get("reply_markup", {}) for message in self.messages()]
        rows = [row for markup in markups for row in markup.get("inline_keyboard", [])]
        return [button["callback_data"] for row in rows for button in row]

    def called(self, *methods: str) -> list[Call]:
        """The calls of these methods that Telegram took, oldest first."""
        return [call for call in self.world.calls if call.ok and call.method in methods]

    def judge(self) -> None:
        """Let the outside judges look at every call there was."""
        judge(self.world.calls)


def _world(time: VirtualTime, flood: FloodLimits | None) -> TelegramWorld:
    world = TelegramWorld(
        token=TOKEN,
        bot=BotAccount(42, "govorun_bot", "Govorun", privacy=False),
        clock=lambda: _BEGINNING + time.now,
        sleep=time.sleep,
        flood=flood,
    )
    people = {ANNA: ("Anna", "ru"), BORIS: ("Boris", "en")}
    for user_id, (name, language) in people.items():
        world.add_person(Account(user_id, name, language))
        world.add_chat(Chat(user_id, "private", members={user_id}))
    world.add_chat(Chat(GROUP, "group", title="Friends", members=set(people)))
    topics = {TOPIC: "Tea", OTHER_TOPIC: "Coffee"}
    world.add_chat(Chat(FORUM, "supergroup", "Forum", is_forum=True, topics=topics, members=set(people)))
    return world
