"""Figures as a test reads them: a meter that remembers, and Prometheus' own parser."""

from collections import Counter

from prometheus_client.parser import text_string_to_metric_families

from bot.types import Happening


class Clicker:
    """A meter that remembers."""

    def __init__(self) -> None:
        self.counts: Counter[Happening] = Counter()

    def count(self, happening: Happening, times: int = 1) -> None:
        self.counts[happening] += times


def figures(page: str) -> dict[str, float]:
    """Every sample by its name, with its labels in the order of their names: `name{label=value}`."""
    found = {}
    for family in text_string_to_metric_families(page):
        for name, labels, value, *_ in family.samples:
            inside = ",".join(f"{label}={labels[label]}" for label in sorted(labels))
            found[f"{name}{{{inside}}}" if inside else name] = value
    return found
