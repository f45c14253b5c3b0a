"""Answers that come later: ordered once, delivered as replies, listed and cancelled by /queue."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from bot.presses import Act, Press, tag_of
from bot.sandbox.models.faults import Fail, Filter, Lose, Refuse, Take, Truncate
from bot.sandbox.models.operations import Operation
from bot.sandbox.telegram.world import Chat, Fault
from bot.texts import ENGLISH, RUSSIAN
from tests.tools.house import ANNA, BORIS, FORUM, GROUP, OWNER, TOPIC, House, open_house
from tests.tools.pressing import data_of, press, presses, told
from tests.tools.street import a_street

SMALL, SUPER = -77, -1077


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    """A bot whose default prompt answers later."""
    async with open_house(redis_url, default="essayist") as one:
        yield one
        one.judge()


async def ordered(
    house: House, text: str, chat_id: int = ANNA, user_id: int = ANNA, **more: Any
) -> dict[str, Any]:
    """Ask, wait until the person knows that the answer comes later, and return the question."""
    orders, said = len(house.orders), len(house.world.bot_messages(chat_id))
    asked = house.world.say(chat_id, user_id, text, **more)
    await house.until(lambda: len(house.world.bot_messages(chat_id)) > said)
    assert house.world.text_of_last_bot_message(chat_id) in {ENGLISH.comes_later, RUSSIAN.comes_later}
    assert len(house.orders) == orders + 1
    return asked


async def concluded(house: House, count: int = 1) -> None:
    await house.until(lambda: len(house.notebook.traces) >= count)


def is_ready(house: House, order: Operation) -> None:
    """Let an order that never ended by itself be ready now."""
    order.ready_at = house.models.clock()


def replied_to(message: dict[str, Any]) -> int:
    return int(message["reply_to_message"]["message_id"])


async def test_the_answer_comes_later_as_a_reply_to_the_question(house: House) -> None:
    asked = await ordered(house, "200 words")

    await concluded(house)

    accepted, answer = house.world.bot_messages(ANNA)
    (trace,) = house.notebook.traces
    assert replied_to(accepted) == replied_to(answer) == asked["message_id"]
    assert answer["text"] == trace.answer.strip()
    assert len(answer["text"].split()) >= 200
    assert data_of(answer, Act.AGAIN)
    assert (trace.outcome, trace.is_late) == ("complete", True)
    assert len(house.orders) == 1


async def test_the_conversation_goes_on_meanwhile_and_each_answer_finds_its_question(house: House) -> None:
    house.models.fail_next(Take(), method="completionAsync")
    asked = await ordered(house, "remember green")
    await house.hears("/prompts assistant")
    at_once = await house.asks("hello")
    assert not at_once.is_late

    is_ready(house, house.orders[0])
    await concluded(house, 2)

    late = house.notebook.traces[-1]
    answer = house.world.bot_messages(ANNA)[-1]
    assert (late.is_late, replied_to(answer)) == (True, asked["message_id"])
    await house.hears("/prompts essayist")
    await ordered(house, "which colour?")
    assert "remember green" in [message["text"] for message in house.bodies()[-1]["messages"]]


async def test_only_the_newest_question_is_given_again(house: House) -> None:
    house.models.fail_next(Take(), method="completionAsync")
    await ordered(house, "first")
    await house.hears("/prompts assistant")
    await house.asks("second")
    is_ready(house, house.orders[0])
    await concluded(house, 2)
    late = house.world.bot_messages(ANNA)[-1]

    assert await told(house, press(house, Act.AGAIN, message=late)) == ENGLISH.only_newest


async def test_several_come_in_whatever_order_they_are_ready(house: House) -> None:
    house.models.fail_next(Take(), method="completionAsync")
    first = await ordered(house, "first 100 words")
    second = await ordered(house, "second 100 words")
    await concluded(house)

    is_ready(house, house.orders[0])
    await concluded(house, 2)

    answers = house.world.bot_messages(ANNA)[2:]
    assert [replied_to(answer) for answer in answers] == [second["message_id"], first["message_id"]]


async def test_again_orders_again_and_the_new_answer_stands_in_place_of_the_old(house: House) -> None:
    house.models.fail_next(Truncate(30), method="completionAsync")
    asked = await ordered(house, "200 words")
    await concluded(house)
    old = house.world.bot_messages(ANNA)[-1]

    await presses(house, Act.AGAIN)

    assert len(house.orders) == 2
    left = house.world.bot_messages(ANNA)
    assert old["message_id"] not in [message["message_id"] for message in left]
    assert replied_to(left[-1]) == asked["message_id"]
    assert left[-1]["text"] == house.notebook.traces[-1].answer.strip()
    history = [message["text"] for message in house.bodies()[-1]["messages"]]
    assert history.count("200 words") == 1


async def test_what_was_cut_is_continued_later_too(house: House) -> None:
    house.models.fail_next(Truncate(30), method="completionAsync")
    await ordered(house, "200 words")
    await concluded(house)
    cut = house.world.bot_messages(ANNA)[-1]

    await presses(house, Act.CONTINUE)

    assert replied_to(house.world.bot_messages(ANNA)[-1]) == cut["message_id"]
    assert house.bodies()[-1]["messages"][-1]["text"] == ENGLISH.go_on


async def test_a_changed_question_cancels_its_order_and_is_ordered_anew(house: House) -> None:
    house.models.fail_next(Take(), method="completionAsync")
    asked = await ordered(house, "what is tee?")

    house.world.edit(ANNA, asked["message_id"], "what is tea?")
    await concluded(house)

    first, second = house.orders
    assert (first.is_cancelled, second.is_cancelled) == (True, False)
    assert [trace.ask.question for trace in house.notebook.traces] == ["what is tea?"]
    answer = house.world.bot_messages(ANNA)[-1]
    assert replied_to(answer) == asked["message_id"]
    assert "what is tea?" in answer["text"]
    assert ENGLISH.queue_empty == await house.hears("/queue")


async def test_a_change_that_changes_nothing_orders_nothing(house: House) -> None:
    asked = await ordered(house, "see example.org")

    house.world.edit(ANNA, asked["message_id"], "see example.org")
    await concluded(house)

    assert len(house.orders) == 1


async def test_a_question_changed_after_its_answer_came_is_ordered_anew(house: House) -> None:
    asked = await ordered(house, "what is tee?")
    await concluded(house)

    house.world.edit(ANNA, asked["message_id"], "what is tea?")
    await concluded(house, 2)

    (answer,) = (message for message in house.world.bot_messages(ANNA) if data_of(message, Act.AGAIN))
    assert "what is tea?" in answer["text"]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Filter(), ENGLISH.failures.filtered),
        (Fail(13, "internal error"), ENGLISH.failures.overloaded),
        (Lose(), ENGLISH.failures.operation_lost),
        (Refuse(403, "no role"), ENGLISH.failures.denied),
        (Refuse(500, "broken"), ENGLISH.failures.overloaded),
    ],
    ids=["filtered", "failed", "lost", "denied", "broken"],
)
async def test_failures_are_spoken_as_replies_and_leave_no_trace(
    house: House,
    fault: Filter | Fail | Lose | Refuse,
    sentence: str,
) -> None:
    house.models.fail_next(fault, method="completionAsync")
    asked = house.world.say(ANNA, ANNA, "hello")

    await concluded(house)

    answer = house.world.bot_messages(ANNA)[-1]
    assert (answer["text"], replied_to(answer)) == (f"⚠️ {sentence}", asked["message_id"])
    assert len([request for request in house.models.requests if request.method == "completionAsync"]) == 1
    house.models.recover()
    await presses(house, Act.AGAIN)
    assert house.notebook.traces[-1].outcome == "complete"
    assert house.notebook.traces[-1].ask.history == ()


async def test_an_order_that_is_turned_away_is_sent_again(house: House) -> None:
    house.models.fail_next(Refuse(429, "quota"), 2, method="completionAsync")

    await ordered(house, "hello")

    assert [body["messages"][-1]["text"] for body in house.bodies()] == ["hello"] * 3
    await concluded(house)
    assert house.notebook.traces[0].outcome == "complete"


async def test_looks_that_fail_are_survived(house: House) -> None:
    house.models.fail_next(Refuse(503), 3, method="operations")

    await ordered(house, "hello")
    await concluded(house)

    assert house.notebook.traces[0].outcome == "complete"


async def test_nobody_waits_for_ever(redis_url: str) -> None:
    hasty = {"later_timeout_h": 0.5 / 3600}
    async with open_house(redis_url, default="essayist", yandex=hasty) as house:
        house.models.fail_next(Take(), method="completionAsync")
        await ordered(house, "hello")

        await concluded(house)

        assert house.world.text_of_last_bot_message(ANNA) == f"⚠️ {ENGLISH.failures.operation_slow}"


async def test_the_queue_shows_what_is_on_its_way_and_cancels_it(house: House) -> None:
    house.models.fail_always(Take(), method="completionAsync")
    await ordered(house, "why do people collect things, and what does it tell of them? " * 3)
    await ordered(house, "second")

    text = await house.hears("/queue")

    head, first, second = text.splitlines()
    assert head == ENGLISH.queue
    assert first.startswith("1. why do people collect things")
    assert first.endswith(f"… (Essayist, {ENGLISH.just_now})")
    assert second == f"2. second (Essayist, {ENGLISH.just_now})"
    (upper,), _ = house.world.bot_messages(ANNA)[-1]["reply_markup"]["inline_keyboard"]
    message_id = house.world.bot_messages(ANNA)[-1]["message_id"]
    query = house.world.press(ANNA, ANNA, message_id, upper["callback_data"])
    assert await told(house, query) == ENGLISH.order_cancelled
    await house.until(lambda: house.orders[0].is_cancelled)
    listed = house.world.text_of_last_bot_message(ANNA)
    assert listed == f"{ENGLISH.queue}\n1. second (Essayist, {ENGLISH.just_now})"
    query = house.world.press(ANNA, ANNA, message_id, upper["callback_data"], is_forged=True)
    assert await told(house, query) == ENGLISH.order_too_late
    assert not house.orders[1].is_cancelled
    assert house.notebook.traces == []


async def test_in_a_group_one_sees_and_cancels_ones_own_and_owners_all(house: House) -> None:
    house.models.fail_always(Take(), method="completionAsync")
    await ordered(house, "/ask of Anna", GROUP, ANNA)
    await ordered(house, "/ask of Boris", GROUP, BORIS)

    assert "of Boris" not in await house.hears("/queue", GROUP, ANNA)
    mine = house.world.bot_messages(GROUP)[-1]
    ((button,),) = mine["reply_markup"]["inline_keyboard"]
    query = house.world.press(GROUP, BORIS, mine["message_id"], button["callback_data"])
    assert await told(house, query) == RUSSIAN.not_yours
    assert "of Anna" in (of_all := await house.hears("/queue", GROUP, OWNER))
    assert "of Boris" in of_all
    query = house.world.press(GROUP, OWNER, mine["message_id"], button["callback_data"])
    assert await told(house, query) == RUSSIAN.order_cancelled
    await house.until(lambda: house.orders[0].is_cancelled)
    assert not house.orders[1].is_cancelled


async def test_an_unknown_button_of_the_queue_says_so(house: House) -> None:
    await house.hears("/queue")
    message_id = house.world.bot_messages(ANNA)[-1]["message_id"]

    data = Press(Act.CANCEL, ANNA, tag_of("unknown")).data
    query = house.world.press(ANNA, ANNA, message_id, data, is_forged=True)

    assert await told(house, query) == ENGLISH.order_too_late


async def test_a_long_queue_is_shown_in_part(house: House) -> None:
    house.models.fail_always(Take(), method="completionAsync")
    for number in range(22):
        await ordered(house, f"question {number}")

    text = await house.hears("/queue")

    assert text.splitlines()[-1] == ENGLISH.queue_more.format(count=2)
    assert len(house.world.bot_messages(ANNA)[-1]["reply_markup"]["inline_keyboard"]) == 20


async def test_who_has_too_many_on_their_way_reads_so(redis_url: str) -> None:
    few = {"most_orders_per_person": 1}
    async with open_house(redis_url, default="essayist", conversations=few) as house:
        house.models.fail_always(Take(), method="completionAsync")
        await ordered(house, "first")

        assert await house.hears("second") == ENGLISH.too_many_orders

        assert len(house.orders) == 1


async def test_each_topic_has_a_queue_of_its_own(house: House) -> None:
    house.models.later_s = 2
    await ordered(house, "/ask green", FORUM, ANNA, topic_id=TOPIC)

    assert await house.hears("/queue", FORUM, ANNA) == ENGLISH.queue_empty

    await concluded(house)
    answer = house.world.bot_messages(FORUM)[-1]
    assert answer["message_thread_id"] == TOPIC


async def test_after_new_the_answer_comes_and_is_not_remembered(house: House) -> None:
    house.models.later_s = 1
    await ordered(house, "remember the teapot")
    await house.hears("/new")

    await concluded(house)

    assert data_of(house.world.bot_messages(ANNA)[-1], Act.AGAIN)
    await ordered(house, "what was it?")
    assert "remember the teapot" not in [message["text"] for message in house.bodies()[-1]["messages"]]


async def test_a_group_that_becomes_a_supergroup_gets_its_answer_there(house: House) -> None:
    house.models.later_s = 1.5
    house.world.add_chat(Chat(SMALL, "group", title="Small", members={ANNA, BORIS}))
    await ordered(house, "/ask remember green", SMALL, ANNA)

    house.world.upgrade_to_supergroup(SMALL, SUPER)
    await concluded(house)

    assert "remember green" in house.world.text_of_last_bot_message(SUPER)
    await ordered(house, "/ask which colour?", SUPER, ANNA)
    assert "Anna: remember green" in [message["text"] for message in house.bodies()[-1]["messages"]]


async def test_a_chat_that_is_gone_is_given_up(house: House) -> None:
    house.models.later_s = 1
    await ordered(house, "hello")
    house.world.block(ANNA)
    await house.until(lambda: house.orders[0].looks > 1)

    house.models.later_s = 0
    await ordered(house, "hello", BORIS, BORIS)
    await concluded(house)

    assert [trace.person.user_id for trace in house.notebook.traces] == [BORIS]


async def test_a_flooded_chat_gets_its_answer_when_the_silence_is_over(house: House) -> None:
    await ordered(house, "hello")
    house.world.faults.add(Fault.flood(2), "sendMessage")

    await concluded(house)

    assert data_of(house.world.bot_messages(ANNA)[-1], Act.AGAIN)


async def test_two_replicas_deliver_it_once(redis_url: str) -> None:
    async with a_street(redis_url) as street, AsyncExitStack() as replicas:
        house = street.house
        house.models.later_s = 1
        for _ in range(2):
            await replicas.enter_async_context(street.replica(prompts={"default": "essayist"}))
        for number in range(6):
            house.world.say(ANNA if number % 2 else BORIS, ANNA if number % 2 else BORIS, f"{number} words")
            await house.until(lambda number=number: len(house.orders) == number + 1)  # type: ignore[misc]

        await concluded(house, 6)

        assert len(house.orders) == 6
        answers = [
            message
            for chat_id in (ANNA, BORIS)
            for message in house.world.bot_messages(chat_id)
            if data_of(message, Act.AGAIN)
        ]
        assert len(answers) == len({replied_to(answer) for answer in answers}) == 6
