"""What the bot stands on is taken away while people ask: Redis dies, or the way to Telegram breaks."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.chaos.findings import Finding, after_all, judged
from tests.chaos.scene import Scene, staged
from tests.chaos.weather import FAIR, Fault, Weather

_PATIENCE_S = 120.0
_SHORT = (Fault.CUT, Fault.CUT_DONE, Fault.BAD_GATEWAY)
_LONG = (*_SHORT, Fault.HANGING, Fault.HANGING_DONE)
_STORM_S, _SUN_S = 6.0, 4.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything."""

    conversations: int = 100
    questions: int = 3
    times: int = 10
    """Redis dies, or storms blow."""
    replicas: int = 2


async def without_redis(seed: int, plan: Plan) -> Sequence[Finding]:
    """Kill Redis under load, leave it dead for a while, and start it again on what it has written."""
    name = "redis"
    async with staged(Random(seed), CONVERSATIONS__WHILE_BUSY="queue") as scene:  # noqa: S311 - no secret
        await scene.start(plan.replicas)
        async with asyncio.TaskGroup() as talking:
            for turn in range(plan.times):
                _begin(scene, plan, turn, talking)
                await asyncio.sleep(scene.chance.uniform(1, 6))
                scene.redis.kill()
                await asyncio.sleep(scene.chance.uniform(0.2, 4))
                await asyncio.to_thread(scene.redis.start)
        await scene.crowd.answered(_PATIENCE_S)
        verdict, kept_after = scene.crowd.verdict(), scene.telegram.kept_after
        return (
            Finding(name, "Redis killed", plan.times),
            Finding(name, "updates acknowledged", kept_after),
            Finding(name, "  of them lost", scene.crowd.lost_of(lambda one: one.update_id <= kept_after), 0),
            *judged(name, verdict, most_doubled=max(1, verdict.asked / 100), is_told=True),
            *await after_all(name, scene),
        )


async def in_storms(seed: int, plan: Plan) -> Sequence[Finding]:
    """Let calls to Telegram fail in every way, by turns with fair weather.

    What was sent may be sent again when nobody hears that it has arrived: that is counted, and no fault.
    """
    name = "network"
    async with staged(Random(seed), CONVERSATIONS__WHILE_BUSY="queue") as scene:  # noqa: S311 - no secret
        await scene.start(plan.replicas)
        async with asyncio.TaskGroup() as talking:
            for turn in range(plan.times):
                _begin(scene, plan, turn, talking)
                faults = _LONG if turn % 3 == 0 else _SHORT
                scene.telegram.weather = Weather(scene.chance, scene.chance.uniform(0.2, 0.9), faults)
                await asyncio.sleep(_STORM_S)
                scene.telegram.weather = FAIR
                await asyncio.sleep(_SUN_S)
        await scene.crowd.answered(_PATIENCE_S)
        return (
            Finding(name, "calls that failed", sum(scene.telegram.faults.values())),
            *(
                Finding(name, f"  {fault.name.lower()}", count)
                for fault, count in scene.telegram.faults.items()
            ),
            *judged(name, scene.crowd.verdict(), most_doubled=None),
            *await after_all(name, scene),
        )


def _begin(scene: Scene, plan: Plan, turn: int, talking: asyncio.TaskGroup) -> None:
    """Let this turn's share of the conversations begin."""
    share = plan.conversations // plan.times
    for chat_id in range(turn * share + 1, (turn + 1) * share + 1):
        talking.create_task(scene.crowd.converse(chat_id, plan.questions))
