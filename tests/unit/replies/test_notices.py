import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from bot.errors import DeliveryTimeout
from bot.ports import Notices
from bot.replies.calls import Timer
from bot.replies.ledger import Ledger
from bot.replies.notices import TelegramNotices
from bot.sandbox.telegram.world import Fault
from bot.types import Button, ConversationKey, Place
from tests.tools.reply_stage import AwayRedis, Stage
from tests.tools.telegram_session import Fault as Refusal
from tests.tools.telegram_session import flood
from tests.tools.world_stage import ANNA, Home, WorldStage

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


def test_only_a_remark_is_let_be_where_telegram_wants_it_much_later() -> None:
    stage = Stage(flood(1000))

    _play(stage, _notices(stage).remark(PLACE, "мимоходом"))
    with pytest.raises(DeliveryTimeout):
        _play(stage, _notices(stage).say(PLACE, "важно"))

    assert not stage.telegram.texts


def test_a_remark_is_said_where_telegram_takes_it() -> None:
    stage = Stage(flood(20))

    _play(stage, _notices(stage).remark(PLACE, "мимоходом"))

    assert stage.telegram.texts == ["мимоходом"]


@pytest.mark.parametrize("home", Home)
@pytest.mark.parametrize("times", [1, 2])
def test_a_notice_whose_answer_was_lost_is_not_said_twice(home: Home, times: int) -> None:
    stage = WorldStage(home)
    stage.world.faults.add(Fault.lost_answer(), "sendMessage", times=times)
    process = stage.process()

    async def story() -> None:
        saying = asyncio.ensure_future(process.notices.say(stage.place, "привет"))
        await stage.time.sleep(0.2)
        for _ in range(6):
            stage.asks("болтовня")
        await saying
        await process.notices.say(stage.place, "ещё " + "слово " * 1000, BUTTONS)

    asyncio.run(stage.time.run(story()))

    first, second, third = stage.texts()
    assert (first, second.split()[0], (second + third).count("слово")) == ("привет", "ещё", 1000)


def test_each_part_of_a_notice_stands_in_the_chat_once() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.lost_answer(), "sendMessage", after=1)
    process = stage.process()

    asyncio.run(stage.time.run(process.notices.say(stage.place, "слово " * 1000, BUTTONS)))

    assert " ".join(stage.texts()).split() == ["слово"] * 1000
    assert len(stage.buttons()) == 2


def test_a_notice_that_arrived_without_doubt_is_said_in_one_call() -> None:
    stage = WorldStage()

    asyncio.run(stage.time.run(stage.process().notices.say(stage.place, "привет")))

    assert [call.method for call in stage.world.calls] == ["sendMessage"]
    assert stage.time.now < 0.1


def test_a_notice_that_followed_a_group_is_not_looked_for_where_ids_count_anew() -> None:
    stage = WorldStage(Home.GROUP)
    stage.world.faults.add(Fault.lost_answer(), "sendMessage")
    process = stage.process()

    async def story() -> None:
        saying = asyncio.ensure_future(process.notices.say(stage.place, "привет"))
        await stage.time.sleep(0.2)
        stage.world.upgrade_to_supergroup(stage.chat_id, -1009)
        for _ in range(20):
            stage.world.say(-1009, ANNA, "болтовня")
        await saying

    asyncio.run(stage.time.run(story()))

    assert stage.texts() == ["привет"]
    assert [call.method for call in stage.world.calls if call.method != "sendMessage"] == []


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
    stage = Stage(Refusal(400, "Bad Request: query is too old"))

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
