"""Whether people get in each other's way: a flooded chat beside another, and Stop beside a crowd."""

import asyncio

from tests.bench.model import Story
from tests.bench.stage import Stage, staged, until
from tests.bench.table import Row

_CROWD = range(1, 61)
_FLOODED, _OTHER, _STOPPED = 101, 102, 103
_FLOODED_S = 5


async def rows() -> list[Row]:
    """Measure both with one bot."""
    async with staged() as stage:
        calm_s = await bubble_s(stage)
        stage.telegram.flooded[_FLOODED] = _FLOODED_S
        stage.ask([_FLOODED], 400)
        await until(lambda: stage.telegram.screens[_FLOODED].calls)
        beside_s = await bubble_s(stage)
        stage.telegram.flooded.clear()
        await stage.finished([_FLOODED])
        alone_s = await stop_s(stage)
        stage.ask(_CROWD, 400)
        await until(lambda: all(stage.telegram.screens[chat].frames for chat in _CROWD))
        crowded_s = await stop_s(stage)
        await stage.finished(_CROWD)
        return [
            Row(
                "first text to first bubble while another chat is flooded",
                beside_s * 1000,
                calm_s * 1000,
                "ms",
                "<= 500",
            ),
            Row(
                "Stop pressed until the model's connection is closed",
                alone_s * 1000,
                unit="ms",
                promise="<= 500",
            ),
            Row("  with 60 others running", crowded_s * 1000, alone_s * 1000, "ms", "<= 500"),
        ]


async def bubble_s(stage: Stage) -> float:
    """Return how long somebody's first text waited to be seen."""
    stage.ask([_OTHER], 100)
    await stage.finished([_OTHER])
    return stage.telegram.screens[_OTHER].frames[0].at - stage.story_of(_OTHER).written_at[0]


async def stop_s(stage: Stage) -> float:
    """Return how long it took from a press of Stop to the end of the model's work."""
    stage.ask([_STOPPED], 400)
    await until(lambda: stage.telegram.screens[_STOPPED].frames)
    await asyncio.sleep(1)
    story: Story = stage.story_of(_STOPPED)
    pressed_at = asyncio.get_running_loop().time()
    stage.telegram.press_stop(_STOPPED)
    await until(lambda: story.closed_at)
    return (story.closed_at or 0.0) - pressed_at
