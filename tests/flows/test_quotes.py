"""A reply to an older answer brings it back; a reply to the newest one needs no help."""

from tests.tools.house import ANNA, House


def asked(house: House) -> str:
    return str(house.bodies()[-1]["messages"][-1]["text"])


async def test_a_reply_to_an_older_answer_quotes_it(house: House) -> None:
    await house.asks("what is tea?")
    older = house.world.bot_messages(ANNA)[-1]
    await house.asks("20 words")

    await house.asks("why?", reply_to=older["message_id"])

    quoted = "\n".join(f"> {line}" for line in older["text"].splitlines())
    assert asked(house) == f"{quoted}\n\nwhy?"


async def test_a_reply_to_the_newest_answer_quotes_nothing(house: House) -> None:
    await house.asks("what is tea?")

    await house.asks("why?", reply_to=house.world.bot_messages(ANNA)[-1]["message_id"])

    assert asked(house) == "why?"


async def test_after_new_nothing_is_the_newest(house: House) -> None:
    await house.asks("20 words")
    answer = house.world.bot_messages(ANNA)[-1]
    await house.hears("/new")

    await house.asks("why?", reply_to=answer["message_id"])

    assert asked(house).startswith("> ")


async def test_another_prompt_has_not_read_the_newest_answer(house: House) -> None:
    await house.asks("20 words")
    answer = house.world.bot_messages(ANNA)[-1]
    await house.hears("/prompts translator")

    await house.asks("translate this", reply_to=answer["message_id"])

    assert asked(house) == f"> {answer['text']}\n\ntranslate this"


async def test_a_changed_question_still_refers_to_what_it_did(house: House) -> None:
    await house.asks("20 words")
    answer = house.world.bot_messages(ANNA)[-1]
    await house.asks("hello")
    message = house.world.say(ANNA, ANNA, "whi?", reply_to=answer["message_id"])
    await house.until(lambda: len(house.notebook.traces) == 3)

    house.world.edit(ANNA, message["message_id"], "why?")
    await house.until(lambda: len(house.notebook.traces) == 4)

    assert asked(house) == f"> {answer['text']}\n\nwhy?"
