"""Many replicas that could all poll: one does, and when it dies, another one."""

import asyncio
import statistics
from collections.abc import Sequence
from random import Random

from tests.bench.stage import until
from tests.chaos.findings import Finding, after_all, judged
from tests.chaos.replica import Replica
from tests.chaos.scene import Scene, staged

_MOVED_S = 10.0
_PATIENCE_S = 60.0
_QUIET_S = 5.0


async def polled(seed: int, *, replicas: int, deaths: int) -> Sequence[Finding]:
    """Kill whoever polls, again and again."""
    name = f"{replicas} pollers"
    async with staged(Random(seed), TELEGRAM__POLL_TIMEOUT_S="2") as scene:  # noqa: S311 - no secret
        await scene.start(replicas)
        await asyncio.sleep(_QUIET_S)
        moved_s = [await _moved_s(scene, chat_id) for chat_id in range(1, deaths + 1)]
        await scene.crowd.answered(_PATIENCE_S)
        return (
            Finding(name, "pollers killed", deaths),
            Finding(name, "  another polls after s, half of them", statistics.median(moved_s)),
            Finding(name, "  at most", max(moved_s), _MOVED_S, is_time=True),
            Finding(name, "conflicts of two pollers", scene.telegram.conflicts, 0),
            *judged(name, scene.crowd.verdict()),
            *await after_all(name, scene),
        )


async def _moved_s(scene: Scene, chat_id: int) -> float:
    """Kill the poller while somebody asks; return how long nobody polled."""
    loop, polls = asyncio.get_running_loop(), scene.telegram.polls
    victim = _poller(scene)
    scene.crowd.ask(chat_id, 20)
    victim.kill()
    killed_at, name = loop.time(), victim.name
    count = len(polls)
    await until(lambda: any(who != name for _, who in polls[count:]))
    moved_s = next(at for at, who in polls[count:] if who != name) - killed_at
    await victim.ended()
    await victim.start()
    await until(lambda: scene.is_up(victim))
    return moved_s


def _poller(scene: Scene) -> Replica:
    """Return whoever polled last."""
    _, name = scene.telegram.polls[-1]
    return next(one for one in scene.replicas if one.name == name)
