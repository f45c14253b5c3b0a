"""The laws of the line, whatever happens in whatever order: chance plays, with seeds, on a real Redis."""

import random
from collections import Counter, defaultdict

import pytest
from redis.asyncio import Redis

from bot.backends.seats import Seats

SIZE, STEPS, PEOPLE = 3, 300, 5
MOST_BETWEEN = 2
"""How often others may be seated, each, while somebody's next question waits."""


class Play:
    """Two processes whose people come and go by chance."""

    def __init__(self, redis: Redis, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - no secret
        self.processes = [Seats(redis, 42, SIZE) for _ in range(2)]
        self.held: dict[str, Seats] = {}
        self.waiting: dict[str, Seats] = {}
        self.order: list[str] = []
        """Who was seated."""
        self.passed: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """For each question that is its person's next, how often others were seated meanwhile."""
        self.most_passed = 0

    async def step(self) -> None:
        """Let somebody come, leave the line, or be done."""
        kind = self.chance.choice(["come", "come", "come", "done", "done", "leave"])
        pool = self.held if kind == "done" else self.waiting
        if kind == "come":
            seats = self.chance.choice(self.processes)
            name = seats.ask(self.chance.randint(1, PEOPLE)).name
            self.waiting[name] = seats
            await self.tell(seats)
        elif pool and (kind == "done" or self.chance.random() < 0.3):
            name = self.chance.choice(list(pool))
            await self.tell(pool.pop(name), left=name)

    async def tell(self, seats: Seats, left: str = "") -> None:
        """Let a process tell its news, and then the other one, so that everybody knows who is seated."""
        for one in (seats, *(other for other in self.processes if other is not seats)):
            mine = [[name for name, its in pool.items() if its is one] for pool in (self.held, self.waiting)]
            seated, _ = await one._told([left] if left and one is seats else [], *mine)
            self.seat([name for name in seated if name in self.waiting])

    def seat(self, names: list[str]) -> None:
        for name in names:
            self.held[name] = self.waiting.pop(name)
            self.order.append(name)
            self.passed.pop(name, None)
            for next_one in self.next_ones():
                self.passed[next_one][person_of(name)] += 1
                self.most_passed = max(self.most_passed, *self.passed[next_one].values())

    def next_ones(self) -> list[str]:
        """The oldest waiting question of each person."""
        oldest: dict[str, str] = {}
        for name in self.waiting:
            oldest.setdefault(person_of(name), name)
        return list(oldest.values())


def person_of(name: str) -> str:
    return name.rpartition(":")[2]


@pytest.mark.parametrize("seed", range(10))
async def test_seats_are_never_too_many_and_always_given_away_and_nobody_is_passed_often(
    redis: Redis, seed: int
) -> None:
    play = Play(redis, seed)

    for _ in range(STEPS):
        await play.step()
        assert len(play.held) <= SIZE
        assert not play.waiting or len(play.held) == SIZE

    assert len(play.order) > STEPS / 6
    assert play.most_passed <= MOST_BETWEEN
