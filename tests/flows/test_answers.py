from bot.presses import Act
from tests.tools.house import ANNA, BORIS, House, open_house
from tests.tools.pressing import data_of


async def test_an_answer_grows_and_ends_as_the_model_wrote_it(house: House) -> None:
    house.models.token_s = 0.005

    trace = await house.asks("200 words")

    message = house.world.bot_messages(ANNA)[-1]
    assert message["text"] == trace.answer.strip()
    assert data_of(message, Act.STOP) == ""
    frames = house.world.frames(ANNA, message["message_id"])
    assert len(frames) >= 2
    assert all(frame and message["text"].startswith(frame.rstrip("….")[:50]) for frame in frames)


async def test_typing_is_shown_while_the_model_thinks(house: House) -> None:
    house.models.first_token_s = 0.3

    await house.asks("hello")

    methods = [call.method for call in house.world.calls if call.params.get("chat_id") == ANNA]
    assert methods[:2] == ["sendChatAction", "sendMessage"]


async def test_markdown_is_shown_as_formatting(house: House) -> None:
    await house.asks("show me code")

    kinds = {entity["type"] for entity in house.world.bot_messages(ANNA)[-1]["entities"]}
    assert "pre" in kinds


async def test_a_long_answer_comes_whole_and_in_order(house: House) -> None:
    house.models.token_s = 0.0001

    trace = await house.asks("a long answer, please")

    parts = [message["text"] for message in house.world.bot_messages(ANNA)]
    assert len(parts) > 2
    assert all(len(part) <= 4096 for part in parts)
    shown = "".join("".join(parts).split())
    said = [word.strip("*_`#>|-") for word in trace.answer.split()]
    assert [word for word in said if word and word not in shown] == []


async def test_the_next_question_carries_the_earlier_turn(house: House) -> None:
    await house.asks("my name is Anna")

    await house.asks("what is my name?")

    texts = [message["text"] for message in house.bodies()[-1]["messages"]]
    assert "my name is Anna" in texts
    assert texts[-1] == "what is my name?"


async def test_a_restart_forgets_nothing(redis_url: str) -> None:
    async with open_house(redis_url) as house:
        await house.asks("remember the teapot")
        world, models = house.world, house.models

    async with open_house(redis_url, world=world, models=models) as house:
        await house.asks("what was it?")

        assert "remember the teapot" in [message["text"] for message in house.bodies()[-1]["messages"]]


async def test_people_do_not_wait_for_each_other(house: House) -> None:
    house.models.token_s = 0.02
    house.world.say(ANNA, ANNA, "900 words")
    await house.until(lambda: house.models.open_requests)

    trace = await house.asks("что ты умеешь", BORIS)

    assert trace.person.user_id == BORIS
    house.world.say(ANNA, ANNA, "/stop")
    await house.until(lambda: len(house.notebook.traces) == 2)
