from bot.texts import ENGLISH, RUSSIAN
from tests.tools.house import ANNA, BORIS, GROUP, OWNER, House


async def test_a_person_sees_what_their_own_questions_have_cost(house: House) -> None:
    await house.asks("Why?")
    await house.asks("Почему?", BORIS)

    told = await house.hears("/usage")

    lines = told.splitlines()
    assert lines[0] == ENGLISH.usage.yours
    assert lines[1].startswith("Today: ")
    assert "requests: 1," in lines[1]
    assert "• YandexGPT Pro 5: " in told
    assert "• Assistant: " in told
    assert "Борис" not in told


async def test_an_owner_sees_everybodys(house: House) -> None:
    await house.asks("Why?")
    await house.asks("Почему?", BORIS)

    told = await house.hears("/usage", OWNER)

    assert told.startswith(RUSSIAN.usage.everybody)
    assert "запросов: 2," in told
    assert "• Anna: " in told
    assert "• Борис: " in told


async def test_who_spent_nothing_reads_so(house: House) -> None:
    assert await house.hears("/usage") == ENGLISH.usage.nothing


async def test_an_answer_that_was_stopped_costs_too(house: House) -> None:
    house.models.token_s = 0.05
    house.world.say(ANNA, ANNA, "Tell me a long story")
    await house.until(lambda: house.world.bot_messages(ANNA))

    house.world.say(ANNA, ANNA, "/stop")
    await house.until(lambda: house.notebook.traces)

    assert "requests: 1, tokens: " in await house.hears("/usage")


async def test_in_a_group_an_owner_sees_no_more_than_their_own(house: House) -> None:
    await house.asks("Why?")

    told = await house.hears("/usage", GROUP, OWNER)

    assert told == RUSSIAN.usage.nothing
