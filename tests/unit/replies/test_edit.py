"""Answers that grow by editing, and whatever Telegram says to that."""

import pytest

from bot.errors import ChatGone, DeliveryError, DeliveryTimeout
from bot.replies.live import LiveReply as Reply
from tests.tools.reply_stage import LONG, Stage, Trouble, growing, play
from tests.tools.telegram_session import Fault, flood


def test_a_flood_wait_stops_frames_and_the_end_sits_it_out() -> None:
    stage = Stage(flood(30, "EditMessageText"))

    play(stage, growing(stage, LONG[:300]))

    knocked = [call.at for call in stage.telegram.calls if call.at > 1]
    refused = next(call.at for call in stage.telegram.calls if not call.ok)
    assert [at for at in knocked if refused < at < refused + 30] == []
    assert stage.telegram.texts == [LONG[:300].strip()]


def test_a_flood_wait_beyond_patience_is_an_error() -> None:
    stage = Stage(flood(1000, "SendMessage"))

    with pytest.raises(DeliveryTimeout):
        play(stage, lambda reply: reply.finish("ответ"))


@pytest.mark.parametrize("fault", [Fault(502, "Bad Gateway"), Fault(), Fault(500, "Internal Server Error")])
def test_an_outage_is_waited_out(fault: Fault) -> None:
    stage = Stage(*[fault] * 6)

    play(stage, growing(stage, "раз два три"))

    assert stage.telegram.texts == ["раз два три"]


def test_an_edit_whose_answer_was_lost_is_repeated() -> None:
    stage = Stage(*[Fault(is_applied=True, method="EditMessageText")] * 3)

    play(stage, growing(stage, "раз два три"))

    assert stage.telegram.texts == ["раз два три"]


def test_a_message_that_the_person_deleted_is_sent_anew() -> None:
    stage = Stage()

    async def story(reply: Reply) -> None:
        reply.show("раз")
        await stage.time.sleep(2)
        stage.telegram.shown.clear()
        await reply.finish("раз два")

    play(stage, story)

    assert stage.telegram.texts == ["раз два"]


def test_a_deleted_first_message_does_not_break_the_order() -> None:
    stage = Stage()

    async def story(reply: Reply) -> None:
        reply.show(LONG)
        await stage.time.sleep(10)
        del stage.telegram.shown[min(stage.telegram.shown)]
        await reply.finish("Иначе. " + LONG)

    play(stage, story)

    assert " ".join(stage.telegram.texts) == "Иначе. " + LONG


def test_entities_that_telegram_refuses_cost_only_their_looks() -> None:
    stage = Stage(Fault(400, "Bad Request: can't parse entities", method="SendMessage"))

    play(stage, lambda reply: reply.finish("**жирно**"))

    assert stage.telegram.texts == ["жирно"]
    assert stage.telegram.calls[-1].params["entities"] is None


def test_what_telegram_never_takes_is_an_error() -> None:
    stage = Stage(Fault(400, "Bad Request: no", method="SendMessage"))

    with pytest.raises(DeliveryError, match="no"):
        play(stage, lambda reply: reply.finish("ответ"))


def test_the_person_can_be_told_after_a_refusal() -> None:
    stage = Stage(Fault(400, "Bad Request: no", method="SendMessage"))

    async def story(reply: Reply) -> None:
        with pytest.raises(DeliveryError):
            await reply.finish("ответ")
        await reply.fail(Trouble())

    play(stage, story)

    assert stage.telegram.texts == ["Trouble in ru"]


@pytest.mark.parametrize(
    "fault", [Fault(403, "Forbidden: bot was blocked by the user"), Fault(400, "Bad Request: chat not found")]
)
def test_a_chat_that_is_gone_ends_the_reply(fault: Fault) -> None:
    stage = Stage(*[fault] * 20)

    with pytest.raises(ChatGone):
        play(stage, growing(stage, "раз два три"))

    assert len([call for call in stage.telegram.calls if call.method == "SendMessage"]) == 1


def test_a_group_that_moved_is_followed() -> None:
    stage = Stage(Fault(400, "Bad Request: upgraded", {"migrate_to_chat_id": -100}, method="SendMessage"))

    play(stage, lambda reply: reply.finish("ответ"), is_group=True)

    assert stage.telegram.calls[-1].params["chat_id"] == -100


def test_a_topic_that_is_gone_is_left_out() -> None:
    stage = Stage(Fault(400, "Bad Request: message thread not found", method="SendMessage"))

    play(stage, lambda reply: reply.finish("ответ"), topic_id=3)

    first, second = [call.params for call in stage.telegram.calls if call.method == "SendMessage"]
    assert (first["message_thread_id"], second["message_thread_id"]) == (3, None)


def test_only_the_first_message_is_a_reply_and_may_lose_its_question() -> None:
    stage = Stage()

    play(stage, lambda reply: reply.finish(LONG), reply_to=9)

    questions = [call.params["reply_parameters"] for call in stage.telegram.made("SendMessage")]
    assert questions[0]["message_id"] == 9
    assert questions[0]["allow_sending_without_reply"] is True
    assert questions[1:] == [None, None]


@pytest.mark.parametrize("method", ["SendMessage", "EditMessageText"])
def test_what_telegram_finds_too_long_is_cut_smaller(method: str) -> None:
    stage = Stage(Fault(400, "Bad Request: MESSAGE_TOO_LONG", method=method))

    play(stage, growing(stage, LONG, seconds=20))

    assert " ".join(stage.telegram.texts) == LONG
    assert len(stage.telegram.texts) > 3


def test_what_can_never_be_short_enough_is_an_error() -> None:
    stage = Stage(*[Fault(400, "Bad Request: message is too long", method="SendMessage")] * 20)

    with pytest.raises(DeliveryError, match="too long"):
        play(stage, lambda reply: reply.finish(LONG))


def test_a_reply_in_a_business_chat_names_its_connection() -> None:
    stage = Stage()

    async def story(reply: Reply) -> None:
        reply.show(LONG)
        await stage.time.sleep(10)
        await reply.finish("Коротко.")

    play(stage, story, business_id="b")

    assert {call.params["business_connection_id"] for call in stage.telegram.calls} == {"b"}
    assert stage.telegram.texts == ["Коротко."]


@pytest.mark.parametrize(
    "why", ["message can't be deleted", "message can't be deleted for everyone", "no rights"]
)
def test_of_a_message_that_cannot_be_deleted_hardly_anything_stays(why: str) -> None:
    stage = Stage(*[Fault(400, f"Bad Request: {why}", method="DeleteMessage")] * 2)

    async def story(reply: Reply) -> None:
        reply.show(LONG)
        await stage.time.sleep(10)
        await reply.finish("Коротко.")

    play(stage, story)

    assert stage.telegram.texts == ["Коротко.", "…", "…"]
    assert {call.params["reply_markup"] for call in stage.telegram.made("EditMessageText")[-2:]} == {None}


def test_a_message_that_can_be_neither_deleted_nor_edited_stays() -> None:
    refused = [Fault(400, "Bad Request: message can't be deleted", method="DeleteMessage")]
    stage = Stage(*refused, Fault(400, "Bad Request: message can't be edited", method="EditMessageText"))

    async def story(reply: Reply) -> None:
        reply.show(LONG[:6000])
        await stage.time.sleep(10)
        await reply.finish("Коротко.")

    play(stage, story)

    assert stage.telegram.texts[0] == "Коротко."
    assert len(stage.telegram.texts) == 2


def test_a_token_that_is_no_longer_good_is_an_error() -> None:
    stage = Stage(Fault(401, "Unauthorized", method="SendMessage"))

    with pytest.raises(DeliveryError, match="Unauthorized"):
        play(stage, lambda reply: reply.finish("ответ"))
