import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ChatGone, DeliveryError, DeliveryTimeout
from bot.ports import LiveReply, Replies
from bot.replies.edit import EditReply
from bot.replies.entities import Rendered
from bot.replies.markup import Renderer, render
from bot.replies.pace import Pace
from bot.replies.split import split
from tests.tools.reply_stage import Stage, Trouble
from tests.tools.telegram_session import Fault, flood

LONG = " ".join(f"слово{number}" for number in range(1200))
"""Three messages."""

Story = Callable[[EditReply], Coroutine[Any, Any, None]]


def play(stage: Stage, story: Story, **place: Any) -> None:
    """Open a reply and play the story with it, in virtual time."""

    async def opened() -> None:
        async with stage.open(**place) as reply:
            await story(reply)

    asyncio.run(stage.time.run(opened()))


def growing(stage: Stage, text: str, *, seconds: float = 5.0, pieces: int = 50) -> Story:
    """A model that writes the text within that time."""

    async def story(reply: EditReply) -> None:
        for number in range(1, pieces):
            reply.show(text[: len(text) * number // pieces])
            await stage.time.sleep(seconds / pieces)
        await reply.finish(text)

    return story


def test_it_fits_the_port() -> None:
    stage = Stage()

    async def story(reply: EditReply) -> None:
        port: LiveReply = reply
        await port.finish("ok")

    _: Replies = stage.replies
    play(stage, story)

    assert stage.telegram.texts == ["ok"]


def test_an_answer_grows_and_ends_whole() -> None:
    stage = Stage()

    play(stage, growing(stage, "Один **два** три четыре пять"))

    assert stage.telegram.texts == ["Один два три четыре пять"]
    assert 3 <= len(stage.telegram.made("SendMessage", "EditMessageText")) <= 8


def test_frames_carry_a_stop_button_and_the_end_does_not() -> None:
    stage = Stage()

    play(stage, growing(stage, "раз два три"))

    *frames, final = stage.telegram.made("SendMessage", "EditMessageText")
    buttons = [call.params["reply_markup"]["inline_keyboard"][0][0] for call in frames]
    assert {button["callback_data"] for button in buttons} == {"stop:5"}
    assert {button["text"] for button in buttons} == {"Stop ru"}
    assert final.params["reply_markup"] is None


def test_the_first_text_is_shown_at_once() -> None:
    stage = Stage()

    play(stage, growing(stage, LONG[:200]))

    first = next(call for call in stage.telegram.calls if call.method == "SendMessage")
    assert first.at < 0.3


def test_a_short_answer_comes_in_one_call() -> None:
    stage = Stage()

    async def story(reply: EditReply) -> None:
        reply.show("Да")
        await stage.time.sleep(0.03)
        await reply.finish("Да.")

    play(stage, story)

    assert stage.telegram.history == ["Да."]


def test_frames_are_an_interval_apart() -> None:
    stage = Stage()

    play(stage, growing(stage, LONG[:2000], seconds=8))

    times = [call.at for call in stage.telegram.made("SendMessage", "EditMessageText")[:-1]]
    assert all(later - earlier >= 0.99 for earlier, later in pairwise(times))


def test_typing_is_shown_until_the_first_text() -> None:
    stage = Stage()

    async def story(reply: EditReply) -> None:
        await stage.time.sleep(10)
        reply.show("Вот")
        await stage.time.sleep(10)
        await reply.finish("Вот.")

    play(stage, story)

    assert [round(call.at) for call in stage.telegram.made("SendChatAction")] == [0, 5, 9]


def test_typing_never_spends_what_an_answer_needs() -> None:
    stage = Stage(pace=Pace(private_calls_per_second=0.01))

    async def story(reply: EditReply) -> None:
        await stage.time.sleep(30)
        reply.show("Вот")
        await stage.time.sleep(3)
        await reply.finish("Вот.")

    play(stage, story)

    assert len(stage.telegram.made("SendChatAction")) == 2
    assert stage.telegram.history == ["Вот", "Вот."]
    assert stage.telegram.calls[-1].at < 34


def test_blanks_are_no_first_text() -> None:
    stage = Stage()

    async def story(reply: EditReply) -> None:
        reply.show(" \n")
        await stage.time.sleep(3)
        reply.show("**")
        await stage.time.sleep(3)
        await reply.finish("**")

    play(stage, story)

    assert stage.telegram.history == ["**"]


def test_a_long_answer_is_sent_whole_and_in_order() -> None:
    stage = Stage()

    play(stage, growing(stage, LONG, seconds=20))

    assert " ".join(stage.telegram.texts) == LONG
    assert len(stage.telegram.texts) == 3


def test_each_message_is_complete_before_the_next_begins() -> None:
    stage = Stage()
    parts = [part.text for part in split(render(LONG))]

    play(stage, growing(stage, LONG, seconds=20))

    sends = [index for index, call in enumerate(stage.telegram.calls) if call.method == "SendMessage"]
    for number, index in enumerate(sends[1:]):
        assert stage.telegram.calls[index - 1].params["text"] == parts[number]
        assert stage.telegram.calls[index - 1].params["reply_markup"] is None


def test_a_text_revised_shorter_leaves_nothing_behind() -> None:
    stage = Stage()

    async def story(reply: EditReply) -> None:
        reply.show(LONG)
        await stage.time.sleep(10)
        await reply.finish("Коротко.")

    play(stage, story)

    assert stage.telegram.texts == ["Коротко."]


def test_one_call_is_in_flight_at_a_time() -> None:
    stage = Stage(latency_s=3)

    play(stage, growing(stage, LONG, seconds=20))

    assert stage.telegram.most_in_flight == 1


def test_the_end_waits_for_the_frame_in_flight() -> None:
    stage = Stage(latency_s=2)

    async def story(reply: EditReply) -> None:
        reply.show("раз")
        await stage.time.sleep(3)
        await reply.finish("раз два")

    play(stage, story)

    assert stage.telegram.texts == ["раз два"]
    assert len(stage.telegram.made("SendMessage")) == 1


def test_nothing_is_sent_after_the_end() -> None:
    stage = Stage()

    async def story(reply: EditReply) -> None:
        await reply.finish("конец")
        reply.show("ещё")
        await reply.finish("другой конец")
        await reply.fail(Trouble())
        await reply.stop()
        await stage.time.sleep(30)

    play(stage, story)

    assert stage.telegram.history == ["конец"]


def test_a_failure_keeps_the_text_and_says_why() -> None:
    stage = Stage()

    async def story(reply: EditReply) -> None:
        reply.show("Половина **отве")
        await stage.time.sleep(2)
        await reply.fail(Trouble())

    play(stage, story)

    assert stage.telegram.texts == ["Половина отве\n\nTrouble in ru"]


def test_a_failure_without_a_text_is_one_sentence() -> None:
    stage = Stage()

    play(stage, lambda reply: reply.fail(Trouble()))

    assert stage.telegram.texts == ["Trouble in ru"]


def test_a_stopped_answer_is_marked() -> None:
    stage = Stage()

    async def story(reply: EditReply) -> None:
        reply.show("Половина ответа")
        await reply.stop()

    play(stage, story)

    assert stage.telegram.texts == ["Половина ответа\n\n(stopped)"]


def test_a_truncated_answer_is_marked() -> None:
    stage = Stage()

    play(stage, lambda reply: reply.finish("Половина **отве", is_truncated=True))

    assert stage.telegram.texts == ["Половина отве\n\n(cut)"]


@pytest.mark.parametrize("text", ["", "  \n", "\u200b"])
def test_an_answer_without_text_gets_a_sentence(text: str) -> None:
    stage = Stage()

    play(stage, lambda reply: reply.finish(text))

    assert stage.telegram.texts == ["(nothing)"]


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

    async def story(reply: EditReply) -> None:
        reply.show("раз")
        await stage.time.sleep(2)
        stage.telegram.shown.clear()
        await reply.finish("раз два")

    play(stage, story)

    assert stage.telegram.texts == ["раз два"]


def test_a_deleted_first_message_does_not_break_the_order() -> None:
    stage = Stage()

    async def story(reply: EditReply) -> None:
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

    async def story(reply: EditReply) -> None:
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

    assert len([call for call in stage.telegram.calls if call.method == "SendMessage"]) == 2


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


def test_leaving_without_an_end_sends_nothing_more() -> None:
    stage = Stage()

    async def story(reply: EditReply) -> None:
        reply.show("раз")
        await stage.time.sleep(2)
        reply.show("раз два")

    play(stage, story)

    assert stage.telegram.history == ["раз"]


def test_an_interrupted_reply_goes_on_in_the_same_messages() -> None:
    stage = Stage()

    async def crash(reply: EditReply) -> None:
        reply.show(LONG)
        await stage.time.sleep(10)
        assert len(reply.message_ids) == 3

    play(stage, crash)
    play(stage, growing(stage, "Иначе. " + LONG))

    assert " ".join(stage.telegram.texts) == "Иначе. " + LONG
    assert len(stage.telegram.made("SendMessage")) == 3


def test_a_finished_reply_is_known_as_such() -> None:
    stage = Stage()
    finished: list[bool] = []

    async def story(reply: EditReply) -> None:
        finished.append(reply.earlier_answer is not None)
        await reply.finish("ответ")

    play(stage, story)
    play(stage, story)
    play(stage, story, reply_id="another")

    assert finished == [False, True, False]
    assert stage.telegram.texts == ["ответ", "ответ"]


def test_a_cancelled_end_does_not_swallow_the_cancellation() -> None:
    stage = Stage(latency_s=5)

    async def story(reply: EditReply) -> None:
        ending = asyncio.create_task(reply.finish("ответ"))
        await stage.time.sleep(1)
        ending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ending

    play(stage, story)

    assert stage.telegram.history == []


def test_a_reply_in_a_business_chat_names_its_connection() -> None:
    stage = Stage()

    async def story(reply: EditReply) -> None:
        reply.show(LONG)
        await stage.time.sleep(10)
        await reply.finish("Коротко.")

    play(stage, story, business_id="b")

    assert {call.params["business_connection_id"] for call in stage.telegram.calls} == {"b"}
    assert stage.telegram.texts == ["Коротко."]


def test_a_message_that_cannot_be_deleted_stays() -> None:
    stage = Stage(*[Fault(400, "Bad Request: message can't be deleted", method="DeleteMessage")] * 2)

    async def story(reply: EditReply) -> None:
        reply.show(LONG)
        await stage.time.sleep(10)
        await reply.finish("Коротко.")

    play(stage, story)

    assert stage.telegram.texts[0] == "Коротко."
    assert len(stage.telegram.texts) == 3


def test_a_token_that_is_no_longer_good_is_an_error() -> None:
    stage = Stage(Fault(401, "Unauthorized", method="SendMessage"))

    with pytest.raises(DeliveryError, match="Unauthorized"):
        play(stage, lambda reply: reply.finish("ответ"))


def test_a_frame_that_cannot_be_rendered_does_not_stop_the_end() -> None:
    stage = Stage()

    class Brittle(Renderer):
        def render(self, source: str, *, is_final: bool = True) -> Rendered:
            if not is_final:
                raise ValueError(source)
            return super().render(source)

    async def story(reply: EditReply) -> None:
        reply._renderer = Brittle()
        reply.show("раз")
        await stage.time.sleep(3)
        await reply.finish("раз два")

    play(stage, story)

    assert stage.telegram.history == ["раз два"]


FAULTS = st.sampled_from(
    [
        flood(3),
        flood(40),
        Fault(502, "Bad Gateway"),
        Fault(),
        Fault(is_applied=True, method="EditMessageText"),
        Fault(400, "Bad Request: message to edit not found", method="EditMessageText"),
        Fault(400, "Bad Request: message is too long"),
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(FAULTS, max_size=4),
    st.lists(st.tuples(st.integers(0, len(LONG)), st.sampled_from([0.01, 0.4, 1.5, 6.0])), max_size=8),
    st.integers(0, len(LONG)),
    st.sampled_from([0.0, 0.3, 4.0]),
)
def test_whatever_happens_the_chat_shows_the_final_text_last(
    faults: list[Fault], pieces: list[tuple[int, float]], length: int, latency_s: float
) -> None:
    stage = Stage(*faults, latency_s=latency_s)
    final = LONG[:length]
    calls_at_the_end: list[int] = []

    async def story(reply: EditReply) -> None:
        for size, pause_s in pieces:
            reply.show(LONG[:size])
            await stage.time.sleep(pause_s)
        await reply.finish(final)
        calls_at_the_end.append(len(stage.telegram.calls))
        await stage.time.sleep(100)

    play(stage, story)

    assert " ".join(stage.telegram.texts) == (final.strip() or "(nothing)")
    assert calls_at_the_end == [len(stage.telegram.calls)]
    assert stage.telegram.most_in_flight == 1
