"""What a reply itself says: its buttons, its marks, and why it failed."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.errors import GovorunError


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """What a reply itself says, in one language."""

    stop_button: str
    again_button: str
    continue_button: str
    thinking: str
    """Stands for the answer while the model thinks; {seconds} so far."""
    in_line: str
    """Stands for the answer while others are answered; {place} in the line."""
    stopped_mark: str
    """Stands below an answer that the person stopped."""
    truncated_mark: str
    """Stands below an answer that reached its length limit."""
    empty_answer: str
    """Stands for an answer without any text."""
    file_caption: str
    """Stands below the file with an answer of many messages."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Where the words of a reply come from, by language."""

    words: Callable[[str], ReplyWords]
    sentence: Callable[[GovorunError, str], str]
    """One sentence about an error, without internals."""

    def speaking(self, language: str) -> "Speaker":
        """Return the voice in one language."""
        return Speaker(self.words(language), lambda error: self.sentence(error, language))


@dataclass(frozen=True, slots=True)
class Speaker:
    """The words of a reply in the language of one person."""

    words: ReplyWords
    sentence: Callable[[GovorunError], str]
