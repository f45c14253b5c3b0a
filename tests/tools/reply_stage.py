"""Everything a live reply stands on, in virtual time: for tests of one reply in one chat."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

from aiogram import Bot
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisAway

from bot.errors import GovorunError
from bot.replies.calls import Timer
from bot.replies.governor import Governor
from bot.replies.journal import Journal
from bot.replies.live import LiveReplies, LiveReply
from bot.replies.pace import Pace
from bot.replies.voice import ReplyWords, Voice
from bot.replies.ways import Policy
from bot.types import ConversationKey, Manner, Person, Place
from tests.tools.telegram_session import TOKEN, Fault, TelegramSession
from tests.tools.virtual_time import VirtualTime

PERSON = Person(5, "Olga", "ru")
LONG = " ".join(f"слово{number}" for number in range(1200))
"""Three messages."""


class AwayRedis(Redis):
    """A Redis that never answers, so that nothing waits for a network."""

    async def execute_command(self, *_: Any, **__: Any) -> Any:
        raise RedisAway("away")


class FullRedis(AwayRedis):
    """A Redis that tells what it knows, which is nothing, and takes nothing."""

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        return None if words[0] == "GET" else await super().execute_command(*words, **options)


class OneDictRedis(AwayRedis):
    """A Redis that can do what the notes of replies need, and keeps everything for ever."""

    def __init__(self) -> None:
        super().__init__()
        self._values: dict[str, Any] = {}

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        match words:
            case "GET", key:
                return self._values.get(key)
            case "MGET", *keys:
                return [self._values.get(key) for key in keys]
            case ("SET", key, value, *_) | ("EVALSHA", _, 1, key, value, _):  # the script of the journal
                self._values[key] = value
            case "EXPIRE", *_:
                pass
            case "EVALSHA", _, 3, key, newest, row, kept, _, _, _, heard, mine, *ids:  # the ledger's
                self._note(key, ids[:mine], kept)
                has_row = heard != "none" and self._values.get(newest) != "none"
                self._note(row, ids[mine:] if has_row else (), kept=1000)
                self._values[newest] = max(self._values.get(newest, 0), heard) if has_row else "none"
            case "ZRANGEBYSCORE", key, above, below:
                low, high = (float(edge.strip("(")) for edge in (above, below))
                return [one for one in self._values.get(key, ()) if low < one < high]
            case "ZRANGE", key, 0, -1:
                return list(self._values.get(key, ()))
            case _:
                return await super().execute_command(*words, **options)
        return True

    def _note(self, key: str, ids: Sequence[int], kept: int) -> None:
        self._values[key] = sorted({*self._values.get(key, ()), *ids})[-kept:]


class _Unstrained:
    """A process that is never late: in virtual time lateness means nothing."""

    def wait_s(self, _: int) -> float:
        return 0.0

    def framed(self, _: int) -> None:
        """Nothing to note."""


def calm_governor(redis: Redis, pace: Pace, clock: Callable[[], float]) -> Governor:
    """A governor for virtual time."""
    governor = Governor(redis, 42, pace, clock=clock)
    governor.strain = cast("Any", _Unstrained())
    return governor


class Stage:
    """A chat with its Telegram, clock, governor and journal."""

    def __init__(
        self,
        *faults: Fault,
        pace: Pace | None = None,
        latency_s: float = 0.05,
        policy: Policy | None = None,
        redis: Redis | None = None,
    ) -> None:
        self.time = VirtualTime()
        self.telegram = TelegramSession(
            *faults, clock=self.time.clock, sleep=self.time.sleep, latency_s=latency_s
        )
        self.bot = Bot(TOKEN, session=self.telegram)
        self.pace = pace or Pace()
        self.governor = calm_governor(AwayRedis(), self.pace, self.time.clock)
        self.journal = Journal(redis or OneDictRedis(), 42)
        self.replies = LiveReplies(
            self.bot,
            self.governor,
            self.journal,
            VOICE,
            policy=policy or Policy(),
            timer=Timer(self.time.clock, self.time.sleep),
        )

    def open(  # noqa: PLR0913 - a place is described at once, by names
        self,
        *,
        topic_id: int | None = None,
        reply_to: int | None = None,
        below: int | None = None,
        is_group: bool = False,
        business_id: str | None = None,
        reply_id: str = "1",
        manner: Manner | None = None,
    ) -> AbstractAsyncContextManager[LiveReply]:
        """Open a reply to the person of the stage."""
        place = Place(ConversationKey(42, 7, topic_id, business_id), is_group, reply_to, below)
        return self.replies.open(place, PERSON, reply_id=reply_id, manner=manner or Manner())


def _words(language: str) -> ReplyWords:
    return ReplyWords(
        stop_button=f"Stop {language}",
        again_button=f"Again {language}",
        continue_button=f"Continue {language}",
        thinking="Thinking {seconds} s",
        in_line="Number {place}",
        stopped_mark="(stopped)",
        truncated_mark="(cut)",
        empty_answer="(nothing)",
        file_caption="(whole)",
    )


VOICE = Voice(_words, lambda error, language: f"{type(error).__name__} in {language}")


class Trouble(GovorunError):
    """Something that a model did."""


Story = Callable[[LiveReply], Coroutine[Any, Any, None]]


def play(stage: Stage, story: Story, **opening: Any) -> None:
    """Open a reply and play the story with it, in virtual time."""

    async def opened() -> None:
        async with stage.open(**opening) as reply:
            await story(reply)

    asyncio.run(stage.time.run(opened()))


def growing(stage: Stage, text: str, *, seconds: float = 5.0, pieces: int = 50) -> Story:
    """A model that writes the text within that time."""

    async def story(reply: LiveReply) -> None:
        for number in range(1, pieces):
            reply.show(text[: len(text) * number // pieces])
            await stage.time.sleep(seconds / pieces)
        await reply.finish(text)

    return story
