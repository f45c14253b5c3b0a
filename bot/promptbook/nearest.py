"""The name that was probably meant: half of all mistakes are slips of the finger."""

from collections.abc import Iterable
from difflib import get_close_matches


def advice(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown word: the nearest known one, or all there are."""
    names = sorted(known)
    nearest = get_close_matches(word.lower(), names, n=1)
    if nearest:
        return f"did you mean {nearest[0]!r}?"
    return f"known: {', '.join(names)}" if names else "there is none"
