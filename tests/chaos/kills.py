"""Replicas that are killed, or asked to end, at random moments while people ask one question after another."""

import asyncio
import math
import statistics
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from tests.bench.stage import until
from tests.chaos.findings import Finding, after_all, judged
from tests.chaos.replica import Replica
from tests.chaos.scene import Scene, staged

_AMBUSHES = 0.3
"""The share of the kills that come when a message has arrived, and before the process hears of it."""
_AMBUSH_S = 5.0
_ALONE = 0.2
"""The share of the deaths that do not wait until the successor of the last one works."""
_PATIENCE_S = 90.0
_TAKEN_UP_S = 20.0
_FAREWELL_S = 30.0
_START_S = 120.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything."""

    conversations: int = 200
    questions: int = 5
    """Of each conversation."""
    deaths: int = 100
    replicas: int = 2
    longest_calm_s: float = 4.0
    """Between two deaths."""


@dataclass(frozen=True, slots=True)
class Death:
    """A process that ended, and the conversations in which it had the last word."""

    at: float
    name: str
    orphans: Sequence[int]


@dataclass(frozen=True, slots=True)
class Pause:
    """How long a conversation waited for its next process, and for how much of that there was one at all."""

    whole_s: float
    attended_s: float


def covered_s(spans: Iterable[tuple[float, float]], since: float, until: float) -> float:
    """Return how much of the time between two moments lies in any of the spans."""
    covered, reached = 0.0, since
    for begin, end in sorted(spans):
        covered += max(0.0, min(end, until) - max(begin, reached))
        reached = max(reached, min(end, until))
    return covered


class Killer:
    """Ends replicas one after another while conversations go on, and remembers who was left behind."""

    def __init__(self, scene: Scene, plan: Plan) -> None:
        self.deaths: list[Death] = []
        self.exit_codes: list[int] = []
        self.longest_farewell_s = 0.0
        """How long a process took at most to end when it was asked to."""
        self._scene = scene
        self._plan = plan

    async def kill_all(self) -> None:
        """Kill with SIGKILL, and start the next process at once."""
        async with self._conversations() as step:
            for _ in range(self._plan.deaths):
                victim = await step()
                if self._scene.chance.random() < _AMBUSHES:
                    await self._ambush(victim)
                else:
                    self._kill(victim)
                await victim.ended()
                await victim.start()

    async def stop_all(self) -> None:
        """Ask with SIGTERM, and start the next process when the last one has ended."""
        async with self._conversations() as step:
            for _ in range(self._plan.deaths):
                victim = await step()
                began_at = self._now()
                victim.terminate()
                self.exit_codes.append(await victim.ended())
                self.longest_farewell_s = max(self.longest_farewell_s, self._now() - began_at)
                await victim.start()

    def pauses(self) -> list[Pause]:
        """Return how long each conversation had to wait for a sign of life of another process."""
        died_at = {death.name: death.at for death in self.deaths}
        lives = [(at, died_at.get(name, math.inf)) for name, at in self._scene.telegram.heard_of.items()]
        found = []
        for death in self.deaths:
            for chat_id in death.orphans:
                touches = self._scene.telegram.chats.by_id[chat_id].touches
                later = (one.at for one in touches if one.at > death.at and one.replica != death.name)
                end = min(later, default=math.inf)
                found.append(Pause(end - death.at, covered_s(lives, death.at, end)))
        return found

    @asynccontextmanager
    async def _conversations(self) -> AsyncIterator["_Step"]:
        """Let conversations begin all the time from the first step to the last; wait for their questions."""
        plan, chance = self._plan, self._scene.chance
        due = sorted(chance.uniform(0, plan.deaths) for _ in range(plan.conversations))
        async with asyncio.TaskGroup() as talking:
            step = _Step(self._scene, plan, due, talking)
            yield step
            step.begin_all()

    async def _ambush(self, victim: Replica) -> None:
        """Kill it when its next message has arrived; if it sends none, kill it anyway."""
        ambushes = self._scene.telegram.ambushes
        caught = asyncio.Event()

        def spring() -> None:
            self._kill(victim)
            caught.set()

        ambushes[victim.name] = spring
        try:
            async with asyncio.timeout(_AMBUSH_S):
                await caught.wait()
        except TimeoutError:
            ambushes.pop(victim.name, None)
            self._kill(victim)

    def _kill(self, victim: Replica) -> None:
        crowd, chats = self._scene.crowd, self._scene.telegram.chats.by_id
        orphans = [
            chat_id
            for chat_id in crowd.dialogues
            if (touches := chats[chat_id].touches)
            and touches[-1].replica == victim.name
            and not crowd.is_done(chat_id)
        ]
        victim.kill()
        self.deaths.append(Death(self._now(), victim.name, orphans))

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


class _Step:
    """Waits for the next death; called, it returns whose."""

    def __init__(self, scene: Scene, plan: Plan, due: list[float], talking: asyncio.TaskGroup) -> None:
        self._scene = scene
        self._plan = plan
        self._due = due
        self._talking = talking
        self._begun = self._count = 0

    async def __call__(self) -> Replica:
        while self._begun < len(self._due) and self._due[self._begun] <= self._count:
            self._begin()
        self._count += 1
        is_alone = self._scene.chance.random() < _ALONE
        wanted = 1 if is_alone else len(self._scene.replicas)
        await until(lambda: len(self._alive()) >= wanted, _START_S)
        await asyncio.sleep(self._scene.chance.uniform(0.2, self._plan.longest_calm_s))
        return self._scene.chance.choice(self._alive() or self._scene.replicas)

    def _alive(self) -> list[Replica]:
        return [replica for replica in self._scene.replicas if self._scene.is_up(replica)]

    def begin_all(self) -> None:
        """Let those begin who have not yet."""
        while self._begun < len(self._due):
            self._begin()

    def _begin(self) -> None:
        self._begun += 1
        self._talking.create_task(self._scene.crowd.converse(self._begun, self._plan.questions))


async def killed(seed: int, plan: Plan) -> Sequence[Finding]:
    """Kill at random moments: what was left undone is taken up."""
    name = "SIGKILL"
    async with staged(Random(seed), CONVERSATIONS__WHILE_BUSY="queue") as scene:  # noqa: S311 - no secret
        await scene.start(plan.replicas)
        killer = Killer(scene, plan)
        await killer.kill_all()
        await scene.crowd.answered(_PATIENCE_S)
        pauses, verdict = killer.pauses() or [Pause(0.0, 0.0)], scene.crowd.verdict()
        median_s = statistics.median(pause.whole_s for pause in pauses)
        attended_s = max(pause.attended_s for pause in pauses)
        return (
            *judged(name, verdict, most_doubled=max(1, verdict.asked / 1000)),
            *await after_all(name, scene),
            Finding(name, "processes killed", len(killer.deaths)),
            Finding(name, "  conversations left behind", len(pauses)),
            Finding(name, "  taken up after s, half of them", median_s),
            Finding(name, "  at most", max(pause.whole_s for pause in pauses), _TAKEN_UP_S, is_time=True),
            Finding(name, "  at most, while any process lived", attended_s, _TAKEN_UP_S, is_time=True),
            Finding(name, "conflicts of two pollers", scene.telegram.conflicts, 0),
        )


async def stopped(seed: int, plan: Plan) -> Sequence[Finding]:
    """Ask replicas to end at random moments: nobody notices."""
    name = "SIGTERM"
    async with staged(Random(seed), CONVERSATIONS__WHILE_BUSY="queue") as scene:  # noqa: S311 - no secret
        await scene.start(plan.replicas)
        killer = Killer(scene, plan)
        await killer.stop_all()
        await scene.crowd.answered(_PATIENCE_S)
        return (
            *judged(name, scene.crowd.verdict()),
            *await after_all(name, scene),
            Finding(name, "processes asked to end", len(killer.exit_codes)),
            Finding(name, "  with another exit code than 0", sum(map(bool, killer.exit_codes)), 0),
            Finding(name, "  the longest farewell, s", killer.longest_farewell_s, _FAREWELL_S, is_time=True),
            Finding(name, "conflicts of two pollers", scene.telegram.conflicts, 0),
        )
