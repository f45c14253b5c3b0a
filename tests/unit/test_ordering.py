"""Ordering an answer that comes later: once, whatever happens meanwhile."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.errors import (
    AccessDenied,
    BlindModel,
    ConfigError,
    ConnectionCut,
    DeliveryTimeout,
    OrderInDoubt,
    QuotaExceeded,
    StoreError,
)
from bot.orders import Begun, Order, Standing
from bot.question import Question
from bot.texts import ENGLISH
from bot.types import ConversationKey, Ending, Piece, Place
from tests.tools.late_room import ANNA, HERE, PROMPT, LateRoom, a_question, failing_once
from tests.tools.later import ScriptedLater
from tests.tools.orders import MemoryOrders, Shelf


@pytest.fixture
def room(redis: Redis, tmp_path: Path) -> LateRoom:
    return LateRoom(redis, tmp_path)


async def test_a_question_is_ordered_and_the_person_reads_at_once_that_the_answer_comes_later(
    room: LateRoom,
) -> None:
    asked = await room.ask()

    (ask,) = room.model.asks
    assert (ask.question, ask.system, ask.model.name) == ("Who?", "Repeat after Anna.", "yandexgpt-lite")
    (told,) = room.replies.accepted
    assert (told.place.reply_to, told.text, told.manner.is_bare) == (1, ENGLISH.comes_later, True)
    order = await room.known(asked.id)
    assert (order.standing, order.operation_id, order.is_told) == (Standing.PLACED, "d7q1", True)
    assert order.deadline == order.asked_at + 3600
    assert (room.parrot.asks, room.replies.opened, room.notebook.traces) == ([], {}, [])


async def test_the_model_reads_what_was_said_before(room: LateRoom) -> None:
    await room.ask()
    await room.attend()

    await room.ask(a_question(2, "And now?"))

    assert [(turn.question, turn.answer) for turn in room.model.asks[-1].history] == [("Who?", "Polly")]


async def test_the_same_question_handled_again_is_not_ordered_again(room: LateRoom) -> None:
    for _ in range(2):
        await room.ask()

    assert room.model.taken == 1
    assert room.acceptances == [ENGLISH.comes_later]


async def test_nor_is_it_when_it_has_been_answered_meanwhile(room: LateRoom) -> None:
    await room.ask()
    await room.attend()

    await room.ask()

    assert room.model.taken == 1
    assert room.acceptances == [ENGLISH.comes_later]


async def test_who_was_not_told_before_a_crash_is_told_after_it(room: LateRoom) -> None:
    room.replies.acceptance_trouble = DeliveryTimeout("flood")
    with pytest.raises(DeliveryTimeout):
        await room.ask()
    room.replies.acceptance_trouble = None

    await room.ask()

    assert (room.model.taken, room.acceptances) == (1, [ENGLISH.comes_later])


async def test_who_was_told_just_before_a_crash_is_not_told_twice(room: LateRoom) -> None:
    room.orders.told = failing_once(room.orders.told, StoreError("away"))  # type: ignore[method-assign, assignment]
    with pytest.raises(StoreError):
        await room.ask()

    await room.ask()

    assert (room.model.taken, room.acceptances) == (1, [ENGLISH.comes_later])


async def test_of_an_order_that_was_begun_before_a_crash_nobody_knows_and_it_is_not_repeated(
    redis: Redis, tmp_path: Path
) -> None:
    room = LateRoom(redis, tmp_path)
    await room.orders.begin(_order(room))

    for _ in range(2):
        await room.ask()

    (reply,) = room.replies.opened.values()
    assert isinstance(reply.error, OrderInDoubt)
    assert (reply.place.reply_to, room.model.asks) == (1, [])
    assert [trace.outcome for trace in room.notebook.traces] == ["OrderInDoubt"]
    assert (await room.newest()).answer == ""


def _order(room: LateRoom) -> Order:
    return Order(a_question(), "parrot", "yandexgpt-lite", room.clock(), room.clock() + 3600, HERE.chat_id)


@pytest.mark.parametrize("error", [QuotaExceeded("429", was_unheard=True), ConnectionCut("cut")])
async def test_an_order_that_failed_is_told_as_a_reply_and_not_repeated(
    redis: Redis, tmp_path: Path, error: QuotaExceeded | ConnectionCut
) -> None:
    room = LateRoom(redis, tmp_path, ScriptedLater(refusals=[error]))

    for _ in range(2):
        asked = await room.ask()

    assert (room.replies.opened[asked.id].error, len(room.model.asks)) == (error, 1)
    assert room.acceptances == []
    assert (await room.newest()).turn_id == asked.id
    assert await room.remembered() == []


async def test_a_refusal_that_could_not_be_told_leaves_no_doubt(redis: Redis, tmp_path: Path) -> None:
    room = LateRoom(redis, tmp_path, ScriptedLater(refusals=[AccessDenied("403")]))
    room.replies.trouble = DeliveryTimeout("flood")
    with pytest.raises(DeliveryTimeout):
        await room.ask()
    room.replies.trouble = None

    await room.ask()

    assert (len(room.model.asks), room.acceptances) == (2, [ENGLISH.comes_later])


async def test_a_refusal_that_was_told_is_the_end_of_it(redis: Redis, tmp_path: Path) -> None:
    room = LateRoom(redis, tmp_path, ScriptedLater(refusals=[QuotaExceeded("429", was_unheard=True)]))
    room.orders.end = failing_once(room.orders.end, StoreError("away"))  # type: ignore[method-assign, assignment]
    with pytest.raises(StoreError):
        await room.ask()

    await room.ask()

    assert (len(room.model.asks), room.acceptances) == (1, [])


async def test_an_order_is_gone_on_with_whatever_prompt_is_in_use_by_then(room: LateRoom) -> None:
    room.replies.acceptance_trouble = DeliveryTimeout("flood")
    with pytest.raises(DeliveryTimeout):
        await room.ask()
    room.replies.acceptance_trouble = None
    (room.folder / "parrot.yaml").write_text(PROMPT.replace("async", "sync"), "utf-8")

    await room.ask()

    assert (room.model.taken, room.acceptances, room.parrot.asks) == (1, [ENGLISH.comes_later], [])


async def test_the_failed_order_is_tried_again_by_its_button(redis: Redis, tmp_path: Path) -> None:
    room = LateRoom(redis, tmp_path, ScriptedLater(refusals=[ConnectionCut("cut")]))
    await room.ask()

    await room.ask(Question.again(await room.newest(), Place(HERE), reply_id="press:1"))

    assert await room.attend() is None
    assert room.replies.opened["press:1"].manner.replaces == (1,)
    assert await room.remembered() == [("Who?", "Polly")]


async def test_redis_away_before_the_order_leaves_nothing_to_doubt(room: LateRoom) -> None:
    room.history.load = failing_once(room.history.load, StoreError("away"))  # type: ignore[method-assign, assignment]
    with pytest.raises(StoreError):
        await room.ask()

    await room.ask()

    assert (room.model.taken, room.acceptances) == (1, [ENGLISH.comes_later])


async def test_redis_away_after_the_order_is_waited_for(room: LateRoom) -> None:
    room.orders.place = failing_once(room.orders.place, StoreError("away"))  # type: ignore[method-assign, assignment]

    asked = await room.ask()

    assert (await room.known(asked.id)).operation_id == "d7q1"


async def test_redis_away_for_long_leaves_a_doubt(room: LateRoom) -> None:
    async def away(*_: object, **__: object) -> bool:
        raise StoreError("away")

    place, room.orders.place = room.orders.place, away  # type: ignore[method-assign]
    with pytest.raises(StoreError):
        await room.ask()
    room.orders.place = place  # type: ignore[method-assign]

    await room.ask()

    assert sum(room.clock.slept) > 30
    assert [trace.outcome for trace in room.notebook.traces] == ["OrderInDoubt"]
    assert room.model.taken == 1


async def test_a_turn_that_is_broken_off_lets_an_order_under_way_arrive(redis: Redis, tmp_path: Path) -> None:
    on_its_way, arrives = asyncio.Event(), asyncio.Event()

    async def travel() -> None:
        on_its_way.set()
        await arrives.wait()

    room = LateRoom(redis, tmp_path, ScriptedLater(when_ordered=travel))
    turn = asyncio.create_task(room.ask())
    await on_its_way.wait()

    turn.cancel()
    await asyncio.sleep(0)
    arrives.set()

    with pytest.raises(asyncio.CancelledError):
        await turn
    assert (await room.known(a_question().id)).operation_id == "d7q1"


async def test_a_model_that_answers_at_once_only_does_so_and_the_operator_reads_why(room: LateRoom) -> None:
    (room.folder / "parrot.yaml").write_text(PROMPT.replace("model: yandexgpt-lite\n", ""), "utf-8")
    room.conversations._stage = replace(room.conversations._stage, default_model="deepseek-v4-flash")
    room.parrot.pieces = (Piece("Polly", Ending.COMPLETE),)

    with capture_logs() as logs:
        asked = await room.ask()

    assert room.replies.opened[asked.id].text == "Polly"
    assert (room.model.asks, room.acceptances) == ([], [])
    assert "this model answers at once only" in [line["event"] for line in logs]


async def test_a_question_about_pictures_is_told_that_it_cannot_be(room: LateRoom) -> None:
    asked = await room.ask(a_question(photos=("photo",)))

    assert isinstance(room.replies.opened[asked.id].error, BlindModel)
    assert room.model.asks == []


async def test_a_prompt_that_cannot_be_rendered_is_told(room: LateRoom) -> None:
    async def broken(*_: object) -> None:
        raise ConfigError

    room.conversations._compose = broken  # type: ignore[method-assign, assignment]

    asked = await room.ask()

    assert isinstance(room.replies.opened[asked.id].error, ConfigError)
    await room.ask()
    assert room.replies.opened[asked.id].error is None


async def test_who_has_too_many_reads_so(redis: Redis, tmp_path: Path) -> None:
    def few(shelf: Shelf) -> MemoryOrders:
        return MemoryOrders(shelf, most_of_person=1)

    room = LateRoom(redis, tmp_path, orders=few)
    await room.ask(a_question(1))

    await room.ask(a_question(2))

    assert (room.acceptances, room.notices.texts) == ([ENGLISH.comes_later], [ENGLISH.too_many_orders])
    assert room.model.taken == 1


async def test_what_another_attempt_has_begun_at_this_moment_is_gone_on_with(room: LateRoom) -> None:
    begin = room.orders.begin

    async def overtaken(order: Order, *, instead_of: str = "") -> Begun:
        await begin(order)
        await room.orders.place(order, "theirs", look_in_s=9)
        return await begin(order, instead_of=instead_of)

    room.orders.begin = overtaken  # type: ignore[method-assign]

    await room.ask()

    assert (room.model.asks, room.acceptances) == ([], [ENGLISH.comes_later])


async def test_what_was_given_up_while_it_was_sent_is_told_by_whoever_gave_it_up(room: LateRoom) -> None:
    asked = a_question()

    async def give_up() -> None:
        await room.orders.end(asked.id)

    room.model._when_ordered = give_up

    await room.ask(asked)

    assert room.acceptances == []
    assert await room.orders.find(asked.id) is None


async def test_a_button_pressed_twice_orders_once(room: LateRoom) -> None:
    await room.ask()
    await room.attend()
    newest = await room.newest()

    for press in ("press:1", "press:2"):
        await room.ask(Question.again(newest, Place(HERE), reply_id=press))

    assert room.model.taken == 2
    assert room.acceptances == [ENGLISH.comes_later] * 3


async def test_the_rest_of_an_answer_is_ordered_once_too(room: LateRoom) -> None:
    for press in ("press:1", "press:2"):
        place = Place(HERE, below=7)
        await room.ask(Question(press, "Go on.", ANNA, place, prompt="parrot", is_continuation=True))

    assert room.model.taken == 1
    assert [told.place.reply_to for told in room.replies.accepted] == [7, 7]


async def test_the_same_words_asked_anew_are_another_question(room: LateRoom) -> None:
    for number in (1, 2):
        await room.ask(a_question(number))

    assert room.model.taken == 2


async def test_a_changed_question_takes_the_place_of_the_order(room: LateRoom) -> None:
    asked = await room.ask(a_question(1))
    question = await room.conversations.asked_in(Place(HERE), 1, reply_id="changed", chat_title="")
    assert question is not None

    await room.ask(question.changed(replace(question.said[0], text="What?")))

    assert [ask.question for ask in room.model.asks] == ["Who?", "What?"]
    assert (await room.known(asked.id)).standing is Standing.CANCELLED
    assert [order.id for order in await room.orders.pending(HERE)] == ["changed"]


async def test_if_its_prompt_answers_at_once_now_the_order_is_cancelled_all_the_same(room: LateRoom) -> None:
    asked = await room.ask(a_question(1))
    question = await room.conversations.asked_in(Place(HERE), 1, reply_id="changed", chat_title="")
    assert question is not None
    (room.folder / "parrot.yaml").write_text(PROMPT.replace("async", "sync"), "utf-8")
    room.parrot.pieces = (Piece("Polly", Ending.COMPLETE),)

    await room.ask(question)

    assert (await room.known(asked.id)).standing is Standing.CANCELLED
    assert room.replies.opened["changed"].text == "Polly"


async def test_a_change_that_was_being_ordered_when_the_bot_died_is_gone_on_with(room: LateRoom) -> None:
    assert not await room.conversations.go_on("changed")
    await room.orders.begin(replace(_order(room), question=a_question(1, id="changed")))

    assert await room.conversations.go_on("changed")

    assert isinstance(room.replies.opened["changed"].error, OrderInDoubt)


async def test_other_conversations_have_orders_of_their_own(room: LateRoom) -> None:
    await room.ask(a_question(1))

    elsewhere = Place(ConversationKey(42, 2))

    assert await room.conversations.asked_in(elsewhere, 1, reply_id="x", chat_title="") is None
