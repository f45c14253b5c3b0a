"""Everything a live reply stands on, in virtual time: for tests of one reply in one chat."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from aiogram import Bot
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisAway

from bot.errors import GovorunError
from bot.replies.edit import EditReplies, EditReply
from bot.replies.governor import Governor
from bot.replies.journal import Journal
from bot.replies.outbox import Timer
from bot.replies.pace import Pace
from bot.replies.voice import ReplyWords, Voice
from bot.types import ConversationKey, Person, Place
from tests.tools.telegram_session import TOKEN, Fault, TelegramSession
from tests.tools.virtual_time import VirtualTime

PERSON = Person(5, "Olga", "ru")


class AwayRedis(Redis):
    """A Redis that never answers, so that nothing waits for a network."""

    async def execute_command(self, *_: Any, **__: Any) -> Any:
        raise RedisAway("away")


class OneDictRedis(AwayRedis):
    """A Redis that can do no more than GET and SET."""

    def __init__(self) -> None:
        super().__init__()
        self._values: dict[str, Any] = {}

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        match words:
            case "GET", key:
                return self._values.get(key)
            case "SET", key, value, *_:
                self._values[key] = value
                return True
        return await super().execute_command(*words, **options)


class Stage:
    """A chat with its Telegram, clock, governor and journal."""

    def __init__(self, *faults: Fault, pace: Pace | None = None, latency_s: float = 0.05) -> None:
        self.time = VirtualTime()
        self.telegram = TelegramSession(
            *faults, clock=self.time.clock, sleep=self.time.sleep, latency_s=latency_s
        )
        self.bot = Bot(TOKEN, session=self.telegram)
        self.pace = pace or Pace()
        self.governor = Governor(AwayRedis(), 42, self.pace, clock=self.time.clock)
        voice = Voice(_words, lambda error, language: f"{type(error).__name__} in {language}")
        timer = Timer(self.time.clock, self.time.sleep)
        self.replies = EditReplies(self.bot, self.governor, Journal(OneDictRedis()), voice, timer)

    def open(
        self,
        *,
        topic_id: int | None = None,
        reply_to: int | None = None,
        is_group: bool = False,
        business_id: str | None = None,
        reply_id: str = "1",
    ) -> AbstractAsyncContextManager[EditReply]:
        """Open a reply to the person of the stage."""
        place = Place(ConversationKey(42, 7, topic_id, business_id), is_group, reply_to)
        return self.replies.open(place, PERSON, reply_id=reply_id)


def _words(language: str) -> ReplyWords:
    return ReplyWords(f"Stop {language}", "(stopped)", "(cut)", "(nothing)")


class Trouble(GovorunError):
    """Something that a model did."""
