import dataclasses
import string
from collections.abc import Iterator
from typing import Any

import pytest

from bot import errors
from bot.errors import BackendTimeout, ConfigError, GovorunError, WaitedFor
from bot.texts import ENGLISH, PHRASES, RUSSIAN, language_of, sentence_for


def flat(table: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in dataclasses.asdict(table).items():
        match value:
            case str():
                yield prefix + name, value
            case dict():
                yield from ((f"{prefix}{name}.{key}", text) for key, text in value.items())
            case _:
                yield from ((f"{prefix}{name}.{index}", text) for index, text in enumerate(value))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    assert [name for name, _ in flat(ENGLISH)] == [name for name, _ in flat(RUSSIAN)]


def test_both_languages_fill_in_the_same_values() -> None:
    english, russian = dict(flat(ENGLISH)), dict(flat(RUSSIAN))

    different = [name for name in english if placeholders(english[name]) != placeholders(russian[name])]

    assert different == []


def test_russian_is_russian() -> None:
    assert [name for name, text in flat(RUSSIAN) if not any("а" <= letter <= "я" for letter in text)] == []


@pytest.mark.parametrize(
    ("code", "language"), [("ru", "ru"), ("kk", "ru"), ("en", "en"), ("pt-br", "en"), ("", "en"), (None, "en")]
)
def test_a_person_is_spoken_to_in_the_nearer_language(code: str | None, language: str) -> None:
    assert language_of(code) == language


def every_error() -> Iterator[GovorunError]:
    for waited_for in WaitedFor:
        yield BackendTimeout(waited_for, 1)
    yield ConfigError()
    for name in ("Unreachable", "ConnectionCut", "Overloaded", "QuotaExceeded", "ContentFiltered"):
        yield getattr(errors, name)("secret detail")
    for name in ("NothingNew", "Rejected", "BlindModel", "BlindChoice", "PhotoLost"):
        yield getattr(errors, name)("secret detail")
    for name in ("BadCredentials", "AccessDenied", "UnknownModel", "ContextTooLong", "StoreError"):
        yield getattr(errors, name)("secret detail")


@pytest.mark.parametrize("language", PHRASES)
def test_every_failure_has_a_sentence_of_its_own(language: str) -> None:
    sentences = [sentence_for(error, PHRASES[language].failures) for error in every_error()]

    assert len(set(sentences)) == len(sentences)
    assert PHRASES[language].failures.unexpected not in sentences
    assert not any("secret" in sentence for sentence in sentences)


def test_a_surprise_has_a_sentence_too() -> None:
    assert sentence_for(RuntimeError("boom"), ENGLISH.failures) == ENGLISH.failures.unexpected
