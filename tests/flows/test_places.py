from typing import Any

from tests.tools.house import ANNA, BORIS, FORUM, GROUP, TOPIC, House


def last_body(house: House) -> list[str]:
    return [message["text"] for message in house.bodies()[-1]["messages"]]


async def test_a_group_is_answered_when_it_calls_and_the_model_knows_who_is_speaking(house: House) -> None:
    house.world.say(GROUP, BORIS, "among ourselves")
    asked = house.world.say(GROUP, ANNA, "@govorun_bot what is tea?")
    await house.until(lambda: house.notebook.traces)

    assert last_body(house)[-1] == "Anna: what is tea?"
    assert "Friends" in last_body(house)[0]
    answer = house.world.bot_messages(GROUP)[-1]
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]


async def test_a_reply_to_the_bot_goes_on_with_the_dialogue(house: House) -> None:
    await house.asks("@govorun_bot hello", GROUP, ANNA)
    answer = house.world.bot_messages(GROUP)[-1]

    await house.asks("and why?", GROUP, BORIS, reply_to=answer["message_id"])

    assert last_body(house)[-1] == "Борис: and why?"
    assert "Anna: hello" in last_body(house)


async def test_ask_needs_no_mention(house: House) -> None:
    await house.asks("/ask what is tea?", GROUP, ANNA)

    assert last_body(house)[-1] == "Anna: what is tea?"


async def test_ask_about_somebodys_message_quotes_it(house: House) -> None:
    said = house.world.say(GROUP, BORIS, "Tea is better than coffee.")

    await house.asks("/ask is it?", GROUP, ANNA, reply_to=said["message_id"])

    assert last_body(house)[-1] == "Anna: > Tea is better than coffee.\n\nis it?"


async def test_ask_without_a_question_is_told_how(house: House) -> None:
    assert "/ask" in await house.hears("/ask", GROUP, ANNA)
    assert house.models.requests == []


async def test_a_topic_is_a_conversation_of_its_own(house: House) -> None:
    await house.asks("/ask remember green", FORUM, ANNA, topic_id=TOPIC)
    await house.asks("/ask which colour?", FORUM, ANNA)

    assert not any("green" in text for text in last_body(house))
    in_topic = [message.get("message_thread_id") for message in house.world.bot_messages(FORUM)]
    assert in_topic == [TOPIC, None]


async def test_a_group_that_becomes_a_supergroup_keeps_its_dialogue(house: House) -> None:
    from bot.sandbox.telegram.world import Chat  # noqa: PLC0415 - used once

    house.world.add_chat(Chat(-77, "group", title="Small", members={ANNA, BORIS}))
    await house.asks("/ask remember green", -77, ANNA)

    house.world.upgrade_to_supergroup(-77, -1077)
    await house.asks("/ask which colour?", -1077, ANNA)

    assert "Anna: remember green" in last_body(house)


async def test_what_is_not_text_gets_a_sentence(house: House) -> None:
    voice: dict[str, Any] = {"file_id": "x", "file_unique_id": "y", "duration": 1}
    house.world.send(ANNA, ANNA, {"voice": voice})

    await house.until(lambda: house.world.bot_messages(ANNA))

    assert "text" in house.world.text_of_last_bot_message(ANNA)
    assert house.models.requests == []
