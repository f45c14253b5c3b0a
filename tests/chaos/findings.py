"""What a run has shown, and whether it is within the law: a finding that exceeds its limit breaks it.

A time that exceeds its promise is marked and breaks nothing: a machine may be busy with other things.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.chaos.crowd import Verdict
from tests.chaos.scene import Scene

HEAD = f"{'':12} {'':44} {'measured':>9} {'at most':>9}"
_LONGEST_SEARCH_S = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table; without a limit it is told and not judged."""

    scenario: str
    what: str
    measured: float
    limit: float | None = None
    is_time: bool = False
    """In seconds."""

    @property
    def is_beyond(self) -> bool:
        """Whether the limit is exceeded."""
        return self.limit is not None and self.measured > self.limit

    @property
    def is_breach(self) -> bool:
        """Whether a law is broken."""
        return self.is_beyond and not self.is_time

    def __str__(self) -> str:
        limit = "" if self.limit is None else f"{self.limit:9.2f}"
        mark = ("  LATE" if self.is_time else "  BROKEN") if self.is_beyond else ""
        return f"{self.scenario:12} {self.what:44} {self.measured:9.2f} {limit:>9}{mark}"


def breaches(findings: Iterable[Finding]) -> list[str]:
    """Return the broken laws."""
    return [str(finding) for finding in findings if finding.is_breach]


def judged(
    scenario: str, verdict: Verdict, *, most_doubled: float | None = 0, is_told: bool = False
) -> Sequence[Finding]:
    """Return what the chats show; `most_doubled` of the questions may be answered twice in part.

    People may be told of a trouble, and then chats show more than answers.
    """
    return (
        Finding(scenario, "questions", verdict.asked),
        Finding(scenario, "  lost", verdict.lost, 0),
        Finding(scenario, "  unfinished", verdict.unfinished, 0),
        Finding(scenario, "  shown twice, in part or whole", verdict.doubled, most_doubled),
        Finding(scenario, "  conversations out of order", verdict.disordered, 0),
        Finding(scenario, "  conversations with other words", verdict.foreign, None if is_told else 0),
        Finding(scenario, "  with a dialogue that was not so", verdict.misremembered, 0),
        Finding(scenario, "  paid for more than once", verdict.asked_again),
    )


async def after_all(scenario: str, scene: Scene) -> Sequence[Finding]:
    """Return what the inbox holds, in which nothing should be left, and whether the bot stayed.

    An answer that is shown whole may still be in it, as long as the bot looks for what was lost on the way.
    """
    for _ in range(_LONGEST_SEARCH_S):
        if not (await scene.backlog()).updates:
            break
        await asyncio.sleep(1)
    backlog = await scene.backlog()
    return (
        Finding(scenario, "  left in the inbox", backlog.updates, 0),
        Finding(scenario, "  dead letters", backlog.dead_letters, 0),
        Finding(scenario, "processes that quit by themselves", scene.exits, 0),
    )
