"""Buttons that ask again, and changed questions, where a flow cannot easily go: crashes and captions."""

import re
from pathlib import Path
from typing import Any

import pytest
from aiogram.types import CallbackQuery
from redis.asyncio import Redis

from bot.presses import Act, Press, pattern, tag_of
from bot.texts import ENGLISH
from bot.types import Ending, Piece
from bot.updates.introductions import Visit
from handlers.again import answer_again
from handlers.continuation import go_on
from handlers.edited import answer_anew
from tests.tools.notices import SpokenNotices
from tests.tools.parrot_room import ANNA, GROUP, HERE, WHOLE, Parrot, Room
from tests.tools.updates import GROUP as IN_GROUP
from tests.tools.updates import ME, VOICE, a_message, a_press, mention, parsed

VISIT = Visit(ANNA, HERE)
HANDLERS = {Act.AGAIN: answer_again, Act.CONTINUE: go_on}


class Chat:
    """A room in which handlers are called as aiogram would."""

    def __init__(self, redis: Redis, folder: Path) -> None:
        self.room = Room(redis, folder, Parrot(Piece("Po", Ending.TRUNCATED)))
        self.notices = SpokenNotices()

    async def press(self, act: Act, turn_id: str, visit: Visit = VISIT) -> None:
        query = CallbackQuery.model_validate(a_press("…", a_message()))
        match = re.fullmatch(pattern(act), Press(act, ANNA.user_id, tag_of(turn_id)).data)
        assert match is not None
        room = self.room
        await HANDLERS[act](query, match, visit, room.exchanges, room.conversations, self.notices)

    async def edit(self, message: dict[str, Any]) -> None:
        room = self.room
        await answer_anew(parsed(message), ME, VISIT, room.conversations, self.notices)


@pytest.fixture
def chat(redis: Redis, tmp_path: Path) -> Chat:
    return Chat(redis, tmp_path)


@pytest.mark.parametrize("act", HANDLERS)
async def test_a_press_that_was_answered_before_a_crash_is_not_answered_twice(chat: Chat, act: Act) -> None:
    await chat.room.ask()

    for _ in range(2):
        await chat.press(act, "1")

    assert len(chat.room.model.asks) == 2
    assert chat.notices.answered == [("77", "", False)]


@pytest.mark.parametrize("act", HANDLERS)
async def test_where_nothing_is_kept_a_button_answers_politely(chat: Chat, act: Act) -> None:
    await chat.press(act, "1")

    assert chat.notices.answered == [("77", ENGLISH.only_newest, False)]


async def test_messages_that_are_gone_are_sent_anew_as_a_reply_to_the_question(chat: Chat) -> None:
    await chat.room.ask(place=GROUP, message_id=9)

    await chat.press(Act.AGAIN, "1", Visit(ANNA, GROUP))

    assert chat.room.replies.opened["press:77"].place.reply_to == 9


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (a_message(None, caption="What?", voice=VOICE), ENGLISH.unreadable),
        (a_message("@govorun_bot", chat=IN_GROUP, entities=mention()), ENGLISH.ask_what),
    ],
    ids=["a voice", "a mention alone"],
)
async def test_a_question_changed_into_none_gets_a_sentence(
    chat: Chat, change: dict[str, Any], sentence: str
) -> None:
    await chat.room.ask(message_id=9)

    await chat.edit(change)

    assert chat.notices.texts == [sentence]
    assert len(chat.room.model.asks) == 1


async def test_a_change_that_was_answered_before_a_crash_is_not_answered_twice(chat: Chat) -> None:
    chat.room.model.pieces = WHOLE
    await chat.room.ask(message_id=9)

    for _ in range(2):
        await chat.edit(a_message("What?", edit_date=1_700_000_005))

    assert [ask.question for ask in chat.room.model.asks] == ["Who?", "What?"]


async def test_a_change_back_is_a_change(chat: Chat) -> None:
    await chat.room.ask("Who?", message_id=9)
    await chat.edit(a_message("What?", edit_date=1_700_000_005))

    await chat.edit(a_message("Who?", edit_date=1_700_000_006))

    assert [ask.question for ask in chat.room.model.asks] == ["Who?", "What?", "Who?"]


async def test_another_message_is_none_of_its_business(chat: Chat) -> None:
    await chat.room.ask(message_id=8)

    await chat.edit(a_message("What?", edit_date=1_700_000_005))

    assert len(chat.room.model.asks) == 1
