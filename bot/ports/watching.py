"""Sockets for whoever watches and counts."""

from typing import Protocol

from bot.types import Happening, TurnTrace


class Witness(Protocol):
    """Whoever wants to know how turns went."""

    def turn_ended(self, trace: TurnTrace) -> None:
        """Take note; must neither wait nor raise."""
        ...


class Meter(Protocol):
    """Whoever counts what happens on the way of updates and frames."""

    def count(self, happening: Happening, times: int = 1) -> None:
        """Count; must neither wait nor raise."""
        ...


class Uncounted:
    """The meter of whoever is not asked for figures."""

    def count(self, happening: Happening, times: int = 1) -> None:
        """Count nothing."""
