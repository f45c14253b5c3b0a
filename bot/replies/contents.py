"""What one message shows, and the promise of whoever makes an answer into such contents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.replies.entities import Rendered


@dataclass(frozen=True, slots=True)
class Rich:
    """The content of a rich message: Markdown that Telegram parses.

    Source: https://core.telegram.org/bots/api#sendrichmessage
    """

    markdown: str

    @property
    def text(self) -> str:
        """The same, so that whatever asks for something to see may ask any content."""
        return self.markdown


Content = Rendered | Rich
Part = TypeVar("Part", Rendered, Rich)


class Composer(Protocol):
    """Makes a growing answer into the contents of its messages; one for each answer."""

    def compose(
        self, text: str, *, is_final: bool = True, mark: str = "", most_units: int | None = None
    ) -> Sequence[Content]:
        """Return the parts of the answer so far, each fit for a message; none if there is nothing to see.

        Half-written signs at the end are hidden or closed unless the text `is_final`; under a mark always,
        because it says that the text was broken off. `mark` is a plain line of the bot's own that goes below
        the text, apart by a blank line. Parts that did not change are the same objects as the last time.
        """
        ...


def kept(parts: Sequence[Part], more: Iterable[Part], shown: Sequence[Part]) -> list[Part]:
    """Return the parts and more below them; of `more` those that are shown already are the same objects."""
    whole = list(parts)
    for part in more:
        same = [old for old in shown[len(whole) : len(whole) + 1] if old == part]
        whole.append(same[0] if same else part)
    return whole
