"""The name that was probably meant: half of all mistakes are slips of the finger."""

from collections.abc import Iterable
from difflib import get_close_matches


def advice(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown word: the nearest known one, or all there are."""
    names = sorted(known)
    if meant := nearest(word, names):
        return f"did you mean {meant!r}?"
    return f"known: {', '.join(names)}" if names else "there is none"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that looks most like this one; empty if none does."""
    return next(iter(get_close_matches(word.lower(), sorted(known), n=1)), "")
