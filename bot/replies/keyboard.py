"""The buttons below one answer: Stop while it grows, then Again, and Continue if it was cut short."""

from dataclasses import dataclass

from bot.presses import Act, Press
from bot.replies.voice import ReplyWords
from bot.types import Button, Buttons


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Buttons that name the person who asked, and the reply they belong to."""

    words: ReplyWords
    asker_id: int
    tag: int
    is_bare: bool = False
    """Whether there is nothing to be asked again below what is not the answer itself."""

    @property
    def while_growing(self) -> Buttons:
        """What stands below the newest frame."""
        return ((self._button(self.words.stop_button, Act.STOP),),)

    @property
    def at_the_end(self) -> Buttons:
        """What stands below an answer, or below the sentence about why there is none."""
        return () if self.is_bare else ((self._button(self.words.again_button, Act.AGAIN),),)

    @property
    def when_truncated(self) -> Buttons:
        """The same for an answer that can be continued."""
        return (
            (
                self._button(self.words.continue_button, Act.CONTINUE),
                self._button(self.words.again_button, Act.AGAIN),
            ),
        )

    def _button(self, label: str, act: Act) -> Button:
        return Button(label, Press(act, self.asker_id, self.tag).data)
