"""All scenarios by name, each in full and in little."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Protocol

from tests.chaos import flood, kills, poison, pollers, trouble
from tests.chaos.findings import Finding


class Scenario(Protocol):
    """Plays and returns what was found."""

    def __call__(self, seed: int, *, is_quick: bool) -> Awaitable[Sequence[Finding]]:
        """Play it; quick means less of everything, not less of a law."""
        ...


_FEW = kills.Plan(conversations=16, questions=3, deaths=6)
_LITTLE = trouble.Plan(conversations=9, questions=2, times=3)


async def _sigkill(seed: int, *, is_quick: bool) -> Sequence[Finding]:
    return await kills.killed(seed, _FEW if is_quick else kills.Plan())


async def _sigterm(seed: int, *, is_quick: bool) -> Sequence[Finding]:
    return await kills.stopped(seed, _FEW if is_quick else kills.Plan(deaths=50))


async def _redis(seed: int, *, is_quick: bool) -> Sequence[Finding]:
    return await trouble.without_redis(seed, _LITTLE if is_quick else trouble.Plan())


async def _network(seed: int, *, is_quick: bool) -> Sequence[Finding]:
    return await trouble.in_storms(seed, _LITTLE if is_quick else trouble.Plan())


async def _pollers(seed: int, *, is_quick: bool) -> Sequence[Finding]:
    deaths = 1 if is_quick else 5
    two = await pollers.polled(seed, replicas=2, deaths=deaths)
    return two if is_quick else (*two, *await pollers.polled(seed, replicas=5, deaths=deaths))


async def _flood(seed: int, *, is_quick: bool) -> Sequence[Finding]:
    return await flood.flooded(seed, messages=200 if is_quick else 1000)


async def _poison(seed: int, *, is_quick: bool) -> Sequence[Finding]:
    return await poison.poisoned(seed, people=4 if is_quick else 20, questions=2 if is_quick else 3)


SCENARIOS: Mapping[str, Scenario] = {
    "sigkill": _sigkill,
    "sigterm": _sigterm,
    "redis": _redis,
    "network": _network,
    "pollers": _pollers,
    "flood": _flood,
    "poison": _poison,
}
