"""Messages that end every process which handles them; others must be answered, and these come to an end."""

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
_VICTIMS = (1_000, 1_001)
_HEAD_START_S = 1.0
_PATIENCE_S = 90.0
_MOST_DEATHS, _MOST_S = 40, 240.0


async def poisoned(seed: int, *, people: int, questions: int) -> Sequence[Finding]:
    """Let people talk, and two more send what ends a process."""
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
        told = [len(scene.telegram.chats.by_id[victim].shown) for victim in _VICTIMS]
        left, dead, quits = await after_all(name, scene)
        return (
            Finding(name, "processes that died of them", quits.measured, _MOST_DEATHS),
            Finding(name, "  given up after s", took_s, _MOST_S, is_time=True),
            Finding(name, "  most apologies for one", max(told), 1),
            Finding(name, "  without one", told.count(0), 0),
            *judged(name, scene.crowd.verdict(), most_doubled=None),
            left,
            Finding(name, "  dead letters besides them", dead.measured - len(_VICTIMS), 0),
        )


async def _buried_s(scene: Scene) -> float:
    """Send them, and return how long it takes until they are dead letters."""
    loop = asyncio.get_running_loop()
    sent_at = loop.time()
    for victim in _VICTIMS:
        scene.telegram.say(victim, "/id")
    while (await scene.backlog()).dead_letters < len(_VICTIMS):
        await asyncio.sleep(1)
        if loop.time() - sent_at > _PATIENCE_S + _MOST_S:
            break
    return loop.time() - sent_at
