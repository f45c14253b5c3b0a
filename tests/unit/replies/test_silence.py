"""Flood control that lasts longer than anybody waits: nothing is paid twice, and nothing is lost."""

import pytest

from bot.errors import DeliveryTimeout
from bot.replies.live import LiveReply
from bot.sandbox.telegram.world import Fault
from bot.types import Ending, Piece
from tests.tools.world_stage import Process, WorldStage

HOUR_S = 3600


def silenced(stage: WorldStage) -> Process:
    """A process that heard, when its answer was whole, that the chat wants silence for an hour."""
    stage.world.faults.add(Fault.flood(HOUR_S), "sendMessage")
    process = stage.process()
    with pytest.raises(DeliveryTimeout) as refused:
        stage.play(lambda reply: reply.finish("раз два"), process=process)
    assert refused.value.retry_after_s > HOUR_S - 10
    return process


def test_what_was_said_is_known_to_the_next_attempt() -> None:
    stage = WorldStage()
    silenced(stage)
    known: list[Piece | None] = []

    async def looks(reply: LiveReply) -> None:
        known.append(reply.undelivered)

    stage.play(looks)

    assert known == [Piece("раз два", Ending.COMPLETE)]


def test_it_is_delivered_when_the_silence_is_over() -> None:
    stage = WorldStage()
    process = silenced(stage)
    stage.time.now += HOUR_S

    stage.play(lambda reply: reply.finish("раз два"), process=process)

    assert stage.texts() == ["раз два"]
    assert stage.knocks == 0


def test_nobody_pays_for_an_answer_that_cannot_be_delivered_for_long() -> None:
    stage = WorldStage()
    process = silenced(stage)

    with pytest.raises(DeliveryTimeout) as refused:
        stage.play(lambda reply: reply.finish("never asked"), process=process, reply_id="2")

    assert refused.value.retry_after_s > HOUR_S - 10


def test_what_was_stopped_stays_stopped_at_the_next_attempt() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.flood(HOUR_S), "sendMessage")

    async def stops(reply: LiveReply) -> None:
        reply.show("раз")
        await reply.stop()

    with pytest.raises(DeliveryTimeout):
        stage.play(stops)
    stage.time.now += HOUR_S

    stage.play(lambda reply: reply.stop())

    assert stage.texts() == ["раз\n\n(stopped)"]
