"""An answer of many messages also comes as a file: below them, once, whatever happens."""

import asyncio
from typing import Any

import pytest

from bot.replies.live import LiveReply
from bot.replies.markup import render
from bot.replies.split import split
from bot.replies.ways import Policy
from bot.sandbox.telegram.world import Fault
from bot.types import Manner, Piece
from tests.tools.reply_stage import Trouble
from tests.tools.telling import ANSWER
from tests.tools.world_session import Killed
from tests.tools.world_stage import Story, WorldStage

BOOK = "\n\n".join(" ".join(f"глава{number}" for _ in range(560)) for number in range(8))
"""More messages than a policy takes without a file."""


def finishes(text: str) -> Story:
    return lambda reply: reply.finish(text)


def documents(stage: WorldStage) -> list[dict[str, Any]]:
    return [message for message in stage.messages() if "document" in message]


@pytest.mark.parametrize("most", [5, 2])
def test_an_answer_of_many_messages_comes_as_a_file_too(most: int) -> None:
    stage = WorldStage(policy=Policy(file_after_parts=most))

    stage.play(finishes(BOOK))

    (message,) = documents(stage)
    assert message == stage.messages()[-1]
    assert message["caption"] == "(whole)"
    assert message["document"]["file_name"] == "answer.md"
    (file,) = (
        stage.world.state.files.by_id(message["document"]["file_id"]).upload.content.decode().splitlines()[:1]
    )
    assert file == BOOK.splitlines()[0]


@pytest.mark.parametrize(("text", "most"), [(ANSWER, 3), (ANSWER, 5), (BOOK, 0)])
def test_fewer_messages_or_a_policy_against_it_bring_no_file(text: str, most: int) -> None:
    stage = WorldStage(policy=Policy(file_after_parts=most))

    stage.play(finishes(text))

    assert documents(stage) == []


def test_a_failure_brings_no_file() -> None:
    stage = WorldStage()

    stage.play(lambda reply: reply.fail(Trouble(), kept=Piece(BOOK)))

    assert documents(stage) == []


@pytest.mark.parametrize("is_applied", [True, False])
@pytest.mark.parametrize("number", range(12))
def test_there_is_one_file_also_after_a_crash(number: int, *, is_applied: bool) -> None:
    stage = WorldStage()
    process = stage.process()

    def die(current: int) -> None:
        if current == number:
            process.session.die()

    if is_applied:
        process.session.dies_after = number
    else:
        process.session.before_call = die

    async def story() -> None:
        try:
            async with stage.open(process) as reply:
                await reply.finish(BOOK)
        except Killed:
            async with stage.open(stage.process()) as reply:
                if reply.earlier_answer is None:
                    await reply.finish(BOOK)

    asyncio.run(stage.time.run(story()))

    assert len(documents(stage)) == 1
    assert stage.messages()[-1] == documents(stage)[0]
    assert " ".join(stage.texts()).split() == [*BOOK.split(), "(whole)"]


def test_a_file_whose_answer_was_lost_comes_once() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.lost_answer(), "sendDocument")

    stage.play(finishes(BOOK))

    assert len(documents(stage)) == 1


def test_a_file_that_is_refused_leaves_the_answer_whole() -> None:
    stage = WorldStage()
    stage.world.faults.add(
        Fault.refusal(400, "Bad Request: not enough rights to send documents"), "sendDocument"
    )

    stage.play(finishes(BOOK))

    assert documents(stage) == []
    assert " ".join(stage.texts()).split() == BOOK.split()


@pytest.mark.parametrize("text", ["короче", ANSWER, BOOK], ids=["one message", "a few", "many again"])
def test_a_file_goes_with_the_answer_that_it_belongs_to(text: str) -> None:
    stage = WorldStage()
    ids: list[tuple[int, ...]] = []

    async def tells(reply: LiveReply) -> None:
        await reply.finish(BOOK)
        ids.append(reply.message_ids)

    stage.play(tells)

    stage.play(finishes(text), manner=Manner(in_place=ids[0]), reply_id="2")

    assert len(documents(stage)) == (1 if text is BOOK else 0)
    assert documents(stage) in ([], stage.messages()[-1:])
    assert len(stage.messages()) == len(split(render(text))) + len(documents(stage))
