"""Files as people keep their texts in them: a text a line, or a table; and the table that they get back.

Nobody says in which encoding a file is, what parts its columns or which of these are texts, so all of it is
guessed, and where a guess would be a gamble, the person is asked instead.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

_BOM = "\ufeff"
_DELIMITERS = ",;\t|"
_NO_DELIMITER = "\x1f"
"""Parts nothing, so that a line is a text, but quotes are those of a table."""
_TITLES = frozenset({"text", "texts", "текст", "тексты"})
"""Of the column with the texts."""
_LOOKED_AT = 20
"""Rows that tell how a table is parted."""

_BREAK = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_NOTHING = frozenset({"Cn", "Co", "Cs"})
"""Categories of characters that no text has."""
_RUSSIAN = re.compile(r"[А-яЁёІіЇїЄєҐґЎў]")
_SIGNS = frozenset("«»„“”‘’—–…№•·°§±€\u00a0")
"""Beyond ASCII; others are as seldom."""
_VOWEL = re.compile(r"[аеёиоуыэюяіїє]", re.IGNORECASE)
_TORN_WORD = re.compile(r"[a-zA-Z][А-яЁё]|[А-яЁё][a-zA-Z]|[а-яё][А-ЯЁ]")
"""Seldom in Russian, but everywhere in what is another encoding, or another language, taken for it."""
_MOST_ODD = 0.1
_LEAST_VOWELS = 0.3
"""Of many letters; texts in Russian have four in ten, in KOI8-R taken for cp1251 two."""
_MANY = 20
_LEAST_ZEROS = 0.02
"""Of the bytes of UTF-16: every blank has one."""


class Unreadable(Enum):
    """Why a file has no texts for us."""

    NOT_TEXT = auto()
    ODD_ENCODING = auto()
    """It may be text, but nobody can tell in which encoding."""
    EMPTY = auto()


@dataclass(frozen=True, slots=True)
class Listing:
    """The texts of a file, in order, without those that are blank."""

    texts: tuple[str, ...]
    delimiter: str = ""
    """What parts the columns; empty: there is one column."""


def texts_in(data: bytes, *, is_table: bool) -> Listing | Unreadable:
    """Return the texts of a file: its lines, or of a table its column `text`, or the first one."""
    content = _decoded(data)
    if isinstance(content, Unreadable):
        return content
    listing = _column(content) if is_table else Listing(lines_of(content))
    return listing if listing.texts else Unreadable.EMPTY


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of a text that are not blank, without the blanks around them."""
    return tuple(line for part in _BREAK.split(text) if (line := part.strip()))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str) -> str:
    """Return a table whose encoding Excel recognises: as UTF-8 it begins with a byte order mark."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows(rows)
    return _BOM + sheet.getvalue()


def _decoded(data: bytes) -> str | Unreadable:
    """Return the text: by its byte order mark, or in the first encoding in which it makes sense."""
    encoding = _marked(data) or _wide(data)
    for guess in (encoding,) if encoding else ("utf-8", "cp1251"):
        try:
            text = data.decode(guess).removeprefix(_BOM)
        except UnicodeDecodeError:
            continue
        if _is_binary(text):
            return Unreadable.NOT_TEXT
        return text if guess != "cp1251" or _is_russian(text) else Unreadable.ODD_ENCODING
    return Unreadable.NOT_TEXT if _is_binary(data.decode("latin-1")) else Unreadable.ODD_ENCODING


def _marked(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return "utf-8" if data.startswith(b"\xef\xbb\xbf") else ""


def _wide(data: bytes) -> str:
    """Return UTF-16 without a mark, told by the zeros of its blanks and line breaks; empty: it is not that."""
    little, big = data[1::2].count(0), data[::2].count(0)
    if max(little, big) <= _LEAST_ZEROS * len(data) or len(data) % 2:
        return ""
    return "utf-16-le" if little > big else "utf-16-be"


def _is_binary(text: str) -> bool:
    return bool(_CONTROL.search(text)) or any(unicodedata.category(one) in _NOTHING for one in set(text))


def _is_russian(text: str) -> bool:
    beyond = [character for character in text if not character.isascii()]
    letters = [character for character in beyond if character.isalpha()]
    odd = sum(1 for character in beyond if not character.isalpha() and character not in _SIGNS)
    russian = sum(1 for letter in letters if _RUSSIAN.match(letter))
    most = _MOST_ODD * len(letters)
    if len(letters) - russian > most or odd > most + 1 or len(_TORN_WORD.findall(text)) > most / 2:
        return False
    return russian < _MANY or len(_VOWEL.findall(text)) >= _LEAST_VOWELS * russian


def _column(content: str) -> Listing:
    try:
        delimiter = _delimiter(content)
        rows = [row for row in _rows(content, delimiter or _NO_DELIMITER) if row]
    except csv.Error:  # a quote that nobody closes makes one field of all that follows, or a line is endless
        return Listing(lines_of(content))
    titles = [cell.strip().lower() for cell in rows[0]] if rows else []
    at = next((number for number, title in enumerate(titles) if title in _TITLES), None)
    chosen = rows if at is None else rows[1:]
    texts = (row[at or 0].strip() for row in chosen if len(row) > (at or 0))
    return Listing(tuple(filter(None, texts)), delimiter)


def _delimiter(content: str) -> str:
    """Return what parts the columns: by the title of the texts, or else what parts all rows alike."""
    lines = lines_of(content)
    for one in _DELIMITERS:
        if len(cells := _cells(lines[:1], one)) > 1 and _TITLES & {cell.strip().lower() for cell in cells}:
            return one
    return next((one for one in _DELIMITERS if _is_grid(content, lines, one)), "")


def _cells(lines: Sequence[str], delimiter: str) -> list[str]:
    return next(csv.reader(lines, delimiter=delimiter), [])


def _is_grid(content: str, lines: Sequence[str], delimiter: str) -> bool:
    """Whether all rows have as many columns, more than one; signs with a blank behind them part sentences."""
    seen = "\n".join(lines[:_LOOKED_AT])
    if delimiter != "\t" and seen.count(f"{delimiter} ") > seen.count(delimiter) / 2:
        return False
    try:
        sizes = {len(row) for row, _ in zip(_rows(content, delimiter), range(_LOOKED_AT), strict=False) if row}
    except csv.Error:
        return False
    return len(sizes) == 1 and min(sizes) > 1


def _rows(content: str, delimiter: str) -> Iterable[list[str]]:
    return csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
