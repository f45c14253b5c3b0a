"""One person sends a thousand messages in a second; others must not feel it, and that person is told once."""

import asyncio
import statistics
from collections.abc import Sequence
from random import Random

from tests.chaos.findings import Finding, after_all
from tests.chaos.scene import Scene, staged

_FLOODER = 1_000
_OTHERS = range(1, 21)
_DELAY_S = 0.2
_PATIENCE_S = 60.0
_HEAD_START_S = 0.2


async def flooded(seed: int, *, messages: int) -> Sequence[Finding]:
    """Compare the first texts of twenty people with those of the same twenty while one floods."""
    name = "flood"
    async with staged(Random(seed)) as scene:  # noqa: S311 - no secret
        await scene.start(1)
        await _first_texts_s(scene)
        calm_s = await _first_texts_s(scene)
        flood = asyncio.create_task(_flood(scene, messages))
        await asyncio.sleep(_HEAD_START_S)
        flooded_s = await _first_texts_s(scene)
        await flood
        await scene.crowd.answered(_PATIENCE_S, _OTHERS)
        await asyncio.sleep(_PATIENCE_S / 4)
        shown = scene.telegram.chats.by_id[_FLOODER].shown
        sentences = sum("q" not in text for text in shown)
        calm, rough = statistics.median(calm_s), statistics.median(flooded_s)
        return (
            Finding(name, "first text without a flood, s (median)", calm),
            Finding(name, "  at most", max(calm_s)),
            Finding(name, "first text with a flood, s (median)", rough),
            Finding(name, "  at most", max(flooded_s)),
            Finding(name, "later by s (median)", rough - calm, _DELAY_S, is_time=True),
            Finding(name, "  the latest", max(flooded_s) - max(calm_s), _DELAY_S, is_time=True),
            Finding(name, "sentences that the one reads", sentences, 1),
            Finding(name, "  too few", 1 - sentences, 0),
            Finding(name, "messages that the one is shown", len(shown)),
            *await after_all(name, scene),
        )


async def _flood(scene: Scene, messages: int) -> None:
    """Send all within a second."""
    for number in range(messages):
        scene.telegram.say(_FLOODER, f"{10_000 + number} in 10 words for {_FLOODER}")
        await asyncio.sleep(0.9 / messages)


async def _first_texts_s(scene: Scene) -> list[float]:
    """Let everybody ask one thing at once; return how long each waited for the first text."""
    loop = asyncio.get_running_loop()
    asked_at = loop.time()
    before = {chat_id: len(scene.telegram.chats.by_id[chat_id].shown) for chat_id in _OTHERS}
    for chat_id in _OTHERS:
        scene.crowd.ask(chat_id, 20)
    first_s: dict[int, float] = {}
    while len(first_s) < len(_OTHERS) and loop.time() - asked_at < _PATIENCE_S:
        for chat_id in _OTHERS:
            if len(scene.telegram.chats.by_id[chat_id].shown) > before[chat_id]:
                first_s.setdefault(chat_id, loop.time() - asked_at)
        await asyncio.sleep(0.005)
    await scene.crowd.answered(_PATIENCE_S, _OTHERS)
    return list(first_s.values())
