"""What a template may know about the moment: these fields are the variables of `system`, and the only ones.

Names come from Telegram, where anybody may call themselves anything: they are put on one line, so that a name
cannot pose as a new paragraph of the prompt.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any

from bot.promptbook.localized import LANGUAGES
from bot.types import Person

_MONTHS = {
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "en": "January February March April May June July August September October November December",
}
_WEEKDAYS = {
    "ru": "понедельник вторник среда четверг пятница суббота воскресенье",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """The variables of a template."""

    person_name: str
    language: str
    """`ru` or `en`."""
    chat_title: str
    """Empty in a private chat."""
    is_group: bool
    bot_name: str
    date: str
    """`23 ноября 2026` or `23 November 2026`."""
    time: str
    """`15:07`."""
    weekday: str
    """`понедельник` or `Monday`."""
    now: datetime
    """The same moment for templates that calculate, in the operator's time zone."""

    @classmethod
    def at(
        cls, now: datetime, person: Person, *, bot_name: str, chat_title: str = "", is_group: bool = False
    ) -> "Facts":
        """Return the facts of this moment; `now` is in the time zone that the person should read."""
        return cls(
            person_name=_on_one_line(person.name),
            language=person.language,
            chat_title=_on_one_line(chat_title),
            is_group=is_group,
            bot_name=_on_one_line(bot_name),
            date=f"{now.day} {_word(_MONTHS, person.language, now.month - 1)} {now.year}",
            time=f"{now:%H:%M}",
            weekday=_word(_WEEKDAYS, person.language, now.weekday()),
            now=now,
        )

    def variables(self) -> dict[str, Any]:
        """The facts by the names that templates use."""
        return asdict(self)


def samples() -> Iterator[Facts]:
    """Yield facts of every kind, to try a template before anybody asks."""
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    for language, chat_title in product(LANGUAGES, ("", "Govorun")):
        person = Person(1, "Anna", language)
        yield Facts.at(noon, person, bot_name="Govorun", chat_title=chat_title, is_group=bool(chat_title))


def _on_one_line(name: str) -> str:
    return " ".join(name.split())


def _word(words: dict[str, str], language: str, index: int) -> str:
    return words.get(language, words["en"]).split()[index]
