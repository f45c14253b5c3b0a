import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest
from redis.asyncio import Redis

from bot.errors import StoreError
from bot.tasks import put_down
from bot.updates.lease import Duty, Lease
from tests.tools.redis_server import RedisProcess
from tests.tools.virtual_time import VirtualTime

LENGTH_S = 6.0


@dataclass
class Register:
    """Whose the lease is, as Redis would know it; Redis may be away, or hang."""

    time: VirtualTime
    holder: str = ""
    until: float = 0.0
    is_away: bool = False
    is_hanging: bool = False

    async def answers(self) -> None:
        while self.is_hanging:
            await self.time.sleep(0.05)
        if self.is_away:
            raise StoreError("away")


@dataclass
class Share:
    """One replica's lease in the register."""

    register: Register
    name: str
    length_s: float = LENGTH_S

    async def hold(self) -> bool:
        await self.register.answers()
        now = self.register.time.now
        if self.register.holder not in {"", self.name} and self.register.until > now:
            return False
        self.register.holder, self.register.until = self.name, now + self.length_s
        return True

    async def release(self) -> None:
        await self.register.answers()
        if self.register.holder == self.name:
            self.register.holder = ""


@dataclass
class Crew:
    """Replicas that share one duty, and who did it when."""

    time: VirtualTime = field(default_factory=VirtualTime)
    log: list[tuple[float, str]] = field(default_factory=list)
    working: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.register = Register(self.time)

    def duty(self, name: str) -> Duty:
        return Duty(Share(self.register, name), name="test", clock=self.time.clock, sleep=self.time.sleep)

    @asynccontextmanager
    async def on(self, *names: str) -> AsyncIterator[list[asyncio.Task[None]]]:
        """Let replicas share it while the context is open."""
        tasks = []
        for name in names:
            tasks.append(asyncio.create_task(self.duty(name).run(partial(self.work, name))))
            await asyncio.sleep(0.0)
        try:
            yield tasks
        finally:
            await put_down(*tasks)

    async def work(self, name: str) -> None:
        assert not self.working, "two at once"
        self.log.append((self.time.now, name))
        self.working.add(name)
        try:
            await asyncio.Event().wait()
        finally:
            self.working.discard(name)


@pytest.fixture
def crew() -> Crew:
    return Crew()


async def test_one_works_and_the_others_stand_by(crew: Crew) -> None:
    async def story() -> None:
        async with crew.on("a", "b", "c"):
            await crew.time.sleep(10 * LENGTH_S)

    await crew.time.run(story())

    assert crew.log == [(0.0, "a")]


async def test_another_takes_over_from_one_that_was_killed(crew: Crew) -> None:
    crew.register.holder, crew.register.until = "killed", LENGTH_S

    async def story() -> None:
        async with crew.on("b", "c"):
            await crew.time.sleep(10)

    await crew.time.run(story())

    assert crew.log == [(LENGTH_S, "b")]


async def test_another_takes_over_at_once_from_one_that_stops(crew: Crew) -> None:
    async def story() -> None:
        async with crew.on("a", "b") as (first, _):
            await crew.time.sleep(1.5)
            await put_down(first)
            await crew.time.sleep(1)

    await crew.time.run(story())

    assert crew.log == [(0.0, "a"), (2.0, "b")]


@pytest.mark.parametrize("trouble", ["is_away", "is_hanging"])
async def test_the_work_is_put_down_before_a_lease_that_cannot_be_renewed_is_over(
    crew: Crew, trouble: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story() -> None:
        async with crew.on("a"):
            await crew.time.sleep(2.1)  # renewed once, at 2
            setattr(crew.register, trouble, True)
            await crew.time.sleep(4.8)
            assert crew.working == {"a"}
            await crew.time.sleep(0.5)
            assert crew.working == set()
            await crew.time.sleep(20)
            setattr(crew.register, trouble, False)
            await crew.time.sleep(2)
            assert crew.working == {"a"}

    await crew.time.run(story())

    told = capsys.readouterr().out
    assert told.count("the lease was lost") == 1
    assert told.count("nobody can tell") == 1


async def test_a_blink_of_redis_interrupts_nothing(crew: Crew) -> None:
    async def story() -> None:
        async with crew.on("a", "b"):
            await crew.time.sleep(2.1)
            crew.register.is_away = True
            await crew.time.sleep(3)
            crew.register.is_away = False
            await crew.time.sleep(20)

    await crew.time.run(story())

    assert crew.log == [(0.0, "a")]


async def test_whoever_finds_the_lease_taken_puts_the_work_down(crew: Crew) -> None:
    async def story() -> None:
        async with crew.on("a"):
            await crew.time.sleep(1)
            crew.register.holder, crew.register.until = "b", 100.0
            await crew.time.sleep(1.1)
            assert crew.working == set()

    await crew.time.run(story())


async def test_what_is_wrong_can_be_asked(crew: Crew) -> None:
    duty = crew.duty("a")
    crew.register.is_away = True

    async def story() -> None:
        before = duty.trouble
        running = asyncio.create_task(duty.run(lambda: crew.work("a")))
        await crew.time.sleep(1.5)
        assert (before, duty.trouble, duty.is_ours) == ("the lease was not asked for yet", "away", False)
        crew.register.is_away = False
        await crew.time.sleep(1)
        assert (duty.trouble, duty.is_ours) == ("", True)
        await put_down(running)
        assert not duty.is_ours

    await crew.time.run(story())


async def test_an_error_of_the_work_is_passed_on_and_the_lease_let_go(crew: Crew) -> None:
    async def broken() -> None:
        raise LookupError("broken")

    with pytest.raises(LookupError):
        await crew.time.run(crew.duty("a").run(broken))

    assert crew.register.holder == ""


async def test_work_that_ends_ends_the_duty(crew: Crew) -> None:
    async def short() -> None:
        await crew.time.sleep(100)

    await crew.time.run(crew.duty("a").run(short))

    assert crew.time.now == 100


async def test_a_mistake_of_ours_is_not_hidden(crew: Crew) -> None:
    class Mistaken(Share):
        async def hold(self) -> bool:
            if self.register.time.now > 0:
                raise LookupError("WRONGTYPE")
            return await super().hold()

    duty = Duty(Mistaken(crew.register, "a"), name="test", clock=crew.time.clock, sleep=crew.time.sleep)

    with pytest.raises(LookupError):
        await crew.time.run(duty.run(lambda: crew.work("a")))

    assert not crew.working


def lease(redis: Redis, holder: str, length_s: float = 60) -> Lease:
    return Lease(redis, 42, "ingress", holder=holder, length_s=length_s)


async def test_a_lease_is_one_replicas_until_it_is_released(redis: Redis) -> None:
    ours, theirs = lease(redis, "a"), lease(redis, "b")

    held = [await ours.hold(), await theirs.hold(), await ours.hold()]
    await theirs.release()
    still = await theirs.hold()
    await ours.release()

    assert held == [True, False, True]
    assert not still
    assert await theirs.hold()


async def test_a_lease_runs_out_unless_it_is_renewed(redis: Redis) -> None:
    ours = lease(redis, "a")
    await ours.hold()
    key = "{govorun:42}:lease:ingress"
    await redis.pexpire(key, 5_000)

    await ours.hold()

    assert 5_000 < await redis.pttl(key) <= 60_000


async def test_a_lease_that_redis_lost_is_taken_anew(redis: Redis) -> None:
    ours = lease(redis, "a")
    await ours.hold()
    await redis.flushall()

    assert await ours.hold()


async def test_redis_that_is_away_is_told(mortal_redis: RedisProcess) -> None:
    async with Redis.from_url(mortal_redis.url) as redis:
        mortal_redis.kill()
        for step in (lease(redis, "a").hold, lease(redis, "a").release):
            with pytest.raises(StoreError):
                await step()
