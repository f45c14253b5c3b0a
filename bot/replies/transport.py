"""How an answer grows: the part of a reply in which editing messages and showing drafts differ."""

from collections.abc import Sequence
from typing import Protocol

from bot.replies.contents import Content


class Transport(Protocol):
    """Shows the growing parts of one answer by cosmetic calls, one at a time.

    Ending is the same for all: the messages become what they should be; see `bot.replies.live`.
    """

    @property
    def greeting_lasts_s(self) -> float:
        """How long what `greet` shows stays."""
        ...

    @property
    def frame_lasts_s(self) -> float | None:
        """In how many seconds the frame has to be shown again, so that it does not vanish; None: never."""
        ...

    async def greet(self) -> None:
        """Show, if a call can be spared, that an answer is on its way; raises as `advance`."""
        ...

    def is_shown(self, parts: Sequence[Content]) -> bool:
        """Whether the chat shows these parts, as far as we know, and will do so for a while."""
        ...

    async def advance(self, parts: Sequence[Content]) -> bool:
        """Put the first difference between the chat and the parts right, by one call that was admitted.

        Return whether another difference is left.

        Raises:
            Postponed: it did not get through.
            DraftRefused: this way does not work in that chat.
            RichRefused: the content has to be made in another way.
            TooLong: a part does not fit a message after all.
            ChatGone: nobody reads that chat any more.
        """
        ...
