"""Time that passes when a test says so."""

import asyncio


class FakeClock:
    """A clock to call and a sleep to await; sleeping moves the clock instead of waiting.

    Hand it over as `clock=clock, sleep=clock.sleep`. With several sleepers at once each moves the clock by its
    own time, one after another.
    """

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []
        """Seconds of each sleep, in order."""

    def __call__(self) -> float:
        """Seconds, from whatever beginning the test chose."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    async def sleep(self, seconds: float) -> None:
        """Let time pass, and others run."""
        self.slept.append(seconds)
        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)
