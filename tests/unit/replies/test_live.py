import asyncio
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ports import LiveReply, Replies
from bot.presses import Act, Press, pattern, tag_of
from bot.replies.composer import EntityComposer
from bot.replies.entities import Rendered
from bot.replies.live import LiveReply as Reply
from bot.replies.markup import render
from bot.replies.pace import Pace
from bot.replies.split import split
from bot.types import Button, Ending, Piece
from tests.tools.reply_stage import LONG, Stage, Trouble, growing, play
from tests.tools.telegram_session import Call, Fault, flood


def test_it_fits_the_port() -> None:
    stage = Stage()

    async def story(reply: Reply) -> None:
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


def test_frames_carry_a_stop_button_and_the_end_has_others() -> None:
    stage = Stage()

    play(stage, growing(stage, "раз два три"))

    *frames, final = stage.telegram.made("SendMessage", "EditMessageText")
    assert [buttons_of(frame) for frame in frames] == [{"Stop ru": Act.STOP}] * len(frames)
    assert buttons_of(final) == {"Again ru": Act.AGAIN}


def buttons_of(call: Call) -> dict[str, Act]:
    """The buttons of a message by label; all name who asked and the reply."""
    markup = call.params["reply_markup"]
    buttons = [button for row in markup["inline_keyboard"] for button in row] if markup else []
    presses = [re.fullmatch(pattern(*Act), button["callback_data"]) for button in buttons]
    read = [Press.of(found) for found in presses if found]
    assert {(press.asker_id, press.tag) for press in read} <= {(5, tag_of("1"))}
    return {button["text"]: press.act for button, press in zip(buttons, read, strict=True)}


def test_the_first_text_is_shown_at_once() -> None:
    stage = Stage()

    play(stage, growing(stage, LONG[:200]))

    first = next(call for call in stage.telegram.calls if call.method == "SendMessage")
    assert first.at < 0.3


def test_a_short_answer_comes_in_one_call() -> None:
    stage = Stage()

    async def story(reply: Reply) -> None:
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

    async def story(reply: Reply) -> None:
        await stage.time.sleep(10)
        reply.show("Вот")
        await stage.time.sleep(10)
        await reply.finish("Вот.")

    play(stage, story)

    assert [round(call.at) for call in stage.telegram.made("SendChatAction")] == [0, 5, 9]


def test_typing_never_spends_what_an_answer_needs() -> None:
    stage = Stage(pace=Pace(private_calls_per_second=0.01))

    async def story(reply: Reply) -> None:
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

    async def story(reply: Reply) -> None:
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

    async def story(reply: Reply) -> None:
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

    async def story(reply: Reply) -> None:
        reply.show("раз")
        await stage.time.sleep(3)
        await reply.finish("раз два")

    play(stage, story)

    assert stage.telegram.texts == ["раз два"]
    assert len(stage.telegram.made("SendMessage")) == 1


def test_nothing_is_sent_after_the_end() -> None:
    stage = Stage()

    async def story(reply: Reply) -> None:
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

    async def story(reply: Reply) -> None:
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

    async def story(reply: Reply) -> None:
        reply.show("Половина ответа")
        await reply.stop()

    play(stage, story)

    assert stage.telegram.texts == ["Половина ответа\n\n(stopped)"]


def test_a_truncated_answer_is_marked_and_can_be_continued() -> None:
    stage = Stage()

    play(stage, lambda reply: reply.finish("Половина **отве", is_truncated=True))

    assert stage.telegram.texts == ["Половина отве\n\n(cut)"]
    assert buttons_of(stage.telegram.calls[-1]) == {"Continue ru": Act.CONTINUE, "Again ru": Act.AGAIN}


@pytest.mark.parametrize("ending", ["fail", "stop"])
def test_a_failed_or_stopped_answer_can_be_asked_for_again(ending: str) -> None:
    stage = Stage()

    async def story(reply: Reply) -> None:
        reply.show("Половина")
        await (reply.fail(Trouble()) if ending == "fail" else reply.stop())

    play(stage, story)

    assert buttons_of(stage.telegram.calls[-1]) == {"Again ru": Act.AGAIN}


def test_a_failure_may_keep_another_text_than_the_newest() -> None:
    stage = Stage()

    async def story(reply: Reply) -> None:
        reply.show("Новый отв")
        await reply.fail(Trouble(), kept=Piece("Старый ответ.", Ending.COMPLETE))

    play(stage, story)

    assert stage.telegram.texts == ["Старый ответ.\n\nTrouble in ru"]
    assert buttons_of(stage.telegram.calls[-1]) == {"Again ru": Act.AGAIN}


def test_a_truncated_answer_that_is_put_back_can_still_be_continued() -> None:
    stage = Stage()

    play(stage, lambda reply: reply.fail(Trouble(), kept=Piece("Половина", Ending.TRUNCATED)))

    assert stage.telegram.texts == ["Половина\n\nTrouble in ru"]
    assert buttons_of(stage.telegram.calls[-1]) == {"Continue ru": Act.CONTINUE, "Again ru": Act.AGAIN}


def test_a_failure_may_offer_ways_out_above_the_other_buttons() -> None:
    stage = Stage()
    ways = ((Button("This way", "see:1:observer"),), (Button("That way", "see:1:painter"),))

    play(stage, lambda reply: reply.fail(Trouble(), offers=ways))

    rows = stage.telegram.calls[-1].params["reply_markup"]["inline_keyboard"]
    assert [[button["text"] for button in row] for row in rows] == [["This way"], ["That way"], ["Again ru"]]


@pytest.mark.parametrize("text", ["", "  \n", "\u200b"])
def test_an_answer_without_text_gets_a_sentence(text: str) -> None:
    stage = Stage()

    play(stage, lambda reply: reply.finish(text))

    assert stage.telegram.texts == ["(nothing)"]


def test_leaving_without_an_end_sends_nothing_more() -> None:
    stage = Stage()

    async def story(reply: Reply) -> None:
        reply.show("раз")
        await stage.time.sleep(2)
        reply.show("раз два")

    play(stage, story)

    assert stage.telegram.history == ["раз"]


def test_an_interrupted_reply_goes_on_in_the_same_messages() -> None:
    stage = Stage()

    async def crash(reply: Reply) -> None:
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

    async def story(reply: Reply) -> None:
        finished.append(reply.earlier_answer is not None)
        await reply.finish("ответ")

    play(stage, story)
    play(stage, story)
    play(stage, story, reply_id="another")

    assert finished == [False, True, False]
    assert stage.telegram.texts == ["ответ", "ответ"]


def test_a_cancelled_end_does_not_swallow_the_cancellation() -> None:
    stage = Stage(latency_s=5)

    async def story(reply: Reply) -> None:
        ending = asyncio.create_task(reply.finish("ответ"))
        await stage.time.sleep(1)
        ending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ending

    play(stage, story)

    assert stage.telegram.history == []


def test_a_frame_that_cannot_be_rendered_does_not_stop_the_end() -> None:
    stage = Stage()

    class Brittle(EntityComposer):
        def compose(self, text: str, *, is_final: bool = True, **more: Any) -> Sequence[Rendered]:
            if not is_final:
                raise ValueError(text)
            return super().compose(text, is_final=is_final, **more)

    async def story(reply: Reply) -> None:
        reply._screen._ways._entities = reply._screen._ways._composer = Brittle()
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

    async def story(reply: Reply) -> None:
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
