from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.types import Update

from bot.texts import ENGLISH
from bot.updates.apologies import Apologies, WaitingNotice
from bot.updates.hands import Hands
from tests.tools.clock import FakeClock
from tests.tools.notices import SpokenNotices
from tests.tools.updates import TOKEN

MESSAGE = (
    '{"update_id":7,"message":{"message_id":1,"date":0,"chat":{"id":1,"type":"private"},'
    '"from":{"id":1,"is_bot":false,"first_name":"Anna"},"text":"hello","a_field_of_tomorrow":1}}'
)


class ListeningDispatcher(Dispatcher):
    """Notes what it is fed."""

    def __init__(self) -> None:
        super().__init__(disable_fsm=True)
        self.fed: list[Update] = []

    async def feed_update(self, bot: Bot, update: Update, **_: Any) -> Any:
        assert update.bot is bot
        self.fed.append(update)


@pytest.fixture
def notices() -> SpokenNotices:
    return SpokenNotices()


def hands(dispatcher: Dispatcher, notices: SpokenNotices) -> Hands:
    waiting = WaitingNotice(notices, 42, FakeClock())
    return Hands(dispatcher, Bot(TOKEN), Apologies(notices, waiting))


async def test_an_update_is_fed_bound_to_its_bot(notices: SpokenNotices) -> None:
    dispatcher = ListeningDispatcher()

    await Hands(dispatcher, Bot(TOKEN), Apologies(notices, WaitingNotice(notices, 42, FakeClock()))).handle(
        MESSAGE
    )

    (update,) = dispatcher.fed
    assert update.message is not None
    assert update.message.text == "hello"


async def test_an_apology_goes_to_the_sender(notices: SpokenNotices) -> None:
    await Hands(
        ListeningDispatcher(), Bot(TOKEN), Apologies(notices, WaitingNotice(notices, 42, FakeClock()))
    ).apologise(MESSAGE)

    assert notices.texts == [ENGLISH.failures.unexpected]
