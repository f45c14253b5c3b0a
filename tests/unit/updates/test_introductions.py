from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.types import TelegramObject, User

from bot.types import ConversationKey, Person, Place
from bot.updates.introductions import Introductions, Visit
from tests.tools.updates import ANNA, GROUP, PRIVATE, TOKEN, a_message, a_press, an_update


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with Bot(TOKEN) as one:
        yield one


async def introduced(bot: Bot, user: dict[str, Any] | None = ANNA, **event: Any) -> Visit | None:
    visits: list[Visit] = []

    async def handler(_event: TelegramObject, data: dict[str, Any]) -> None:
        visits.append(data["visit"])

    sender = User.model_validate(user) if user else None
    data = {"bot": bot, "event_from_user": sender}
    await Introductions(frozenset({1}))(handler, an_update(bot, **event), data)
    return visits[0] if visits else None


async def test_a_private_message_is_answered_without_a_reply(bot: Bot) -> None:
    visit = await introduced(bot, message=a_message())

    assert visit == Visit(Person(1, "Anna", "en"), Place(ConversationKey(42, 1), below=9), is_owner=True)


async def test_a_message_in_a_topic_is_answered_there_as_a_reply(bot: Bot) -> None:
    message = a_message(chat=GROUP, message_thread_id=3, is_topic_message=True)

    visit = await introduced(bot, message=message)

    assert visit is not None
    assert visit.place == Place(ConversationKey(42, -5, 3), is_group=True, reply_to=9, below=9)


@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
async def test_a_changed_message_is_answered_where_it_stands(bot: Bot, chat: dict[str, Any]) -> None:
    message = a_message(chat=chat, edit_date=1_700_000_005)

    changed = await introduced(bot, edited_message=message)

    assert changed == await introduced(bot, message=message)


async def test_a_press_is_placed_where_its_button_is(bot: Bot) -> None:
    visit = await introduced(bot, callback_query=a_press("x", a_message(chat=GROUP)))

    assert visit is not None
    assert visit.place == Place(ConversationKey(42, -5), is_group=True, below=9)


async def test_a_press_under_an_old_message_still_knows_its_chat(bot: Bot) -> None:
    old = {"message_id": 1, "date": 0, "chat": GROUP}

    visit = await introduced(bot, callback_query=a_press("x", old))

    assert visit is not None
    assert visit.place == Place(ConversationKey(42, -5), is_group=True, below=1)


async def test_the_stop_button_of_a_draft_belongs_to_the_chats_person(bot: Bot) -> None:
    visit = await introduced(bot, None, stopped_message_generation={"chat": PRIVATE, "draft_id": 5})

    assert visit is not None
    assert visit.person.user_id == 1
    assert visit.place == Place(ConversationKey(42, 1))


@pytest.mark.parametrize(
    "event",
    [
        {"callback_query": a_press("x", None)},
        {"inline_query": {"id": "1", "from": ANNA, "query": "", "offset": ""}},
    ],
)
async def test_what_has_no_place_reaches_no_handler(bot: Bot, event: dict[str, Any]) -> None:
    assert await introduced(bot, **event) is None


@pytest.mark.parametrize("kind", ["message", "edited_message"])
async def test_who_speaks_in_the_name_of_a_chat_is_that_chat(bot: Bot, kind: str) -> None:
    message = a_message(chat=GROUP, sender_chat={"id": -9, "type": "channel", "title": "News"})

    visit = await introduced(bot, {"id": 136817688, "is_bot": True, "first_name": "Channel"}, **{kind: message})

    assert visit is not None
    assert (visit.person.user_id, visit.person.name) == (-9, "News")


async def test_everyone_is_spoken_to_in_their_language(bot: Bot) -> None:
    visit = await introduced(bot, {**ANNA, "language_code": "ru"}, message=a_message())

    assert visit is not None
    assert visit.phrases.button_stop == "Стоп"


@pytest.mark.parametrize(
    ("asker_id", "is_owner", "expected"), [(1, False, True), (2, False, False), (2, True, True)]
)
def test_only_the_asker_and_the_owners_may_act_for_a_question(
    asker_id: int,
    is_owner: bool,  # noqa: FBT001 - a table
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    visit = Visit(Person(1, "Anna", "en"), Place(ConversationKey(42, 1)), is_owner)

    assert visit.may_act_for(asker_id) is expected
