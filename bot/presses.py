"""What the buttons below an answer send when they are pressed, and who may press them.

Each names the person who asked and the reply it belongs to, so that an old button, or a press that came a
moment too late, cannot act on another answer.

Source: https://core.telegram.org/bots/api#inlinekeyboardbutton (`callback_data`: 1-64 bytes).
"""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

_DRAFTS_PER_REPLY = 256


class Act(StrEnum):
    """What a button does."""

    STOP = "stop"
    AGAIN = "again"
    CONTINUE = "more"
    CANCEL = "drop"
    """Below the list of answers that come later, one button for each."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button below an answer."""

    act: Act
    asker_id: int
    """Whose question was answered; a channel or an anonymous administrator has a negative id."""
    tag: int
    """Which reply; see `tag_of`."""

    @property
    def data(self) -> str:
        """What Telegram carries."""
        return f"{self.act}:{self.asker_id}:{self.tag:x}"

    @classmethod
    def of(cls, match: re.Match[str]) -> "Press":
        """Read what came back."""
        return cls(Act(match["act"]), int(match["asker"]), int(match["tag"], 16))


SHOW = "see:"
"""How the data of a button begins that lets another prompt look at the pictures of a question."""
SHOWING = rf"{SHOW}(?P<tag>[0-9a-f]{{1,8}}):(?P<prompt>[a-z0-9_-]{{1,32}})"


@dataclass(frozen=True, slots=True)
class Showing:
    """Such a button, below the sentence that the pictures were not seen."""

    tag: int
    """Of the reply that says so."""
    prompt: str

    @property
    def data(self) -> str:
        """What Telegram carries."""
        return f"{SHOW}{self.tag:x}:{self.prompt}"

    @classmethod
    def of(cls, match: re.Match[str]) -> "Showing":
        """Read what came back."""
        return cls(int(match["tag"], 16), match["prompt"])


def pattern(*acts: Act) -> str:
    """Return the pattern of what such buttons send."""
    return rf"(?P<act>{'|'.join(acts)}):(?P<asker>-?\d{{1,19}}):(?P<tag>[0-9a-f]{{1,8}})"


def tag_of(reply_id: str) -> int:
    """Return a number from 1 to 2³¹-1 that tells this reply from others of its conversation."""
    digest = hashlib.blake2s(reply_id.encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") >> 1 or 1


def draft_id(tag: int, part: int) -> int:
    """Return the id of the draft of one part of a reply; another part is another draft."""
    return tag * _DRAFTS_PER_REPLY + part % _DRAFTS_PER_REPLY + 1


def tag_of_draft(draft: int) -> int:
    """Return the tag of the reply that a draft belongs to."""
    return (draft - 1) // _DRAFTS_PER_REPLY
