import asyncio
from collections.abc import Coroutine
from typing import Any

from bot.ports import Notices
from bot.replies.calls import Timer
from bot.replies.ledger import Ledger
from bot.replies.notices import TelegramNotices
from bot.types import Button, ConversationKey, Place
from tests.tools.reply_stage import AwayRedis, Stage
from tests.tools.telegram_session import Fault, flood

PLACE = Place(ConversationKey(42, 7), is_group=True, reply_to=3)
BUTTONS = ((Button("Да", "yes"), Button("Нет", "no")),)


def _notices(stage: Stage) -> Notices:
    return TelegramNotices(
        stage.bot, stage.governor, Ledger(AwayRedis(), 42), Timer(stage.time.clock, stage.time.sleep)
    )


def _play(stage: Stage, *stories: Coroutine[Any, Any, None]) -> None:
    async def story() -> None:
        for one in stories:
            await one

    asyncio.run(stage.time.run(story()))


def test_a_notice_is_said_in_reply_and_with_its_buttons() -> None:
    stage = Stage()

    _play(stage, _notices(stage).say(PLACE, "*Пускать?*", BUTTONS))

    params = stage.telegram.calls[0].params
    assert params["text"] == "*Пускать?*"
    assert params["reply_parameters"]["message_id"] == 3
    assert [[one["callback_data"] for one in row] for row in params["reply_markup"]["inline_keyboard"]] == [
        ["yes", "no"]
    ]


def test_a_notice_sits_out_a_flood_wait() -> None:
    stage = Stage(flood(20))

    _play(stage, _notices(stage).say(PLACE, "привет"))

    assert stage.telegram.texts == ["привет"]


def test_a_rewritten_notice_loses_its_buttons() -> None:
    stage = Stage()
    notices = _notices(stage)

    _play(stage, notices.say(PLACE, "Пускать?", BUTTONS), notices.rewrite(PLACE, 101, "Впущен."))

    assert stage.telegram.texts == ["Впущен."]
    assert stage.telegram.shown[101]["reply_markup"] is None


def test_a_notice_that_is_gone_is_said_anew() -> None:
    stage = Stage()

    _play(stage, _notices(stage).rewrite(PLACE, 55, "Впущен."))

    assert stage.telegram.texts == ["Впущен."]


def test_a_press_is_answered() -> None:
    stage = Stage()

    _play(stage, _notices(stage).answer("q", "Готово", is_alert=True))

    params = stage.telegram.calls[0].params
    assert (params["callback_query_id"], params["text"], params["show_alert"]) == ("q", "Готово", True)


def test_a_press_that_is_too_old_is_let_be() -> None:
    stage = Stage(Fault(400, "Bad Request: query is too old"))

    _play(stage, _notices(stage).answer("q"))

    assert [call.ok for call in stage.telegram.calls] == [False]


def test_a_long_notice_comes_in_parts_with_its_buttons_at_the_end() -> None:
    stage = Stage()

    _play(stage, _notices(stage).say(PLACE, "слово " * 1000, BUTTONS))

    first, last = [call.params for call in stage.telegram.calls]
    assert first.get("reply_markup") is None
    assert last["reply_markup"]
    assert first["text"].split() + last["text"].split() == ["слово"] * 1000


def test_a_text_that_one_message_cannot_hold_is_said_anew() -> None:
    stage = Stage()

    _play(stage, _notices(stage).rewrite(PLACE, 5, "слово " * 1000))

    assert len(stage.telegram.calls) == 2
    assert {call.method for call in stage.telegram.calls} == {"SendMessage"}
