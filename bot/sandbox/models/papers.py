"""Long documents of everything that Markdown has: for answers of an exact length that are hard to show.

Every block bears a number, so that one that is lost, doubled or out of order is seen at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from bot.sandbox.models import tale
from bot.sandbox.models.tale import Tale

_GAP = "\n\n"
_LEAST_FILLING = 2


@dataclass(frozen=True, slots=True)
class Paper:
    """The words of such a document, in one language."""

    title: str
    section: str
    columns: tuple[str, str, str]
    said: str
    """What the quotes begin with."""
    proof: str
    """What stands before a formula."""
    todo: tuple[str, str]
    """What is done, and what is not."""
    tale: Tale


def paper(characters: int, words: Paper) -> str:
    """Return a document of exactly so many characters."""
    parts = [words.title] if characters > len(words.title) + len(_GAP) + _LEAST_FILLING else []
    left = characters - sum(map(len, parts)) - len(_GAP) * len(parts)
    for block in _blocks(words):
        if len(block) + len(_GAP) + _LEAST_FILLING > left:
            break
        parts.append(block)
        left -= len(block) + len(_GAP)
    return _GAP.join([*parts, _filling(left, words.tale)])


def _blocks(words: Paper) -> Iterator[str]:
    """Yield numbered blocks without end, every kind in its turn."""
    kinds = (_heading, _text, _table, _text, _code, _formula, _list, _text, _quote, _tasks, _link)
    for number in count(1):
        yield kinds[(number - 1) % len(kinds)](number, words)


def _heading(number: int, words: Paper) -> str:
    return f"{'#' * (2 + number // 11 % 2)} {words.section} ({number})"


def _text(number: int, words: Paper) -> str:
    start, middle, end = tale.sentences(number, words.tale)
    return f"**{number}.** {start} *{middle[:-1]}*. {end}"


def _table(number: int, words: Paper) -> str:
    head = f"| {' | '.join(words.columns)} |\n|:--|:-:|--:|\n"
    deeds = words.tale.deeds
    rows = ((row, deeds[(number + row) % len(deeds)]) for row in range(1, 5))
    return head + "\n".join(f"| {number}.{row} | `{deed}` | {number * row} |" for row, deed in rows)


def _code(number: int, _: Paper) -> str:
    return (
        f"```python\ndef word_{number}(text: str) -> str:\n"
        f'    """Return the word number {number}, or nothing."""\n\n'
        f"    words = text.split()\n    if len(words) < {number}:\n"
        f'        return ""  # <nothing> & *nothing*\n    return words[{number - 1}]\n```'
    )


def _formula(number: int, words: Paper) -> str:
    return (
        f"{words.proof} $x_{{{number}}}^2 \\leq \\frac{{{number}}}{{2}}$:\n\n"
        f"$$\n\\sum_{{k=1}}^{{{number}}} k = \\frac{{{number} \\cdot {number + 1}}}{{2}}\n$$"
    )


def _list(number: int, words: Paper) -> str:
    one, two, three = tale.sentences(number, words.tale)
    return f"1. {number}: {one}\n   - {two}\n     - {three}\n   - `{number}.2`\n2. **{number}** _3_ ~~4~~"


def _quote(number: int, words: Paper) -> str:
    one, two, _ = tale.sentences(number, words.tale)
    return f"> {words.said} {number}: {one}\n>\n> {two}"


def _tasks(number: int, words: Paper) -> str:
    done, undone = words.todo
    return f"- [x] {number}: {done}\n- [ ] {number}: {undone}"


def _link(number: int, words: Paper) -> str:
    return (
        f"{number}: [{words.section}](https://example.org/a_(b)?n={number}), 2*3*4, __init__, a < b && c > d 🐦"
    )


def _filling(characters: int, words: Tale) -> str:
    """Return plain words of exactly this length; the last one may be cut."""
    text = tale.words(characters, words)[: max(characters - 1, 0)]
    return f"{text[:-1]}…." if text.endswith(" ") else f"{text}."


ENGLISH_PAPER = Paper(
    title="# What a talking bird knows\n\n**A stand-in wrote this, not a model:** every block bears a number.",
    section="Observation",
    columns=("Number", "What the bird did", "Sum"),
    said="The bird said",
    proof="It is easy to see that",
    todo=("learn the word", "say it aloud"),
    tale=tale.ENGLISH_TALE,
)
RUSSIAN_PAPER = Paper(
    title="# Что знает говорящая птица\n\n**Это написал дублёр, а не модель:** у каждого блока есть номер.",
    section="Наблюдение",
    columns=("Номер", "Что сделала птица", "Сумма"),
    said="Птица сказала",
    proof="Легко видеть, что",
    todo=("выучить слово", "сказать его вслух"),
    tale=tale.RUSSIAN_TALE,
)
