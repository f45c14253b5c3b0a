"""Messages that come together, or while an answer grows: one turn, or several in order, or the newest alone."""

from pathlib import Path
from typing import Any

from bot.texts import ENGLISH
from tests.tools.house import ANNA, BORIS, GROUP, House, open_house

ORIGIN = {"type": "user", "date": 1, "sender_user": {"id": BORIS, "is_bot": False, "first_name": "Boris"}}

FILE: dict[str, Any] = {"document": {"file_id": "1", "file_unique_id": "1", "mime_type": "application/zip"}}


async def grows(house: House, text: str = "100 words") -> None:
    """Let Anna ask for an answer that takes a while, and wait until some of it is seen."""
    house.models.token_s = 0.01
    house.world.say(ANNA, ANNA, text)
    await house.until(lambda: house.world.bot_messages(ANNA))


async def turns(house: House, count: int) -> list[str]:
    """Wait for so many turns, and for what else might come; return what was asked."""
    await house.until(lambda: len(house.notebook.traces) >= count)
    house.models.token_s = 0
    await house.hears("/id", GROUP, ANNA)
    return [trace.ask.question for trace in house.notebook.traces]


def forwards(house: House, text: str) -> int:
    """Let Anna forward a text; returns the message's id."""
    return int(house.world.send(ANNA, ANNA, {"text": text, "forward_origin": ORIGIN})["message_id"])


async def test_what_was_said_while_an_answer_grew_is_one_question(house: House) -> None:
    await grows(house)

    for text in ("one", "two", "three"):
        house.world.say(ANNA, ANNA, text)

    assert await turns(house, 2) == ["100 words", "one\n\ntwo\n\nthree"]
    assert len(house.world.bot_messages(ANNA)) == 2
    assert house.notebook.traces[0].outcome == "complete"


async def test_a_queue_answers_one_by_one(redis_url: str) -> None:
    async with open_house(redis_url, conversations={"while_busy": "queue"}) as house:
        for number in range(5):
            house.world.say(ANNA, ANNA, f"question {number}")

        assert await turns(house, 5) == [f"question {number}" for number in range(5)]
        assert len(house.world.bot_messages(ANNA)) == 5


async def test_the_newest_replaces_what_grows_and_what_waits(redis_url: str) -> None:
    async with open_house(redis_url, conversations={"while_busy": "replace"}) as house:
        await grows(house, "900 words")

        for text in ("one", "two"):
            house.world.say(ANNA, ANNA, text)

        assert (await turns(house, 2))[-1] == "two"
        outcomes = [(trace.ask.question, trace.outcome) for trace in house.notebook.traces]
        assert (outcomes[0], outcomes[-1]) == (("900 words", "stopped"), ("two", "complete"))
        assert ENGLISH.stopped in house.world.bot_messages(ANNA)[0]["text"]


async def test_what_cannot_be_read_replaces_nothing(redis_url: str) -> None:
    async with open_house(redis_url, conversations={"while_busy": "replace"}) as house:
        await grows(house)

        house.world.send(ANNA, ANNA, FILE)
        await house.until(lambda: len(house.world.bot_messages(ANNA)) == 2)

        assert [trace.outcome for trace in house.notebook.traces] == ["complete"]
        assert house.world.text_of_last_bot_message(ANNA) == ENGLISH.unreadable


async def test_a_prompt_may_want_something_else(redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "assistant.yaml").write_text("system: Be brief.\nwhile_busy: queue\n")
    async with open_house(redis_url, prompts=tmp_path) as house:
        await grows(house)

        for text in ("one", "two"):
            house.world.say(ANNA, ANNA, text)

        assert await turns(house, 3) == ["100 words", "one", "two"]


async def test_a_text_that_the_client_cut_is_asked_whole(house: House) -> None:
    text = " ".join(f"word{number:05}" for number in range(1000))
    assert len(text) > 9_990

    for start in range(0, len(text), 4096):
        house.world.say(ANNA, ANNA, text[start : start + 4096])

    assert await turns(house, 1) == [text]


async def test_a_forward_is_what_its_comment_refers_to(house: House) -> None:
    house.world.say(ANNA, ANNA, "is it true?")
    forwards(house, "the moon\nis cheese")
    forwards(house, "and so is the sun")

    (asked,) = await turns(house, 1)

    assert asked == "> the moon\n> is cheese\n\n> and so is the sun\n\nis it true?"


async def test_a_changed_comment_still_refers_to_what_was_forwarded(house: House) -> None:
    message_id = forwards(house, "the moon is cheese")
    comment = house.world.say(ANNA, ANNA, "is it tru?")
    await turns(house, 1)

    house.world.edit(ANNA, message_id, "a preview was added")
    house.world.edit(ANNA, comment["message_id"], "is it true?")

    assert (await turns(house, 2))[1:] == ["> the moon is cheese\n\nis it true?"]


async def test_files_that_were_sent_together_are_told_once_that_they_cannot_be_read(house: House) -> None:
    for _ in range(5):
        house.world.send(ANNA, ANNA, {**FILE, "media_group_id": "7"})
    await house.until(lambda: house.world.bot_messages(ANNA))

    assert await turns(house, 0) == []
    assert [message["text"] for message in house.world.bot_messages(ANNA)] == [ENGLISH.unreadable]


async def test_texts_are_answered_though_there_are_files_among_them(house: House) -> None:
    await grows(house)

    house.world.say(ANNA, ANNA, "look")
    house.world.send(ANNA, ANNA, {**FILE, "caption": "my cat"})
    house.world.send(ANNA, ANNA, FILE)

    assert (await turns(house, 2))[-1] == "look\n\nmy cat"
    await house.until(lambda: house.world.text_of_last_bot_message(ANNA) == ENGLISH.unreadable)


async def test_in_a_group_one_persons_questions_are_answered_below_the_last(house: House) -> None:
    house.models.token_s = 0.01
    house.world.say(GROUP, BORIS, "@govorun_bot 100 words")
    await house.until(lambda: house.world.bot_messages(GROUP))

    said = [house.world.say(GROUP, ANNA, f"@govorun_bot {text}") for text in ("one", "two")]
    house.world.say(GROUP, BORIS, "@govorun_bot three")

    assert (await turns(house, 3))[1:] == ["Anna: one\n\ntwo", "Борис: three"]
    answer = house.world.bot_messages(GROUP)[1]
    assert answer["reply_to_message"]["message_id"] == said[-1]["message_id"]


async def test_one_of_several_messages_may_be_changed_afterwards(house: House) -> None:
    await grows(house)
    first, _ = (house.world.say(ANNA, ANNA, text) for text in ("whi?", "how?"))
    await turns(house, 2)

    house.world.edit(ANNA, first["message_id"], "why?")

    assert (await turns(house, 3))[-1] == "why?\n\nhow?"
    assert len(house.world.bot_messages(ANNA)) == 2


async def test_one_that_is_changed_while_it_waits_is_asked_as_it_became(house: House) -> None:
    await grows(house)
    message = house.world.say(ANNA, ANNA, "whi?")

    house.world.edit(ANNA, message["message_id"], "why?")
    house.world.say(ANNA, ANNA, "how?")

    assert await turns(house, 2) == ["100 words", "why?\n\nhow?"]


async def test_who_floods_is_told_once_and_others_are_answered(house: House) -> None:
    house.models.token_s = 0.02
    for number in range(1000):
        house.world.say(ANNA, ANNA, f"message {number}")
    house.world.say(BORIS, BORIS, "hello")

    await house.until(lambda: house.world.bot_messages(BORIS))
    await turns(house, 2)

    told = [one for one in house.world.bot_messages(ANNA) if one["text"] == ENGLISH.too_much_waits]
    assert len(told) == 1
