"""The one table of the bench: what was measured, beside the ideal and what is promised."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line; zero or an empty text: there is none."""

    what: str
    measured: float
    ideal: float = 0.0
    unit: str = ""
    promise: str = ""

    def __str__(self) -> str:
        ideal = f"{self.ideal:.2f}" if self.ideal else ""
        ratio = f"{self.measured / self.ideal:.2f}x" if self.ideal else ""
        return f"{self.what:58} {self.measured:9.2f} {ideal:>9} {ratio:>8}  {self.unit:7} {self.promise}"


HEAD = f"{'':58} {'measured':>9} {'ideal':>9} {'ratio':>8}  {'unit':7} promised"
