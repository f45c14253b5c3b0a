"""From the order to the reply: what one look does, and what becomes of the answer."""

from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.errors import (
    BackendError,
    BackendTimeout,
    ChatGone,
    ContentFiltered,
    OperationLost,
    Overloaded,
    Rejected,
    StoreError,
    WaitedFor,
)
from bot.late_answers import Rhythm
from bot.orders import Order
from bot.question import Question
from bot.running import Growing
from bot.types import ConversationKey, Ending, Exchange, Piece, Place, Transport, Turn, Usage, Window, Work
from tests.tools.late_room import ANNA, DIALOGUE, HERE, LateRoom, a_question, failing_once
from tests.tools.later import ANSWER, ScriptedLater

AWAY = Overloaded("away")
WINDOW = Window(4000)


def a_room(redis: Redis, folder: Path, *outcomes: Piece | BackendError | None) -> LateRoom:
    return LateRoom(redis, folder, ScriptedLater(*outcomes))


async def test_the_answer_is_a_reply_to_the_question_and_is_remembered(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path, None, None, ANSWER)
    asked = await room.ask()

    pauses = [await room.attend() for _ in range(2)]
    assert pauses == [10, 10]
    assert await room.attend(after_s=99) is None

    reply = room.replies.opened[asked.id]
    assert (reply.ending, reply.text, reply.is_truncated, reply.place.reply_to) == (
        "finished",
        "Polly",
        False,
        1,
    )
    assert reply.manner.transport is Transport.EDIT
    assert await room.remembered() == [("Who?", "Polly")]
    newest = await room.newest()
    assert (newest.turn_id, newest.message_ids, newest.remembered_id) == (asked.id, (1,), asked.id)
    assert await room.orders.find(asked.id) is None
    assert room.model.looks == ["d7q1"] * 3


async def test_it_is_told_to_whoever_watches_and_booked_once(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    asked = await room.ask()

    await room.attend(after_s=99)

    (trace,) = room.notebook.traces
    assert (trace.outcome, trace.answer, trace.is_late, trace.total_s) == ("complete", "Polly", True, 100)
    assert (trace.usage, trace.model_version, trace.ask.question) == (Usage(3, 2), "v1", "Who?")
    (expense,) = room.accounts.expenses.values()
    assert (expense.person, expense.prompt, expense.work) == (ANNA, "parrot", Work.TEXT_LATER)
    assert (expense.usage, expense.model.label) == (Usage(3, 2), "yandexgpt-5-lite")
    assert list(room.accounts.expenses) == [f"later:{asked.id}"]


async def test_an_answer_cut_by_its_limit_can_be_continued(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path, Piece("Pol", Ending.TRUNCATED))
    asked = await room.ask()

    await room.attend()

    assert room.replies.opened[asked.id].is_truncated
    assert (await room.newest()).is_truncated
    assert room.accounts.expenses == {}


async def test_silence_is_delivered_and_not_remembered(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path, Piece("", Ending.COMPLETE))
    asked = await room.ask()

    await room.attend()

    assert room.replies.opened[asked.id].ending == "finished"
    assert await room.remembered() == []


@pytest.mark.parametrize("error", [ContentFiltered("no"), OperationLost("gone"), Rejected("tool")])
async def test_what_will_never_be_an_answer_is_told_as_a_reply(
    redis: Redis, tmp_path: Path, error: BackendError
) -> None:
    room = a_room(redis, tmp_path, error)
    asked = await room.ask()

    assert await room.attend() is None

    reply = room.replies.opened[asked.id]
    assert (reply.ending, reply.error, reply.place.reply_to) == ("failed", error, 1)
    assert await room.remembered() == []
    assert (await room.newest()).answer == ""
    assert [trace.outcome for trace in room.notebook.traces] == [type(error).__name__]
    assert await room.orders.find(asked.id) is None


async def test_looks_that_fail_are_repeated_and_told_to_the_operator_once(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path, AWAY, AWAY, None, ANSWER)
    await room.ask()

    with capture_logs() as logs:
        for _ in range(3):
            order = await room.take(60)
            pause_s = await room.answers.attend(order)
            assert pause_s == 10
            await room.orders.release(order, look_in_s=0)
        await room.attend()

    told = [line["event"] for line in logs if line["event"].startswith("orders")]
    assert told == ["orders cannot be looked at", "orders are seen"]
    assert await room.remembered() == [("Who?", "Polly")]


@pytest.mark.parametrize("outcome", [None, AWAY])
async def test_nobody_waits_for_ever(redis: Redis, tmp_path: Path, outcome: BackendError | None) -> None:
    room = a_room(redis, tmp_path, outcome)
    asked = await room.ask()

    assert await room.attend(after_s=3599) is None

    error = room.replies.opened[asked.id].error
    assert isinstance(error, BackendTimeout)
    assert (error.waited_for, error.limit_s) == (WaitedFor.OPERATION, 3600)


async def test_what_is_ready_at_the_last_moment_is_delivered(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    asked = await room.ask()

    await room.attend(after_s=9999)

    assert room.replies.opened[asked.id].text == "Polly"


def test_looks_become_more_and_more_seldom() -> None:
    rhythm = Rhythm(first_s=10)

    assert [round(rhythm.pause_s(looks)) for looks in (0, 1, 2, 5, 1_000_000)] == [10, 15, 22, 60, 60]
    assert Rhythm(first_s=90).pause_s(7) == 90


async def test_a_cancelled_order_is_cancelled_at_the_service_and_says_no_more(
    redis: Redis, tmp_path: Path
) -> None:
    room = a_room(redis, tmp_path)
    asked = await room.ask()
    await room.orders.cancel(asked.id)

    assert await room.attend() is None

    assert (room.model.cancelled, room.model.looks) == (["d7q1"], [])
    assert room.replies.opened == {}
    assert await room.orders.find(asked.id) is None


@pytest.mark.parametrize(("error", "attempts"), [(AWAY, 5), (Rejected("no such operation"), 1)])
async def test_a_service_that_does_not_hear_a_cancellation_is_not_asked_for_ever(
    redis: Redis, tmp_path: Path, error: BackendError, attempts: int
) -> None:
    room = a_room(redis, tmp_path)
    room.model.cancel_errors = [error] * 9
    asked = await room.ask()
    await room.orders.cancel(asked.id)

    for looks in range(attempts):
        order = replace(await room.take(60), looks=looks)
        is_over = await room.answers.attend(order) is None
        assert is_over == (looks == attempts - 1)

    assert len(room.model.cancelled) == attempts
    assert await room.orders.find(asked.id) is None


async def test_what_is_cancelled_while_it_is_looked_at_is_not_delivered(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    asked = await room.ask()
    order = await room.take()
    await room.orders.cancel(asked.id)

    assert await room.answers.attend(order) == 0

    assert room.replies.opened == {}


async def test_an_answer_waits_until_another_one_in_its_conversation_has_grown(
    redis: Redis, tmp_path: Path
) -> None:
    room = a_room(redis, tmp_path)
    asked = await room.ask()
    async with room.running.stoppable(HERE, Growing(ANNA.user_id, 7)):
        assert await room.attend() == 2
    assert room.replies.opened == {}

    await room.attend()

    assert room.replies.opened[asked.id].text == "Polly"
    assert room.model.looks == ["d7q1"]


async def test_and_until_another_late_one_is_delivered(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    for number in (1, 2):
        await room.ask(a_question(number))
    first, second = await room.take(), await room.take(0)
    await room.orders.occupy(first)

    assert await room.answers.attend(second) == 2
    await room.answers.attend(first)
    assert await room.answers.attend(await room.known(second.id)) is None

    assert list(room.replies.opened) == [first.id, second.id]


@pytest.mark.parametrize("step", ["booking", "occupying", "noting", "remembering", "keeping", "ending"])
async def test_redis_away_at_any_step_neither_loses_nor_doubles_anything(
    redis: Redis, tmp_path: Path, step: str
) -> None:
    room = a_room(redis, tmp_path)
    asked = await room.ask()
    owner, name = {
        "booking": (room.accounts, "book"),
        "occupying": (room.orders, "occupy"),
        "noting": (room.orders, "delivered"),
        "remembering": (room.history, "append"),
        "keeping": (room.exchanges, "keep"),
        "ending": (room.orders, "end"),
    }[step]
    setattr(owner, name, failing_once(getattr(owner, name), StoreError("away")))

    try:
        await room.attend()
    except StoreError:
        await room.answers.attend(await room.known(asked.id))

    assert [reply.ending for reply in room.replies.opened.values()] == ["finished"]
    assert await room.remembered() == [("Who?", "Polly")]
    assert (await room.newest()).turn_id == asked.id
    assert len(room.accounts.expenses) == 1
    assert room.model.looks == ["d7q1"]
    assert await room.orders.find(asked.id) is None


async def test_what_was_delivered_before_a_crash_is_only_remembered(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    asked = await room.ask()
    room.replies.ended[asked.id] = "Polly"

    await room.attend()

    assert room.replies.opened[asked.id].ending == ""
    assert await room.remembered() == [("Who?", "Polly")]


async def test_what_cannot_be_delivered_is_paid_for_and_not_remembered(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    await room.ask()
    room.replies.trouble = ChatGone("blocked")

    with pytest.raises(ChatGone):
        await room.attend()

    assert len(room.accounts.expenses) == 1
    assert await room.remembered() == []


async def test_a_late_answer_is_the_newest_turn_but_not_the_newest_question_if_others_came(
    redis: Redis, tmp_path: Path
) -> None:
    room = a_room(redis, tmp_path)
    asked = await room.ask()
    newer = replace(_exchange_of(asked), turn_id="newer", asked_at=room.clock() + 5)
    await room.exchanges.keep(HERE, newer)
    await room.history.append(DIALOGUE, Turn("newer", "Yes.", room.clock() + 5, 3), turn_id="newer")

    await room.attend()

    assert await room.remembered() == [("newer", "Yes."), ("Who?", "Polly")]
    assert (await room.newest()).turn_id == "newer"


def _exchange_of(question: Question) -> Exchange:
    return Exchange(question.id, "parrot", question.text, question.message_id, question.person, (9,), "Yes.")


async def test_nor_is_it_while_a_newer_one_is_on_its_way(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    for number in (1, 2):
        await room.ask(a_question(number))
    first, second = await room.take(), await room.take(0)

    await room.answers.attend(first)
    assert await room.exchanges.newest(HERE) is None
    await room.answers.attend(second)

    assert (await room.newest()).turn_id == second.id


async def test_it_does_not_fall_behind_a_silence(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    (tmp_path / "parrot.yaml").write_text(
        "system: Hi.\nmode: async\nmodel: yandexgpt-lite\nhistory: {idle_reset: 1h}\n", "utf-8"
    )
    await room.ask()
    await room.attend(after_s=7200)

    await room.ask(a_question(2, "And?"))

    assert [turn.answer for turn in room.model.asks[-1].history] == ["Polly"]


async def test_another_answer_replaces_the_earlier_one_in_messages_of_its_own(
    redis: Redis, tmp_path: Path
) -> None:
    room = a_room(redis, tmp_path, ANSWER, Piece("Parrot", Ending.COMPLETE))
    await room.ask()
    await room.attend()

    await room.ask(Question.again(await room.newest(), Place(HERE), reply_id="press:1"))
    assert room.model.asks[-1].history == ()
    await room.attend()

    manner = room.replies.opened["press:1"].manner
    assert (manner.in_place, manner.replaces) == ((), (1,))
    assert await room.remembered() == [("Who?", "Parrot")]
    newest = await room.newest()
    assert (newest.turn_id, newest.message_ids) == ("press:1", (2,))


async def test_if_it_fails_the_earlier_one_stays_and_both_are_known(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path, ANSWER, ContentFiltered("no"))
    asked = await room.ask()
    await room.attend()

    await room.ask(Question.again(await room.newest(), Place(HERE), reply_id="press:1"))
    await room.attend()

    reply = room.replies.opened["press:1"]
    assert (reply.ending, reply.kept, reply.manner.replaces) == ("failed", None, ())
    newest = await room.newest()
    assert (newest.turn_id, newest.remembered_id, newest.message_ids) == ("press:1", asked.id, (1, 2))
    assert await room.remembered() == [("Who?", "Polly")]


async def test_an_answer_of_a_forgotten_dialogue_comes_and_is_not_remembered(
    redis: Redis, tmp_path: Path
) -> None:
    room = a_room(redis, tmp_path)
    asked = await room.ask()
    await room.orders.forget(DIALOGUE)

    await room.attend()

    assert room.replies.opened[asked.id].text == "Polly"
    assert await room.remembered() == []
    assert await room.exchanges.newest(HERE) is None


async def test_in_a_group_that_moved_it_replies_to_nothing_and_is_remembered_there(
    redis: Redis, tmp_path: Path
) -> None:
    room = a_room(redis, tmp_path)
    group, supergroup = ConversationKey(42, -5), ConversationKey(42, -1005)
    place = Place(group, is_group=True, reply_to=1, below=1)
    asked = await room.ask(a_question(where=group, place=place))
    room.shelf.orders[asked.id] = replace(room.shelf.orders[asked.id], chat_id=supergroup.chat_id)

    await room.attend()

    assert room.replies.opened[asked.id].place == Place(supergroup, is_group=True)
    turns = await room.history.load(DIALOGUE, WINDOW, now=room.clock())
    assert turns == ()
    moved = await room.history.load(replace(DIALOGUE, conversation=supergroup), WINDOW, now=room.clock())
    assert [turn.question for turn in moved] == ["Anna: Who?"]
    assert await room.exchanges.newest(supergroup) is None


async def test_a_prompt_that_is_gone_meanwhile_spoils_nothing(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    asked = await room.ask()
    (tmp_path / "raven.yaml").write_text("system: Nevermore.", "utf-8")
    room.shelf.orders[asked.id] = replace(room.shelf.orders[asked.id], prompt="gone")

    await room.attend()

    assert room.replies.opened[asked.id].text == "Polly"


def test_where_nothing_is_known_of_a_message_the_answer_stands_alone() -> None:
    order = Order(Question("1", "?", ANNA, Place(HERE)), "parrot", "m", 0, 1, HERE.chat_id)

    assert order.place.reply_to is None
