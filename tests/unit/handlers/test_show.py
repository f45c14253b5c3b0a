"""Another prompt is shown a picture: who may press that, and when."""

import re
from pathlib import Path

import pytest
from aiogram.types import CallbackQuery
from redis.asyncio import Redis

from bot.presses import SHOWING, Showing, tag_of
from bot.question import Question
from bot.texts import ENGLISH
from bot.types import Ask, Person, Place
from bot.updates.introductions import Visit
from handlers.show import show
from tests.tools.notices import SpokenNotices
from tests.tools.parrot_room import ANNA, GROUP, HERE, WHOLE, Parrot, Room
from tests.tools.updates import a_message, a_press

BORIS = Person(2, "Boris", "en")


class Chat:
    """A room in which Anna has shown a picture to a prompt that cannot see."""

    def __init__(self, redis: Redis, folder: Path) -> None:
        self.room = Room(redis, folder, Parrot(*WHOLE))
        self.notices = SpokenNotices()
        self.room.photos.add("a")
        (folder / "eagle.yaml").write_text("title: Eagle\nsystem: Hi.\nmodel: qwen3.6-35b-a3b\n", "utf-8")

    async def begin(self, place: Place = HERE) -> None:
        await self.room.conversations.answer(Question("1", "Who?", ANNA, place, message_id=9, photos=("a",)))

    async def press(self, visit: Visit, *, tag: int | None = None, prompt: str = "eagle") -> None:
        query = CallbackQuery.model_validate(a_press("…", a_message()))
        match = re.fullmatch(SHOWING, Showing(tag_of("1") if tag is None else tag, prompt).data)
        assert match is not None
        room = self.room
        await show(query, match, visit, room.exchanges, room.conversations, self.notices)

    @property
    def asks(self) -> list[Ask]:
        return self.room.model.asks


@pytest.fixture
def chat(redis: Redis, tmp_path: Path) -> Chat:
    return Chat(redis, tmp_path)


async def test_the_prompt_answers_at_once_in_the_same_message_and_from_then_on(chat: Chat) -> None:
    await chat.begin()

    await chat.press(Visit(ANNA, HERE))

    assert [(ask.question, ask.photos) for ask in chat.asks] == [("Who?", ("a",))]
    assert chat.room.replies.opened["press:77"].manner.in_place == (1,)
    assert chat.notices.answered == [("77", ENGLISH.prompt_chosen.format(title="Eagle"), False)]
    assert (await chat.room.conversations.prompt_of(HERE)).name == "eagle"


async def test_in_a_group_the_answer_is_one_to_the_picture(chat: Chat) -> None:
    await chat.begin(GROUP)

    await chat.press(Visit(ANNA, GROUP))

    assert chat.room.replies.opened["press:77"].place.reply_to == 9


@pytest.mark.parametrize(
    ("visit", "is_let"), [(Visit(BORIS, GROUP), False), (Visit(BORIS, GROUP, is_owner=True), True)]
)
async def test_only_the_asker_and_owners_may_press_it(chat: Chat, visit: Visit, *, is_let: bool) -> None:
    await chat.begin(GROUP)

    await chat.press(visit)

    assert len(chat.asks) == is_let
    assert (chat.notices.answered == [("77", ENGLISH.not_yours, False)]) is not is_let


async def test_a_press_that_was_answered_before_a_crash_is_not_answered_twice(chat: Chat) -> None:
    await chat.begin()

    for _ in range(2):
        await chat.press(Visit(ANNA, HERE))

    assert (len(chat.asks), len(chat.notices.answered)) == (1, 1)


async def test_after_a_newer_question_it_is_too_late(chat: Chat) -> None:
    await chat.begin()

    await chat.press(Visit(ANNA, HERE), tag=5)

    assert chat.asks == []
    assert chat.notices.answered == [("77", ENGLISH.show_too_late, True)]


async def test_after_the_dialogue_was_forgotten_too(chat: Chat) -> None:
    await chat.press(Visit(ANNA, HERE))

    assert chat.notices.answered == [("77", ENGLISH.show_too_late, True)]


async def test_a_prompt_that_was_removed_meanwhile_is_not_chosen(chat: Chat) -> None:
    await chat.begin()

    await chat.press(Visit(ANNA, HERE), prompt="dodo")

    assert (chat.asks, chat.notices.answered) == ([], [("77", ENGLISH.button_expired, False)])
