import pytest

from bot.texts import ENGLISH, RUSSIAN
from tests.tools.house import ANNA, BORIS, GROUP, OWNER, House


async def test_start_greets_and_a_starter_is_asked(house: House) -> None:
    await house.hears("/start")
    greeting = house.world.bot_messages(ANNA)[-1]
    ((button,), *_) = greeting["reply_markup"]["inline_keyboard"]

    query = house.world.press(ANNA, ANNA, greeting["message_id"], button["callback_data"])
    await house.until(lambda: house.notebook.traces)

    assert house.notebook.traces[0].ask.question == button["text"]
    assert house.world.callback_answer(query)
    assert button["text"] in house.world.bot_messages(ANNA)[-2]["text"]


async def test_a_starter_that_is_gone_says_so(house: House) -> None:
    await house.hears("/start")
    message_id = house.world.bot_messages(ANNA)[-1]["message_id"]

    query = house.world.press(ANNA, ANNA, message_id, "ask:assistant:99", is_forged=True)
    await house.until(lambda: house.world.callback_answer(query))

    assert (house.world.callback_answer(query) or {})["text"] == ENGLISH.button_expired


async def test_help_is_given_in_the_persons_language(house: House) -> None:
    assert await house.hears("/help") == ENGLISH.help.format(bot="govorun_bot")
    assert await house.hears("/help", BORIS) == RUSSIAN.help.format(bot="govorun_bot")


async def test_an_unknown_command_gets_help_and_not_the_model(house: House) -> None:
    answer = await house.hears("/dance with me")

    assert answer.startswith(ENGLISH.unknown_command.format(command="/dance"))
    assert "/new" in answer
    assert house.models.requests == []


@pytest.mark.parametrize("text", ["/STOP", "/stop@another_bot", "/Help@another_bot"])
async def test_no_command_is_ever_asked_of_the_model(house: House, text: str) -> None:
    await house.hears(text)

    assert house.models.requests == []


async def test_in_a_group_only_a_command_that_names_the_bot_is_its_business(house: House) -> None:
    house.world.say(GROUP, ANNA, "/weather London")

    answer = await house.hears("/weather@govorun_bot London", GROUP, ANNA)

    assert answer.startswith(ENGLISH.unknown_command.format(command="/weather@govorun_bot"))
    assert len(house.world.bot_messages(GROUP)) == 1
    assert house.models.requests == []


async def test_a_starter_is_asked_of_the_prompt_that_offered_it(house: House) -> None:
    await house.hears("/prompts programmer")
    offer = house.world.bot_messages(ANNA)[-1]
    await house.hears("/prompts cook")

    data = offer["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    house.world.press(ANNA, ANNA, offer["message_id"], data)
    await house.until(lambda: house.notebook.traces)

    assert house.notebook.traces[0].dialogue.prompt == "programmer"


@pytest.mark.parametrize("data", ["ask:x", "ask:assistant:abc", "ask:assistant:0:1", "admit:abc", "old:thing"])
async def test_a_button_that_nobody_knows_answers_politely(house: House, data: str) -> None:
    await house.hears("/help")
    message_id = house.world.bot_messages(ANNA)[-1]["message_id"]

    query = house.world.press(ANNA, ANNA, message_id, data, is_forged=True)
    await house.until(lambda: house.world.callback_answer(query))

    assert (house.world.callback_answer(query) or {})["text"] == ENGLISH.button_expired


async def test_new_forgets_the_dialogue(house: House) -> None:
    await house.asks("remember the teapot")
    await house.hears("/new")

    await house.asks("what was it?")

    assert "remember the teapot" not in [message["text"] for message in house.bodies()[-1]["messages"]]


async def test_another_prompt_has_a_dialogue_of_its_own_and_the_old_one_waits(house: House) -> None:
    await house.asks("remember the teapot")

    await house.hears("/prompts cook")
    await house.asks("what was it?")
    assert "remember the teapot" not in [message["text"] for message in house.bodies()[-1]["messages"]]

    await house.hears("/prompts assistant")
    await house.asks("what was it?")
    assert "remember the teapot" in [message["text"] for message in house.bodies()[-1]["messages"]]


async def test_a_prompt_is_chosen_from_the_menu(house: House) -> None:
    await house.hears("/prompts")
    menu = house.world.bot_messages(ANNA)[-1]
    buttons = [button for row in menu["reply_markup"]["inline_keyboard"] for button in row]
    assert [button["text"] for button in buttons if button["text"].startswith("✓")] == ["✓ Assistant"]

    house.world.press(ANNA, ANNA, menu["message_id"], "prompt:translator")
    await house.until(lambda: "Translator" in house.world.text_of_last_bot_message(ANNA))
    await house.asks("hello")

    assert house.notebook.traces[-1].dialogue.prompt == "translator"


async def test_a_prompt_that_does_not_exist_shows_the_menu(house: House) -> None:
    assert (await house.hears("/prompts pirate")).startswith("There is no “pirate” here")

    menu = house.world.bot_messages(ANNA)[-1]
    query = house.world.press(ANNA, ANNA, menu["message_id"], "prompt:pirate", is_forged=True)
    await house.until(lambda: house.world.callback_answer(query))

    assert (house.world.callback_answer(query) or {})["text"] == ENGLISH.button_expired


async def test_ids_are_told(house: House) -> None:
    assert await house.hears("/id") == ENGLISH.identity.format(user_id=ANNA, chat_id=ANNA)


@pytest.mark.parametrize("person", [ANNA, OWNER])
async def test_there_may_be_nothing_to_stop(house: House, person: int) -> None:
    said = await house.hears("/stop", person)

    assert said in (ENGLISH.nothing_to_stop, RUSSIAN.nothing_to_stop)


async def test_a_stop_button_of_an_earlier_version_answers_politely(house: House) -> None:
    await house.hears("/help")

    message_id = house.world.bot_messages(ANNA)[-1]["message_id"]
    query = house.world.press(ANNA, ANNA, message_id, f"stop:{ANNA}", is_forged=True)
    await house.until(lambda: house.world.callback_answer(query))

    assert (house.world.callback_answer(query) or {})["text"] == ENGLISH.button_expired


async def test_the_menu_is_registered_in_both_languages(house: House) -> None:
    assert {language for _, language in house.world.commands} == {"", "ru"}
    assert {scope for scope, _ in house.world.commands} == {"default", "all_group_chats"}
