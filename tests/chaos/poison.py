"""A message that ends every process which handles it; others must be answered, and it must come to an end."""

import asyncio
from collections.abc import Sequence
from random import Random

from tests.chaos.findings import Finding, after_all, judged
from tests.chaos.scene import Scene, staged

_DEADLY = """
import os, sys
from bot.__main__ import main
from handlers import identity

async def die(_message):
    os._exit(9)

identity.tell = die
sys.exit(main(["run"]))
"""
"""The bot with a command that ends it."""
_VICTIM = 1_000
_HEAD_START_S = 1.0
_PATIENCE_S = 90.0
_MOST_DEATHS, _MOST_S = 25, 150.0


async def poisoned(seed: int, *, people: int, questions: int) -> Sequence[Finding]:
    """Let people talk, and one of them send what ends a process, each time after all the others began again."""
    name = "poison"
    chance = Random(seed)  # noqa: S311 - no secret
    async with staged(chance, program=("-c", _DEADLY), CONVERSATIONS__WHILE_BUSY="queue") as scene:
        await scene.start(2)
        async with asyncio.TaskGroup() as talking:
            for chat_id in range(1, people + 1):
                talking.create_task(scene.crowd.converse(chat_id, questions))
            await asyncio.sleep(_HEAD_START_S)
            took_s = await _buried_s(scene)
        await scene.crowd.answered(_PATIENCE_S)
        shown = scene.telegram.chats.by_id[_VICTIM].shown
        left, dead, quits = await after_all(name, scene)
        return (
            Finding(name, "processes that died of it", quits.measured, _MOST_DEATHS),
            Finding(name, "  given up after s", took_s, _MOST_S, is_time=True),
            Finding(name, "  apologies", len(shown), 1),
            Finding(name, "  too few", 1 - len(shown), 0),
            *judged(name, scene.crowd.verdict(), most_doubled=None),
            left,
            Finding(name, "  dead letters besides it", dead.measured - 1, 0),
        )


async def _buried_s(scene: Scene) -> float:
    """Send it, and return how long it takes until it is among the dead letters."""
    loop = asyncio.get_running_loop()
    sent_at = loop.time()
    scene.telegram.say(_VICTIM, "/id")
    patience_s = 10 * _MOST_S
    while not (await scene.backlog()).dead_letters and loop.time() - sent_at < patience_s:  # noqa: ASYNC110 - Redis
        await asyncio.sleep(1)
    return loop.time() - sent_at
