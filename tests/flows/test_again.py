"""Again: the newest question is answered once more, in the same messages."""

import pytest

from bot.presses import Act
from bot.sandbox.models.faults import Cut, Filter, Truncate
from bot.texts import ENGLISH, RUSSIAN
from tests.tools.house import ANNA, BORIS, FORUM, GROUP, OWNER, TOPIC, House, open_house
from tests.tools.pressing import data_of, press, presses, told


def said_to_model(house: House) -> list[str]:
    return [message["text"] for message in house.bodies()[-1]["messages"]]


async def test_the_asker_gets_another_answer_in_the_same_message(house: House) -> None:
    house.models.fail_next(Truncate(30))
    await house.asks("200 words")
    (first,) = house.world.bot_messages(ANNA)

    await presses(house, Act.AGAIN)

    (message,) = house.world.bot_messages(ANNA)
    trace = house.notebook.traces[-1]
    assert (message["message_id"], message["text"]) == (first["message_id"], trace.answer.strip())
    assert (trace.ask.question, trace.ask.history, trace.outcome) == ("200 words", (), "complete")


@pytest.mark.parametrize("transport", ["edit", "draft"])
async def test_it_does_so_however_answers_grow(redis_url: str, transport: str) -> None:
    async with open_house(redis_url, replies={"transport": transport}) as house:
        house.models.token_s = 0.01
        await house.asks("20 words")
        (first,) = house.world.bot_messages(ANNA)

        await presses(house, Act.AGAIN)
        house.world.edit(ANNA, house.world.messages(ANNA)[0]["message_id"], "90 words")
        await house.until(lambda: len(house.notebook.traces) == 3)

        (message,) = house.world.bot_messages(ANNA)
        assert message["message_id"] == first["message_id"]
        assert message["text"] == house.notebook.traces[-1].answer.strip()
        house.judge()


async def test_a_restart_in_the_middle_does_not_spoil_it(redis_url: str) -> None:
    hasty = {"stop_timeout_s": 0.1}
    async with open_house(redis_url, workers=hasty) as house:
        await house.asks("90 words")
        world, models = house.world, house.models
        (first,) = world.bot_messages(ANNA)
        models.token_s = 0.1
        press(house, Act.AGAIN)
        await house.until(lambda: data_of(world.bot_messages(ANNA)[-1], Act.STOP))

    models.token_s = 0.001
    async with open_house(redis_url, world=world, models=models, workers=hasty) as house:
        await house.until(lambda: house.notebook.traces)

        (message,) = world.bot_messages(ANNA)
        assert message["message_id"] == first["message_id"]
        assert message["text"] == house.notebook.traces[0].answer.strip()
        await house.asks("what was it?")
        assert said_to_model(house).count("90 words") == 1


async def test_the_dialogue_goes_on_with_the_new_answer(house: House) -> None:
    house.models.fail_next(Truncate(30))
    old = await house.asks("200 words")
    await presses(house, Act.AGAIN)
    new = house.notebook.traces[-1]

    await house.asks("what was it?")

    assert [turn.answer for turn in house.notebook.traces[-1].ask.history] == [new.answer.strip()]
    assert old.answer != new.answer


async def test_an_owner_may_ask_again_in_the_askers_name(house: House) -> None:
    await house.asks("/ask what is tea?", GROUP, ANNA)

    await presses(house, Act.AGAIN, GROUP, OWNER)

    trace = house.notebook.traces[-1]
    assert (trace.person.user_id, trace.ask.question) == (ANNA, "Anna: what is tea?")
    assert len(house.world.bot_messages(GROUP)) == 1


async def test_nobody_else_may(house: House) -> None:
    await house.asks("/ask what is tea?", GROUP, ANNA)

    assert await told(house, press(house, Act.AGAIN, GROUP, BORIS)) == RUSSIAN.not_yours

    assert len(house.models.requests) == 1


@pytest.mark.parametrize("command", ["", "/new"])
async def test_only_the_newest_answer_is_given_again(house: House, command: str) -> None:
    await house.asks("hello")
    message = house.world.bot_messages(ANNA)[-1]
    if command:
        await house.hears(command)
    else:
        await house.asks("and again")
    requests = len(house.models.requests)

    assert await told(house, press(house, Act.AGAIN, message=message)) == ENGLISH.only_newest

    assert len(house.models.requests) == requests


async def test_after_a_failure_the_same_message_is_tried_again(house: House) -> None:
    house.models.fail_next(Filter())
    await house.asks("200 words")
    (failed,) = house.world.bot_messages(ANNA)

    await presses(house, Act.AGAIN)

    (message,) = house.world.bot_messages(ANNA)
    assert (message["message_id"], message["text"]) == (
        failed["message_id"],
        house.notebook.traces[-1].answer.strip(),
    )


async def test_an_attempt_that_fails_puts_the_earlier_answer_back(house: House) -> None:
    house.models.token_s = 0.01
    first = await house.asks("200 words")
    house.models.fail_next(Cut(30))

    await presses(house, Act.AGAIN)

    (message,) = house.world.bot_messages(ANNA)
    assert message["text"] == f"{first.answer.strip()}\n\n⚠️ {ENGLISH.failures.connection_cut}"
    await presses(house, Act.AGAIN)
    assert house.world.text_of_last_bot_message(ANNA) == first.answer.strip()
    await house.asks("what was it?")
    assert said_to_model(house).count("200 words") == 1


async def test_an_attempt_without_a_word_puts_it_back_and_says_so(house: House) -> None:
    house.models.fail_next(Truncate(30))
    first = await house.asks("200 words")

    house.world.edit(ANNA, house.world.messages(ANNA)[0]["message_id"], "0 words")
    await house.until(lambda: len(house.notebook.traces) == 2)

    (message,) = house.world.bot_messages(ANNA)
    assert message["text"] == f"{first.answer.strip()}\n\n⚠️ {ENGLISH.failures.nothing_new}"
    await presses(house, Act.CONTINUE)
    assert [turn.answer for turn in house.notebook.traces[-1].ask.history] == [first.answer.strip()]


async def test_an_attempt_that_is_stopped_is_the_new_answer(house: House) -> None:
    await house.asks("300 words")
    house.models.token_s = 0.02
    message_id = house.world.bot_messages(ANNA)[-1]["message_id"]
    frames = len(house.world.frames(ANNA, message_id))
    press(house, Act.AGAIN)
    await house.until(lambda: len(house.world.frames(ANNA, message_id)) > frames + 1)
    await house.until(lambda: data_of(house.world.bot_messages(ANNA)[-1], Act.STOP))

    await presses(house, Act.STOP)

    assert house.world.text_of_last_bot_message(ANNA).endswith(ENGLISH.stopped)
    trace = house.notebook.traces[-1]
    await house.asks("what was it?")
    assert said_to_model(house)[-2] == trace.answer.strip()


async def test_two_presses_give_one_new_answer(house: House) -> None:
    await house.asks("hello")
    queries = [press(house, Act.AGAIN) for _ in range(2)]

    assert [await told(house, query) for query in queries] == ["", ENGLISH.only_newest]

    assert len(house.models.requests) == 2


async def test_each_topic_has_an_answer_of_its_own_to_give_again(house: House) -> None:
    await house.asks("/ask green", FORUM, ANNA, topic_id=TOPIC)
    in_topic = house.world.bot_messages(FORUM)[-1]
    await house.asks("/ask red", FORUM, ANNA)

    press(house, Act.AGAIN, FORUM, ANNA, message=in_topic)
    await house.until(lambda: len(house.notebook.traces) == 3)

    trace = house.notebook.traces[-1]
    assert (trace.ask.question, trace.message_ids) == ("Anna: green", (in_topic["message_id"],))


async def test_an_answer_is_given_again_by_the_prompt_that_gave_it(house: House) -> None:
    await house.asks("hello")
    message = house.world.bot_messages(ANNA)[-1]
    await house.hears("/prompts cook")

    press(house, Act.AGAIN, message=message)
    await house.until(lambda: len(house.notebook.traces) == 2)

    assert [trace.dialogue.prompt for trace in house.notebook.traces] == ["assistant", "assistant"]
