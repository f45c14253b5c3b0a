"""A question that was changed is answered anew, in place of the answer to what it was."""

import pytest

from bot.sandbox.models.faults import Cut
from bot.texts import ENGLISH
from tests.tools.house import ANNA, GROUP, House


def said_to_model(house: House) -> list[str]:
    return [message["text"] for message in house.bodies()[-1]["messages"]]


async def asks_and_changes(house: House, before: str, after: str, chat_id: int = ANNA) -> None:
    """Ask, change the question, and wait for the second answer."""
    message = house.world.say(chat_id, ANNA, before)
    await house.until(lambda: len(house.notebook.traces) == 1)
    house.world.edit(chat_id, message["message_id"], after)
    await house.until(lambda: len(house.notebook.traces) == 2)


async def nothing_more_is_asked(house: House) -> None:
    """Let a later question be answered, and see that nothing came between."""
    requests = len(house.models.requests)
    await house.asks("later")
    assert len(house.models.requests) == requests + 1


async def test_a_changed_question_is_answered_in_the_same_message(house: House) -> None:
    await asks_and_changes(house, "what is tee?", "what is tea?")

    (message,) = house.world.bot_messages(ANNA)
    assert "what is tea?" in message["text"]
    await house.asks("and coffee?")
    assert "what is tea?" in said_to_model(house)
    assert "what is tee?" not in said_to_model(house)


async def test_in_a_group_too_if_the_bot_is_meant(house: House) -> None:
    await asks_and_changes(house, "@govorun_bot what is tee?", "@govorun_bot what is tea?", GROUP)

    assert said_to_model(house)[-1] == "Anna: what is tea?"
    assert len(house.world.bot_messages(GROUP)) == 1


async def test_a_part_of_a_question_that_needed_no_mention_may_be_changed_in_a_group_too(house: House) -> None:
    house.world.chats[GROUP].admins.add(42)
    house.world.say(GROUP, ANNA, "@govorun_bot " + "x" * 4083)
    rest = house.world.say(GROUP, ANNA, "yy")
    await house.until(lambda: house.notebook.traces)

    house.world.edit(GROUP, rest["message_id"], "zz")
    await house.until(lambda: len(house.notebook.traces) == 2)

    assert [trace.ask.question[-4:] for trace in house.notebook.traces] == ["xxyy", "xxzz"]


async def test_what_a_group_says_to_others_is_let_be_when_it_is_changed(house: House) -> None:
    house.world.chats[GROUP].admins.add(42)
    message = house.world.say(GROUP, ANNA, "@govorun_bot why?")
    await house.until(lambda: house.notebook.traces)

    house.world.edit(GROUP, message["message_id"], "who?")

    await nothing_more_is_asked(house)


async def test_a_question_changed_into_nothing_is_asked_back(house: House) -> None:
    message = house.world.say(GROUP, ANNA, "@govorun_bot what is tea?")
    await house.until(lambda: house.notebook.traces)

    house.world.edit(GROUP, message["message_id"], "@govorun_bot")

    await house.until(lambda: house.world.text_of_last_bot_message(GROUP) == ENGLISH.ask_what)


async def test_a_question_that_did_not_change_is_not_asked_again(house: House) -> None:
    message = house.world.say(ANNA, ANNA, "see example.org")
    await house.until(lambda: house.notebook.traces)

    house.world.edit(ANNA, message["message_id"], "see example.org")

    await nothing_more_is_asked(house)


async def test_an_older_question_is_let_be(house: House) -> None:
    message = house.world.say(ANNA, ANNA, "first")
    await house.until(lambda: house.notebook.traces)
    await house.asks("second")

    house.world.edit(ANNA, message["message_id"], "changed")

    await nothing_more_is_asked(house)


@pytest.mark.parametrize("text", ["/ask", "/new", "/stop", "/dance"])
async def test_a_question_changed_into_a_command_is_let_be(house: House, text: str) -> None:
    message = house.world.say(ANNA, ANNA, "why?")
    await house.until(lambda: house.notebook.traces)

    house.world.edit(ANNA, message["message_id"], text)

    await nothing_more_is_asked(house)
    assert len(house.world.bot_messages(ANNA)) == 2


async def test_what_stands_behind_ask_is_changed_like_any_question(house: House) -> None:
    message = house.world.say(ANNA, ANNA, "/ask what is tee?")
    await house.until(lambda: house.notebook.traces)

    house.world.edit(ANNA, message["message_id"], "/ask what is tea?")
    await house.until(lambda: len(house.notebook.traces) == 2)

    assert house.notebook.traces[-1].ask.question == "what is tea?"
    assert len(house.world.bot_messages(ANNA)) == 1


async def test_a_change_while_the_answer_grows_ends_the_paid_work_and_is_answered_in_its_place(
    house: House,
) -> None:
    house.models.token_s = 0.05
    message = house.world.say(ANNA, ANNA, "300 words")
    await house.until(lambda: house.world.bot_messages(ANNA))

    house.world.edit(ANNA, message["message_id"], "20 words")
    await house.until(lambda: len(house.notebook.traces) == 2)

    (answer,) = house.world.bot_messages(ANNA)
    told = [(trace.ask.question, trace.outcome) for trace in house.notebook.traces]
    assert told == [("300 words", "stopped"), ("20 words", "complete")]
    assert answer["text"] == house.notebook.traces[-1].answer.strip()
    assert house.models.requests[0].is_closed_early


async def test_a_preview_while_the_answer_grows_stops_nothing(house: House) -> None:
    house.models.token_s = 0.005
    message = house.world.say(ANNA, ANNA, "100 words")
    await house.until(lambda: house.world.bot_messages(ANNA))

    house.world.edit(ANNA, message["message_id"], "100 words")
    await house.until(lambda: house.notebook.traces)

    await nothing_more_is_asked(house)
    assert house.notebook.traces[0].outcome == "complete"


async def test_a_changed_question_that_fails_leaves_the_earlier_answer(house: House) -> None:
    house.models.token_s = 0.005
    message = house.world.say(ANNA, ANNA, "100 words")
    await house.until(lambda: house.notebook.traces)
    house.models.fail_next(Cut(20))

    house.world.edit(ANNA, message["message_id"], "90 words")
    await house.until(lambda: len(house.notebook.traces) == 2)

    first = house.notebook.traces[0].answer.strip()
    expected = f"{first}\n\n⚠️ {ENGLISH.failures.connection_cut}"
    await house.until(lambda: house.world.text_of_last_bot_message(ANNA) == expected)
    house.world.edit(ANNA, message["message_id"], "80 words")
    await house.until(lambda: len(house.notebook.traces) == 3)
    assert house.notebook.traces[-1].ask.history == ()


async def test_two_changes_within_a_second_are_both_answered(house: House) -> None:
    message = house.world.say(ANNA, ANNA, "one")
    await house.until(lambda: house.notebook.traces)

    house.world.edit(ANNA, message["message_id"], "two")
    house.world.edit(ANNA, message["message_id"], "three")
    await house.until(lambda: len(house.notebook.traces) == 3)

    assert [trace.ask.question for trace in house.notebook.traces] == ["one", "two", "three"]
