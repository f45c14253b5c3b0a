"""Looks for messages that nobody told us of, where nothing has been sent since."""

import asyncio
from functools import partial

import pytest

from bot.replies.calls import Timer
from bot.replies.entities import Rendered
from bot.replies.journal import Doubt
from bot.replies.outbox import Outbox
from bot.replies.pace import Importance
from bot.replies.refusals import Lost
from bot.replies.search import Search
from bot.replies.wire import Frame
from bot.sandbox.telegram.world import Fault
from tests.tools.world_stage import WorldStage

FRAME = Frame(Rendered("раз"))


def lose_and_look(stage: WorldStage, above: int, *, times: int = 1) -> Search:
    """Send frames whose answers get lost, and look for them."""
    process = stage.process()
    timer = Timer(stage.time.clock, stage.time.sleep)
    outbox = Outbox(process.bot, process.governor, process.journal.ledger, stage.place, timer)
    search = Search(outbox)

    async def story() -> None:
        for _ in range(times):
            stage.asks("болтовня")
            with pytest.raises(Lost):
                await search.sent(
                    Doubt(above), FRAME, partial(outbox.send, FRAME, Importance.FRAME, is_first=True)
                )
        await search.clear()

    stage.world.faults.add(Fault.lost_answer(), "sendMessage", times=times)
    asyncio.run(stage.time.run(story()))
    return search


@pytest.mark.parametrize("times", [1, 3])
def test_what_nothing_stands_below_is_looked_for_from_above(times: int) -> None:
    stage = WorldStage()

    search = lose_and_look(stage, stage.question_id, times=times)

    looks = [call for call in stage.world.calls if call.method == "editMessageText"]
    assert stage.texts() == []
    assert len(looks) == 2 * times
    assert search.doubts == ()


def test_nobody_looks_where_nothing_is_known() -> None:
    stage = WorldStage()

    lose_and_look(stage, 0)

    assert stage.texts() == ["раз"]
