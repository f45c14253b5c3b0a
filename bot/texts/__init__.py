"""What the bot itself says, in Russian and English."""

from bot.texts.english import ENGLISH
from bot.texts.failures import picture_sentence_for, sentence_for
from bot.texts.phrases import Failures, Phrases
from bot.texts.russian import RUSSIAN

PHRASES = {"en": ENGLISH, "ru": RUSSIAN}

_READ_RUSSIAN = frozenset({"ru", "be", "kk", "ky", "tg", "uz"})


def language_of(code: str | None) -> str:
    """Choose `ru` or `en` for a language code of Telegram (IETF, as `pt-br`; None when it is unknown)."""
    return "ru" if (code or "").split("-")[0].lower() in _READ_RUSSIAN else "en"


__all__ = [
    "ENGLISH",
    "PHRASES",
    "RUSSIAN",
    "Failures",
    "Phrases",
    "language_of",
    "picture_sentence_for",
    "sentence_for",
]
