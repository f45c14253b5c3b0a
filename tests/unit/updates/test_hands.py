import json
from collections.abc import Sequence
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.types import Message, Update

from bot.texts import ENGLISH
from bot.updates.apologies import Apologies, WaitingNotice
from bot.updates.hands import Hands
from tests.tools.clock import FakeClock
from tests.tools.notices import SpokenNotices
from tests.tools.updates import GROUP, ME, TOKEN, a_message, mention

MESSAGE = (
    '{"update_id":7,"message":{"message_id":1,"date":0,"chat":{"id":1,"type":"private"},'
    '"from":{"id":1,"is_bot":false,"first_name":"Anna"},"text":"hello","a_field_of_tomorrow":1}}'
)


class ListeningDispatcher(Dispatcher):
    """Notes what it is fed."""

    def __init__(self) -> None:
        super().__init__(disable_fsm=True)
        self.fed: list[Update] = []
        self.together: Sequence[Message] = ()

    async def feed_update(self, bot: Bot, update: Update, **kwargs: Any) -> Any:
        assert update.bot is bot
        self.fed.append(update)
        self.together = kwargs["together"]


@pytest.fixture
def notices() -> SpokenNotices:
    return SpokenNotices()


def hands(dispatcher: Dispatcher, notices: SpokenNotices) -> Hands:
    waiting = WaitingNotice(notices, 42, FakeClock())
    return Hands(dispatcher, Bot(TOKEN), Apologies(notices, waiting), ME)


def update(message: dict[str, Any]) -> str:
    return json.dumps({"update_id": 7, "message": message})


async def test_an_update_is_fed_bound_to_its_bot(notices: SpokenNotices) -> None:
    dispatcher = ListeningDispatcher()

    await hands(dispatcher, notices).handle([MESSAGE])

    (update,) = dispatcher.fed
    assert update.message is not None
    assert update.message.text == "hello"


async def test_what_people_write_in_private_chats_is_met(notices: SpokenNotices) -> None:
    met: list[int] = []
    waiting = WaitingNotice(notices, 42, FakeClock())
    busy = Hands(ListeningDispatcher(), Bot(TOKEN), Apologies(notices, waiting), ME, meet=met.extend)

    await busy.handle([update(a_message("one", message_id=4)), update(a_message("two", message_id=5))])
    await busy.handle([update(a_message("three", message_id=6, business_connection_id="b"))])
    await busy.handle([update(a_message("four", chat=GROUP, message_id=7))])

    assert met == [4, 5]


async def test_of_several_the_first_that_means_the_bot_is_fed_and_all_are_told(notices: SpokenNotices) -> None:
    dispatcher = ListeningDispatcher()
    said = [
        a_message("look", chat=GROUP, message_id=1),
        a_message("@govorun_bot what is this?", chat=GROUP, message_id=2, entities=mention()),
        a_message("please", chat=GROUP, message_id=3),
    ]

    await hands(dispatcher, notices).handle(
        [json.dumps({"update_id": number, "message": message}) for number, message in enumerate(said)]
    )

    (update,) = dispatcher.fed
    assert update.message is dispatcher.together[1]
    assert [message.message_id for message in dispatcher.together] == [1, 2, 3]


async def test_a_message_that_was_changed_meanwhile_is_fed_as_it_was_changed(notices: SpokenNotices) -> None:
    dispatcher = ListeningDispatcher()
    updates = [
        {"update_id": 1, "message": a_message("helo")},
        {"update_id": 2, "edited_message": a_message("hello", edit_date=1_700_000_001)},
    ]

    await hands(dispatcher, notices).handle([json.dumps(update) for update in updates])

    assert [message.text for message in dispatcher.together] == ["hello"]
    assert dispatcher.fed[0].message is dispatcher.together[0]


async def test_an_apology_goes_to_the_sender(notices: SpokenNotices) -> None:
    await hands(ListeningDispatcher(), notices).apologise([MESSAGE, MESSAGE])

    assert notices.texts == [ENGLISH.failures.unexpected]


async def test_of_an_album_in_a_group_the_caption_that_calls_is_apologised_to(notices: SpokenNotices) -> None:
    album = [
        {"update_id": 1, "message": a_message(None, chat=GROUP)},
        {"update_id": 2, "message": a_message("@govorun_bot?", chat=GROUP, entities=mention())},
    ]

    await hands(ListeningDispatcher(), notices).apologise([json.dumps(one) for one in album])

    assert [text for _, text, _ in notices.said] == [ENGLISH.failures.unexpected]


async def test_of_a_command_that_was_cut_the_command_is_fed(notices: SpokenNotices) -> None:
    dispatcher = ListeningDispatcher()
    said = [a_message("/classify " + "x" * 4000, message_id=1), a_message("the rest", message_id=2)]

    await hands(dispatcher, notices).handle(
        [json.dumps({"update_id": number, "message": message}) for number, message in enumerate(said)]
    )

    assert dispatcher.fed[0].message is dispatcher.together[0]
