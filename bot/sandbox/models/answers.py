"""What the stand-in says. It never pretends to be a model: every answer of its own begins by saying so.

It speaks the language of the question, shows what reached it, and can be asked for answers of every kind that a
bot must be able to show, and for every error that the service may give.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.sandbox.models import papers, tale
from bot.sandbox.models.faults import Cut, Fault, Filter, Hang, LateError, Refuse, Truncate
from bot.sandbox.models.phrases import ENGLISH, RUSSIAN, Phrases
from bot.sandbox.models.sight import Seen

_QUOTED_CHARACTERS = 300
_LONG_CHARACTERS = 10_000
_MOST_WORDS = 5_000
_MOST_CHARACTERS = 40_000
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_WISHED_ERROR = re.compile(r"(?:error|ошибк\w*)\s*:\s*[«\"'`]?(\w+)", re.IGNORECASE)
_WISHED_WORDS = re.compile(r"\b(\d{1,4})\s+(?:words?|слов\w*)\b", re.IGNORECASE)
_WISHED_CHARACTERS = re.compile(r"\b(\d{2,6})\s+(?:characters?|chars|знак\w*|символ\w*)\b", re.IGNORECASE)
_GO_ON = re.compile(
    r"(?:[^:\n]{1,64}: )?\W*(?:please |пожалуйста,? )?(?:continue|go on|продолж\w*)\b", re.IGNORECASE
)
"""With the name of who asks in front, as it is in groups."""
_FENCE = re.compile(r"^```\w*$", re.MULTILINE)

_FAULTS: dict[tuple[str, str], Fault] = {
    ("quota", "квот"): Refuse(
        429, "ai.textGenerationCompletionSessionsCount.count gauge quota limit exceed: allowed 10 requests"
    ),
    ("busy", "занят"): Refuse(503, "the service is unavailable"),
    ("key", "ключ"): Refuse(401, "Unknown api key 'AQVN****0000 (CE9D1A49)'"),
    ("access", "доступ"): Refuse(403, "Permission to [resource-manager.folder stand-in-folder] denied"),
    ("model", "модел"): Refuse(400, "invalid model_uri"),
    ("long", "длин"): Refuse(400, "number of input tokens must be no more than 32768, got 56832"),
    ("filter", "фильтр"): Filter(),
    ("truncated", "обрез"): Truncate(after_pieces=40),
    ("cut", "обрыв"): Cut(after_pieces=40),
    ("late", "поздн"): LateError(after_pieces=40),
    ("silence", "тиши"): Hang(after_pieces=40),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What reached the stand-in."""

    question: str
    system: str = ""
    earlier_turns: int = 0
    model: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    turns: tuple[tuple[str, str], ...] = ()
    """The earlier questions with their answers, oldest first."""
    pictures: tuple[Seen, ...] = ()
    """Those that came with the question."""
    earlier_pictures: int = 0


def answer_to(heard: Heard) -> str:
    """Return the whole answer, in Markdown; to `continue`, what the answer before did not come to."""
    if heard.turns and _GO_ON.match(heard.question):
        return _rest(heard)
    phrases = _phrases_for(heard.question)
    if wished := _WISHED_CHARACTERS.search(heard.question):
        return papers.paper(min(int(wished[1]), _MOST_CHARACTERS), phrases.paper)
    if wished := _WISHED_WORDS.search(heard.question):
        return tale.words(min(int(wished[1]), _MOST_WORDS), phrases.tale)
    if _asks(phrases.long, heard) or wished_fault(heard.question):
        return tale.long(_LONG_CHARACTERS, phrases.tale)
    samples = (sample for pattern, sample in phrases.samples if _asks(pattern, heard))
    return _report(heard, phrases) if heard.pictures else next(samples, _report(heard, phrases))


def thought_of(heard: Heard) -> str:
    """Return what is told in a place where models tell what they think."""
    return _phrases_for(heard.question).thought


def wished_fault(question: str) -> Fault | None:
    """Return the error that the question asks to see: `show me an error: quota`."""
    wished = _WISHED_ERROR.search(question)
    if wished is None:
        return None
    word = wished[1].lower()
    return next((fault for stems, fault in _FAULTS.items() if word.startswith(stems)), None)


def _rest(heard: Heard) -> str:
    """Return what is left of the answer that was begun before; it may have gone on several times."""
    asked = [number for number, (question, _) in enumerate(heard.turns) if not _GO_ON.match(question)]
    begun = asked[-1] if asked else 0
    question = heard.turns[begun][0]
    whole = answer_to(replace(heard, question=question, earlier_turns=begun, turns=()))
    told = _joined(answer for _, answer in heard.turns[begun:])
    rest = _behind(whole, "".join(told.split()))
    fence = _open_fence(whole[: len(whole) - len(rest)])
    return (f"{fence}\n{rest}" if fence else rest) if rest else _phrases_for(question).nothing_left


def _joined(answers: Iterable[str]) -> str:
    """Return an answer told in parts, without the fences that were only there to open a block again."""
    told = ""
    for answer in answers:
        told += answer.removeprefix(_open_fence(told))
    return told


def _open_fence(text: str) -> str:
    """Return the fence of the block of code that a text ends in; empty if it ends in none."""
    fences: list[str] = _FENCE.findall(text)
    return fences[-1] if len(fences) % 2 else ""


def _behind(whole: str, told: str) -> str:
    """Return the text behind what was told of it; blanks, which a bot may trim, do not count."""
    left = iter(told)
    for place, character in enumerate(whole):
        if not character.isspace() and character != next(left, None):
            return whole[place:] if next(left, None) is None else ""
    return ""


def _asks(pattern: str, heard: Heard) -> bool:
    return re.search(pattern, heard.question, re.IGNORECASE) is not None


def _phrases_for(question: str) -> Phrases:
    """Return the language with more letters in the question; English if there are none."""
    is_russian = len(_CYRILLIC.findall(question)) > len(_LATIN.findall(question))
    return RUSSIAN if is_russian else ENGLISH


def _report(heard: Heard, phrases: Phrases) -> str:
    """Tell what was asked and what came along with it."""
    return phrases.report.format(
        question=_quoted(heard.question),
        turns=heard.earlier_turns,
        system=_code(heard.system) or phrases.none,
        model=_code(heard.model),
        temperature=phrases.default if heard.temperature is None else f"{heard.temperature:g}",
        max_tokens=phrases.default if heard.max_tokens is None else heard.max_tokens,
        pictures=_pictures(heard, phrases),
    )


def _pictures(heard: Heard, phrases: Phrases) -> str:
    """Tell of every picture how large it is and in which form it came; empty if there is none."""
    told = [
        (phrases.picture if seen.format else phrases.link).format(number=number, seen=seen)
        for number, seen in enumerate(heard.pictures, start=1)
    ]
    if told:
        told[:0] = [phrases.pictures.format(number=len(heard.pictures)), ""]
    if heard.earlier_pictures:
        told += ["", phrases.earlier_pictures.format(number=heard.earlier_pictures)]
    return "\n".join([*told, "", ""]).lstrip() if told else ""


def _quoted(text: str) -> str:
    short = text if len(text) <= _QUOTED_CHARACTERS else f"{text[:_QUOTED_CHARACTERS]}…"
    return "\n".join(f"> {line}" for line in short.splitlines())


def _code(text: str) -> str:
    """Return the first line as inline code, which shows it literally."""
    line = text.strip().partition("\n")[0].replace("`", "'")
    short = line if len(line) <= _QUOTED_CHARACTERS else f"{line[:_QUOTED_CHARACTERS]}…"
    return f"`{short}`" if short else ""
