"""What the newest question is kept for: another answer, a changed question, a continuation, a crash."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.errors import ConnectionCut, NothingNew
from bot.history import ChatState
from bot.question import Question
from bot.types import Ask, Ending, Exchange, Piece
from tests.tools.parrot_room import ANNA, HERE, WHOLE, Parrot, Room


async def test_the_newest_question_is_kept_with_its_answer(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))

    await room.ask()

    asked = Exchange("1", "parrot", "Who?", 9, ANNA, (1,), "Polly", remembered_id="1", asked_at=room.clock())
    assert await room.newest() == replace(asked, chat_id=HERE.conversation.chat_id)


async def test_a_group_that_moved_counts_its_messages_anew(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask()
    moved = HERE.conversation.moved_to(-100)

    await room.exchanges.keep(moved, await room.newest())

    assert await room.exchanges.newest(moved) is None


@pytest.mark.parametrize(
    ("model", "answer", "is_truncated"),
    [
        (Parrot(Piece("Po", Ending.TRUNCATED)), "Po", True),
        (Parrot(Piece("Po"), error=ConnectionCut("cut")), "", False),
        (Parrot(Piece("", Ending.COMPLETE)), "", False),
        (Parrot(Piece("", Ending.TRUNCATED)), "", False),
    ],
    ids=["truncated", "failed", "silent", "thought too long"],
)
async def test_whatever_became_of_the_answer_another_can_be_asked_for(
    redis: Redis,
    tmp_path: Path,
    model: Parrot,
    answer: str,
    is_truncated: bool,  # noqa: FBT001 - a table
) -> None:
    room = Room(redis, tmp_path, model)

    await room.ask()

    newest = await room.newest()
    assert (newest.answer, newest.is_truncated) == (answer, is_truncated)
    assert newest.remembered_id == ("1" if answer else "")


async def test_another_answer_takes_the_place_of_the_first(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask("Before?", number=1)
    await room.ask("Who?", number=2)
    room.model.pieces = (Piece("Jack", Ending.COMPLETE),)

    reply = await room.again(3)

    assert (reply.manner.in_place, reply.person, reply.text) == ((2,), ANNA, "Jack")
    ask = room.model.asks[-1]
    assert (ask.question, [turn.question for turn in ask.history]) == ("Who?", ["Before?"])
    assert [turn.answer for turn in await room.remembered()] == ["Polly", "Jack"]
    newest = await room.newest()
    assert (newest.turn_id, newest.message_ids, newest.answer, newest.remembered_id) == ("3", (2,), "Jack", "3")


async def test_another_answer_that_fails_leaves_the_earlier_one(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask()
    room.model.pieces, room.model.error = (Piece("Ja"),), ConnectionCut("cut")

    reply = await room.again(2)

    assert (reply.ending, reply.kept) == ("failed", Piece("Polly", Ending.COMPLETE))
    assert [turn.answer for turn in await room.remembered()] == ["Polly"]
    newest = await room.newest()
    assert (newest.turn_id, newest.answer, newest.remembered_id) == ("2", "Polly", "1")


async def test_after_a_failure_another_try_still_replaces_the_turn(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask()
    room.model.error = ConnectionCut("cut")
    await room.again(2)
    room.model.pieces, room.model.error = (Piece("Jack", Ending.COMPLETE),), None

    await room.again(3)

    assert room.model.asks[-1].history == ()
    assert [turn.answer for turn in await room.remembered()] == ["Jack"]


async def test_after_a_failed_first_answer_there_is_nothing_to_put_back(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(Piece("Po"), error=ConnectionCut("cut")))
    await room.ask()

    reply = await room.again(2)

    assert (reply.kept, reply.manner.in_place) == (None, (1,))
    room.model.pieces, room.model.error = WHOLE, None
    await room.again(3)
    assert [turn.answer for turn in await room.remembered()] == ["Polly"]


@pytest.mark.parametrize("text", ["", "Ja"])
async def test_another_answer_that_is_stopped_counts_if_there_is_any(
    redis: Redis, tmp_path: Path, text: str
) -> None:
    class Stopping(Parrot):
        async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
            self.asks.append(ask)
            yield Piece(text)
            room.stop()
            await asyncio.sleep(30)

    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask()
    room.conversations._model = Stopping()

    reply = await room.again(2)

    assert (reply.ending, reply.text) == (("stopped", "") if text else ("finished", "Polly"))
    assert [turn.answer for turn in await room.remembered()] == [text or "Polly"]
    assert (await room.newest()).answer == (text or "Polly")


async def test_silence_does_not_replace_an_answer(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(Piece("Po", Ending.TRUNCATED)))
    await room.ask()
    room.model.pieces = (Piece("", Ending.COMPLETE),)

    reply = await room.again(2)

    assert (reply.ending, reply.kept) == ("failed", Piece("Po", Ending.TRUNCATED))
    assert isinstance(reply.error, NothingNew)
    assert [turn.answer for turn in await room.remembered()] == ["Po"]
    newest = await room.newest()
    assert (newest.turn_id, newest.answer, newest.is_truncated) == ("2", "Po", True)


async def test_a_changed_question_is_asked_instead(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask("Who?")

    await room.again(2, "What?")

    assert room.model.asks[-1].question == "What?"
    assert [turn.question for turn in await room.remembered()] == ["What?"]
    assert (await room.newest()).question == "What?"


async def test_a_changed_question_that_fails_is_the_one_to_try_again(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask("Who?")
    room.model.error = ConnectionCut("cut")

    reply = await room.again(2, "What?")

    assert reply.kept == Piece("Polly", Ending.COMPLETE)
    assert ((await room.newest()).question, (await room.newest()).answer) == ("What?", "Polly")
    assert [turn.question for turn in await room.remembered()] == ["Who?"]


async def test_the_prompt_of_the_first_answer_gives_the_second_too(redis: Redis, tmp_path: Path) -> None:
    (tmp_path / "raven.yaml").write_text("system: Nevermore.", "utf-8")
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask()
    await ChatState(redis).choose_prompt(HERE.conversation, "raven")

    await room.again(2)

    assert room.model.asks[-1].system == "Repeat after Anna in private."


async def test_if_that_prompt_is_gone_the_one_in_use_answers(redis: Redis, tmp_path: Path) -> None:
    raven = tmp_path / "raven.yaml"
    raven.write_text("system: Nevermore.", "utf-8")
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await ChatState(redis).choose_prompt(HERE.conversation, "raven")
    await room.ask()
    raven.unlink()

    await room.again(2)

    assert room.model.asks[-1].system == "Repeat after Anna in private."
    assert [turn.answer for turn in await room.remembered()] == ["Polly"]


async def test_a_continuation_reads_what_it_goes_on_with_however_long_that_is(
    redis: Redis, tmp_path: Path
) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask("Who?")
    room.model.pieces = (Piece("a very long story " * 1000, Ending.TRUNCATED),)
    await room.ask("A tale?", number=2)
    rest = Question("3", "Go on.", ANNA, HERE, prompt="parrot", is_continuation=True)

    await room.conversations.answer(rest)
    await room.again(4)

    for ask in room.model.asks[2:]:
        assert [turn.question for turn in ask.history] == ["A tale?"]
        assert ask.question == "Go on."


async def test_an_answer_given_again_before_a_crash_is_only_remembered(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask()
    room.replies.earlier_answer = "Jack"

    await room.again(2)

    assert len(room.model.asks) == 1
    assert [turn.answer for turn in await room.remembered()] == ["Jack"]
    newest = await room.newest()
    assert (newest.turn_id, newest.answer, newest.remembered_id) == ("2", "Jack", "2")


async def test_a_failure_before_a_crash_leaves_the_earlier_answer_too(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask()
    room.replies.earlier_answer = ""

    await room.again(2)

    assert [turn.answer for turn in await room.remembered()] == ["Polly"]
    newest = await room.newest()
    assert (newest.turn_id, newest.answer, newest.remembered_id) == ("2", "Polly", "1")


async def test_what_is_known_of_an_answer_is_not_spoiled_by_a_crash_after_it(
    redis: Redis, tmp_path: Path
) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    await room.ask()
    known = await room.newest()
    room.replies.earlier_answer = "Polly"

    await room.ask()

    assert await room.newest() == known
