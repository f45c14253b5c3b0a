from dataclasses import replace

from bot.presses import Act, Press
from bot.replies.keyboard import Keyboard
from bot.types import Button, Buttons
from tests.tools.reply_stage import VOICE

KEYBOARD = Keyboard(VOICE.speaking("ru").words, 5, 0x1F)


def _row(*buttons: tuple[str, Act]) -> Buttons:
    return (tuple(Button(label, Press(act, 5, 0x1F).data) for label, act in buttons),)


def test_while_it_grows_an_answer_can_be_stopped() -> None:
    assert KEYBOARD.while_growing == _row(("Stop ru", Act.STOP))


def test_at_the_end_it_can_be_asked_for_again() -> None:
    assert KEYBOARD.at_the_end == _row(("Again ru", Act.AGAIN))


def test_a_truncated_one_can_be_continued_too() -> None:
    assert KEYBOARD.when_truncated == _row(("Continue ru", Act.CONTINUE), ("Again ru", Act.AGAIN))


def test_below_a_word_of_the_bots_own_there_is_none() -> None:
    assert replace(KEYBOARD, is_bare=True).at_the_end == ()
