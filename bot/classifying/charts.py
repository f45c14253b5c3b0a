"""Verdicts and progress as people read them in a chat: Markdown, with bars that stand below each other.

A bar and its number are in letters of one width, whatever the phone; the label behind them is not, and may be
as long as it likes.
"""

import re
from collections import Counter

from bot.texts.phrases import ClassifyingWords
from bot.types import Verdict

_CELLS = 10
_MOST_LABELS = 20
"""Of one chart; a tuned classifier may have a hundred labels."""
_LEAST_SHARE = 0.005
"""What is less rounds to nothing, though it is more."""
_SIGN = re.compile(r"([!-'*-/:-@\\^-`{-~])")
"""What Markdown may read as more than a sign; not brackets, which behind a backslash make a formula."""
_LINK, _NO_LINK = "](", "]\N{WORD JOINER}("
_MINUTE_S, _SOON_S = 60, 90
_STEP_S = 5


def chart_of_verdict(title: str, verdict: Verdict, words: ClassifyingWords) -> str:
    """Return the labels with bars and per cent, the best first."""
    lines = [_line(share, label, is_best=not at) for at, (label, share) in enumerate(verdict.ranked)]
    return f"**{escaped(title)}**\n\n{_lines(lines, words)}"


def chart_of_labels(counted: Counter[str], words: ClassifyingWords) -> str:
    """Return how many texts got which label, the commonest first."""
    total = counted.total()
    lines = [_line(count / total, f"{label}: {count}") for label, count in counted.most_common()]
    return _lines(lines, words)


def progress(title: str, done: int, total: int, left_s: float | None, words: ClassifyingWords) -> str:
    """Return what is read while a pile is being classified; None: nobody knows how long it will take."""
    line = words.progress.format(done=done, total=total)
    left = "" if left_s is None else f", {_duration(left_s, words)}"
    return f"**{escaped(title)}**\n`{bar(done / total)}` {line}{left}"


def bar(share: float) -> str:
    """Return a bar for a number from 0 to 1."""
    full = round(share * _CELLS)
    return "█" * full + "░" * (_CELLS - full)


def escaped(text: str) -> str:
    """Return the Markdown that shows this text, on one line; what would be a link is joined invisibly."""
    return _SIGN.sub(r"\\\1", " ".join(text.split())).replace(_LINK, _NO_LINK)


def _line(share: float, label: str, *, is_best: bool = False) -> str:
    shown = f"**{escaped(label)}**" if is_best else escaped(label)
    return f"`{bar(share)} {_per_cent(share)}` {shown}"


def _lines(lines: list[str], words: ClassifyingWords) -> str:
    rest = len(lines) - _MOST_LABELS
    return "\n".join([*lines[:_MOST_LABELS], *([words.more_labels.format(count=rest)] if rest > 0 else [])])


def _per_cent(share: float) -> str:
    """Return a number of one width; blanks that do not break keep it at its place."""
    number = "<1" if 0 < share < _LEAST_SHARE else str(round(100 * share))
    return f"{number} %".rjust(len("100 %")).replace(" ", "\N{NO-BREAK SPACE}")


def _duration(seconds: float, words: ClassifyingWords) -> str:
    if seconds < _SOON_S:
        return words.seconds_left.format(seconds=max(_STEP_S, _STEP_S * round(seconds / _STEP_S)))
    return words.minutes_left.format(minutes=round(seconds / _MINUTE_S))
