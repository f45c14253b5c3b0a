import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.conversation import Conversations, Question, Stage
from bot.errors import (
    BackendTimeout,
    ConnectionCut,
    ContentFiltered,
    DeliveryError,
    GovorunError,
    StoreError,
    WaitedFor,
)
from bot.history import ChatState, RedisHistory
from bot.promptbook import PromptBook
from bot.running import RunningTurns
from bot.types import Ask, ConversationKey, DialogueKey, Ending, Person, Piece, Place, Turn, Usage, Window
from tests.tools.clock import FakeClock
from tests.tools.house import Notebook
from tests.tools.replies import WrittenReplies, WrittenReply

HERE = Place(ConversationKey(42, 1))
GROUP = Place(ConversationKey(42, -5), is_group=True, reply_to=9)
ANNA = Person(1, "Anna", "en")
DIALOGUE = DialogueKey(HERE.conversation, "parrot")
WHOLE = (Piece("Po"), Piece("Polly", Ending.COMPLETE, Usage(3, 2), "v1"))
PROMPT = """
title: Parrot
system: "Repeat after {{ person_name }} in {{ chat_title or 'private' }}."
"""


class Parrot:
    """A model that yields what it was given, then raises what it was given."""

    def __init__(self, *pieces: Piece, error: GovorunError | None = None) -> None:
        self.pieces, self.error = pieces, error
        self.asks: list[Ask] = []

    async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        self.asks.append(ask)
        for piece in self.pieces:
            yield piece
        if self.error:
            raise self.error


class Room:
    """The use case with everything around it."""

    def __init__(self, redis: Redis, folder: Path, model: Parrot, trouble: DeliveryError | None = None) -> None:
        (folder / "parrot.yaml").write_text(PROMPT, "utf-8")
        self.book = PromptBook(folder, "parrot")
        self.book.load()
        self.model = model
        self.history = RedisHistory(redis, 90, 500)
        self.replies = WrittenReplies(trouble)
        self.running = RunningTurns()
        self.notebook = Notebook()
        self.clock = FakeClock()
        self.conversations = Conversations(
            prompts=self.book,
            chats=ChatState(redis),
            history=self.history,
            model=model,
            replies=self.replies,
            running=self.running,
            witness=self.notebook,
            stage=Stage("Govorun", "yandexgpt/latest"),
            clock=self.clock,
            stopwatch=self.clock,
            sleep=self.clock.sleep,
        )

    async def ask(self, text: str = "Who?", place: Place = HERE, number: int = 1) -> WrittenReply:
        await self.conversations.answer(Question(str(number), text, ANNA, place, "Friends" * place.is_group))
        return self.replies.opened[str(number)]

    async def remembered(self) -> tuple[Turn, ...]:
        return await self.history.load(DIALOGUE, Window(4000), now=self.clock())


async def test_an_answer_is_shown_as_it_grows_and_remembered_when_it_is_whole(
    redis: Redis, tmp_path: Path
) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))

    reply = await room.ask()

    assert (reply.frames, reply.ending, reply.text) == (["Po"], "finished", "Polly")
    assert [(turn.question, turn.answer) for turn in await room.remembered()] == [("Who?", "Polly")]


async def test_the_model_gets_the_prompt_and_what_was_said_before(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask("Who?", number=1)

    await room.ask("And now?", number=2)

    ask = room.model.asks[-1]
    assert ask.system == "Repeat after Anna in private."
    assert ask.model.name == "yandexgpt/latest"
    assert [(turn.question, turn.answer) for turn in ask.history] == [("Who?", "Polly")]
    assert ask.question == "And now?"


async def test_in_a_group_the_model_knows_who_is_speaking(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))

    await room.ask(place=GROUP)

    assert room.model.asks[0].question == "Anna: Who?"
    assert room.model.asks[0].system == "Repeat after Anna in Friends."


@pytest.mark.parametrize(
    "error", [ContentFiltered("no"), ConnectionCut("cut"), BackendTimeout(WaitedFor.NEXT_PIECE, 20)]
)
async def test_a_failed_answer_leaves_no_trace(redis: Redis, tmp_path: Path, error: GovorunError) -> None:
    room = Room(redis, tmp_path, Parrot(Piece("Po"), error=error))

    reply = await room.ask()

    assert (reply.ending, reply.error) == ("failed", error)
    assert await room.remembered() == ()
    assert room.notebook.traces[0].outcome == type(error).__name__


async def test_an_answer_without_an_end_is_a_cut_one(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(Piece("Po")))

    reply = await room.ask()

    assert isinstance(reply.error, ConnectionCut)


async def test_an_answer_cut_by_its_limit_is_whole_and_marked(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(Piece("Po", Ending.TRUNCATED)))

    reply = await room.ask()

    assert (reply.text, reply.is_truncated) == ("Po", True)
    assert len(await room.remembered()) == 1


async def test_a_stopped_answer_is_remembered_as_far_as_it_was_shown(redis: Redis, tmp_path: Path) -> None:
    class Stopping(Parrot):
        async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
            self.asks.append(ask)
            yield Piece("Po")
            room.running.stop(HERE.conversation)
            await asyncio.sleep(30)

    room = Room(redis, tmp_path, Stopping())

    reply = await room.ask()

    assert reply.ending == "stopped"
    assert room.notebook.traces[0].outcome == "stopped"
    assert [turn.answer for turn in await room.remembered()] == ["Po"]


async def test_a_question_that_was_answered_before_is_only_remembered(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    room.replies.earlier_answer = "Polly"

    reply = await room.ask()

    assert (reply.ending, room.model.asks) == ("", [])
    assert [turn.answer for turn in await room.remembered()] == ["Polly"]


async def test_silence_is_not_remembered(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(Piece("", Ending.COMPLETE)))

    reply = await room.ask()

    assert reply.ending == "finished"
    assert await room.remembered() == ()


async def test_what_could_not_be_delivered_is_not_remembered(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE), trouble=DeliveryError("refused"))

    with pytest.raises(DeliveryError):
        await room.ask()

    assert await room.remembered() == ()


async def test_a_delivered_answer_stands_even_if_it_cannot_be_remembered(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))

    async def refuse(*_: object, **__: object) -> None:
        raise StoreError("full")

    room.history.append = refuse  # type: ignore[method-assign]

    reply = await room.ask()

    assert reply.ending == "finished"
    assert sum(room.clock.slept) > 30


async def test_a_blink_of_redis_is_no_reason_to_forget(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    append = room.history.append

    async def blink(*_: Any, **__: Any) -> None:
        room.history.append = append  # type: ignore[method-assign]
        raise StoreError("a blink")

    room.history.append = blink  # type: ignore[method-assign]

    await room.ask()

    assert len(await room.remembered()) == 1


async def test_a_prompt_broken_meanwhile_answers_as_it_last_did(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    (tmp_path / "parrot.yaml").write_text("title: P\nsystem: '{{ person_name.missing.deeper }}'", "utf-8")

    reply = await room.ask()

    assert reply.ending == "finished"
    assert room.book.problems


async def test_a_turn_is_told_to_whoever_watches(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))

    await room.ask()

    (trace,) = room.notebook.traces
    assert (trace.outcome, trace.answer, trace.message_ids) == ("complete", "Polly", (1,))
    assert (trace.usage, trace.model_version, trace.first_text_s) == (Usage(3, 2), "v1", 0)
