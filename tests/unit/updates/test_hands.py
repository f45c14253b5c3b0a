from typing import Any

import pytest
import structlog
from aiogram import Bot, Dispatcher
from aiogram.types import Update

from bot.texts import ENGLISH
from bot.updates.apologies import Apologies
from bot.updates.hands import Hands
from tests.tools.notices import SpokenNotices
from tests.tools.updates import TOKEN

MESSAGE = (
    '{"update_id":7,"message":{"message_id":1,"date":0,"chat":{"id":1,"type":"private"},'
    '"from":{"id":1,"is_bot":false,"first_name":"Anna"},"text":"hello","a_field_of_tomorrow":1}}'
)


class ListeningDispatcher(Dispatcher):
    """Notes what it is fed, and what the log knows meanwhile."""

    def __init__(self) -> None:
        super().__init__(disable_fsm=True)
        self.fed: list[tuple[dict[str, Any], Any]] = []

    async def feed_raw_update(self, bot: Bot, update: dict[str, Any], **_: Any) -> Any:
        del bot
        Update.model_validate(update)
        self.fed.append((update, structlog.contextvars.get_contextvars().get("update_id")))


@pytest.fixture
def notices() -> SpokenNotices:
    return SpokenNotices()


async def test_an_update_is_fed_with_its_id_on_the_log(notices: SpokenNotices) -> None:
    dispatcher = ListeningDispatcher()

    await Hands(dispatcher, Bot(TOKEN), Apologies(notices)).handle(MESSAGE)

    ((update, logged),) = dispatcher.fed
    assert (update["message"]["text"], logged) == ("hello", 7)


async def test_an_apology_goes_to_the_sender(notices: SpokenNotices) -> None:
    await Hands(ListeningDispatcher(), Bot(TOKEN), Apologies(notices)).apologise(MESSAGE)

    assert notices.texts == [ENGLISH.failures.unexpected]
