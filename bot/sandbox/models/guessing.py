"""How the stand-in tells texts apart: by words that they share with labels and samples, and else by chance.

The same text gets the same verdict; nobody has to be fooled by it.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+")
_STEM_LETTERS = 4
_SHARED_WEIGHT = 4.0
_CHANCE_WEIGHT = 2.0


def confidences(text: str, labels: Sequence[str], samples: Iterable[tuple[str, str]]) -> list[float]:
    """Return how sure one is of each label: numbers that sum to 1, in the order of the labels."""
    known = list(samples)
    scores = [_score(text, label, [sample for sample, its in known if its == label]) for label in labels]
    powers = [math.exp(score - max(scores)) for score in scores]
    return [power / sum(powers) for power in powers]


def _score(text: str, label: str, samples: Sequence[str]) -> float:
    stems = _stems(text)
    shared = len(stems & _stems(label)) + max((len(stems & _stems(sample)) for sample in samples), default=0)
    digest = hashlib.sha256(f"{label}\n{text}".encode(errors="replace")).digest()
    return _SHARED_WEIGHT * shared + _CHANCE_WEIGHT * digest[0] / 255


def _stems(text: str) -> set[str]:
    """Return the beginnings of the words, because Russian words change at their ends."""
    return {word[:_STEM_LETTERS] for word in _WORD.findall(text.lower()) if len(word) >= _STEM_LETTERS}
