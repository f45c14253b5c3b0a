"""A value by language, with a fallback: a person never meets an empty place because one language is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar, get_args

T = TypeVar("T")

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Localized(Generic[T]):
    """One value for each language that the operator wrote; never without any."""

    by_language: Mapping[str, T]

    def in_(self, language: str) -> T:
        """Return the value in this language, or in the first one there is."""
        if language in self.by_language:
            return self.by_language[language]
        return next(iter(self.by_language.values()))
