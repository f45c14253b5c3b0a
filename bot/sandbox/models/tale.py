"""Text without end about a talking bird: for answers of any length whose every paragraph can be told apart."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

_SENTENCES_IN_PARAGRAPH = 3
_PARAGRAPHS_IN_CHAPTER = 5


@dataclass(frozen=True, slots=True)
class Tale:
    """The stuff that paragraphs are made of, in one language."""

    opening: str
    chapter: str
    closing: str
    starts: tuple[str, ...]
    """Where and when."""
    deeds: tuple[str, ...]
    """What the bird does."""
    ends: tuple[str, ...]
    """What comes of it."""


def long(characters: int, tale: Tale) -> str:
    """Return at least so many characters in numbered paragraphs, with a heading for every few of them."""
    parts, written, number = [tale.opening], 0, 0
    while written < characters:
        number += 1
        if number % _PARAGRAPHS_IN_CHAPTER == 1:
            parts.append(f"## {tale.chapter} {number // _PARAGRAPHS_IN_CHAPTER + 1}")
        parts.append(_paragraph(number, tale))
        written += len(parts[-1])
    return "\n\n".join([*parts, tale.closing.format(number=number)])


def words(number: int, tale: Tale) -> str:
    """Return exactly so many words."""
    told = (
        word for paragraph in count(1) for sentence in sentences(paragraph, tale) for word in sentence.split()
    )
    return f"{' '.join(islice(told, number)).rstrip('.,:;')}." if number else ""


def _paragraph(number: int, tale: Tale) -> str:
    return f"**{number}.** {' '.join(sentences(number, tale))}"


def sentences(paragraph: int, tale: Tale) -> Iterator[str]:
    """Yield the sentences of a paragraph, the same whenever it is told."""
    dice = random.Random(paragraph)  # noqa: S311 - a story, not a secret
    for _ in range(_SENTENCES_IN_PARAGRAPH):
        yield f"{dice.choice(tale.starts)} {dice.choice(tale.deeds)}, {dice.choice(tale.ends)}."


ENGLISH_TALE = Tale(
    opening=(
        "**I am a stand-in, not a model,** and I cannot tell stories; but I can put one together from pieces. "
        "Paragraphs are numbered, so that you can see that none is lost."
    ),
    chapter="Chapter",
    closing="*The end: {number} paragraphs, one after another.*",
    starts=(
        "In the morning the talking bird",
        "Over the roofs of the old port the bird",
        "While the kettle was singing, the bird",
        "At the third bend of the river the bird",
        "On a branch of the tallest pine the bird",
        "Late at night, when the lamps were low, the bird",
        "Between two showers the bird",
        "At the market, among apples and lanterns, the bird",
        "On the deck of a slow ferry the bird",
        "As soon as the snow began to fall, the bird",
    ),
    deeds=(
        "learned a new word by heart",
        "answered three questions at once",
        "repeated a riddle that nobody had asked",
        "counted the windows with a light in them",
        "quarrelled with its own echo",
        "read a letter aloud to a sleepy cat",
        "explained to the gulls what a full stop is for",
        "taught the wind to speak in whole sentences",
        "put the names of the stars in order",
        "forgot the beginning of its speech and began at the end",
    ),
    ends=(
        "and the whole street stopped to listen",
        "but kept the best line for the evening",
        "because silence suits a clever bird ill",
        "and nobody could say which of them was right",
        "so that even the clock on the tower was late",
        "and a small boy wrote all of it down",
        "although there was no one to hear it",
        "and the echo asked politely to say it again",
        "until the rain put a dot at the end",
        "and every word found its place",
    ),
)
RUSSIAN_TALE = Tale(
    opening=(
        "**Я дублёр, а не модель,** и сочинять не умею, зато могу собрать рассказ из кусочков. "
        "Абзацы пронумерованы: видно, что ни один не потерян."
    ),
    chapter="Глава",
    closing="*Конец. Абзацев: {number}, один за другим.*",
    starts=(
        "Утром говорящая птица",
        "Над крышами старого порта птица",
        "Пока пел чайник, птица",
        "У третьей излучины реки птица",
        "На ветке самой высокой сосны птица",
        "Поздно вечером, когда убавили свет, птица",
        "Между двумя ливнями птица",
        "На рынке, среди яблок и фонарей, птица",
        "На палубе неторопливого парома птица",
        "Едва пошёл первый снег, птица",
    ),
    deeds=(
        "выучила наизусть новое слово",
        "ответила сразу на три вопроса",
        "повторила загадку, которой никто не загадывал",
        "сосчитала окна, где ещё горел свет",
        "поспорила с собственным эхом",
        "прочла вслух письмо сонному коту",
        "объяснила чайкам, зачем нужна точка",
        "научила ветер говорить целыми фразами",
        "расставила по порядку имена звёзд",
        "забыла начало речи и начала с конца",
    ),
    ends=(
        "и вся улица остановилась послушать",
        "но лучшую строку приберегла на вечер",
        "потому что умной птице молчать не к лицу",
        "и никто не решился сказать, кто из них прав",
        "так что даже часы на башне опоздали",
        "и маленький мальчик всё это записал",
        "хотя слушать было некому",
        "и эхо вежливо попросило повторить",
        "пока дождь не поставил точку",
        "и каждое слово нашло своё место",
    ),
)
