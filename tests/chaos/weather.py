"""How the way to Telegram is: every call gets through, or some fail, in one of the ways in which calls fail."""

import random
from collections.abc import Sequence
from enum import Enum, auto


class Fault(Enum):
    """What becomes of a call."""

    CUT = auto()
    """The connection ends before the call has arrived."""
    CUT_DONE = auto()
    """It was done, but the answer does not come."""
    BAD_GATEWAY = auto()
    HANGING = auto()
    """Nothing comes for 30 s, and then the connection ends."""
    HANGING_DONE = auto()

    @property
    def is_done(self) -> bool:
        """Whether Telegram has done what the call said."""
        return self in {Fault.CUT_DONE, Fault.HANGING_DONE}


class Weather:
    """Lets a share of the calls fail; `faults` are all alike probable."""

    def __init__(self, chance: random.Random, share: float, faults: Sequence[Fault]) -> None:
        self._chance = chance
        self._share = share
        self._faults = faults

    def fault(self) -> Fault | None:
        """Return what becomes of the next call; None: all is well."""
        return self._chance.choice(self._faults) if self._chance.random() < self._share else None


FAIR = Weather(random.Random(0), 0.0, ())  # noqa: S311 - nobody has to guess it
