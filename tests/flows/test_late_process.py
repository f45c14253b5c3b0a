"""The real process is killed while an answer is on its way: there is one order, and one answer."""

import asyncio

import pytest

from bot.presses import Act
from bot.sandbox.models.faults import Hang
from bot.sandbox.telegram.faults import Fault
from bot.texts import ENGLISH
from tests.tools.command import running
from tests.tools.house import ANNA
from tests.tools.pressing import data_of
from tests.tools.street import Street

STARTED_S = 60


def env_of(street: Street) -> dict[str, str]:
    return {**street.env, "PROMPTS__DEFAULT": "essayist", "WORKERS__LEASE_S": "2"}


async def ordered(street: Street, text: str) -> int:
    """Ask, wait until the service has the order and the person knows, and return the question's id."""
    house = street.house
    asked = house.world.say(ANNA, ANNA, text)
    await house.until(lambda: house.world.bot_messages(ANNA), STARTED_S)
    assert house.world.text_of_last_bot_message(ANNA) == ENGLISH.comes_later
    return int(asked["message_id"])


async def answered(street: Street) -> list[dict[str, object]]:
    """Wait for an answer that has its buttons, and return its messages."""
    world = street.house.world
    await street.house.until(
        lambda: any(data_of(message, Act.AGAIN) for message in world.bot_messages(ANNA)), STARTED_S
    )
    return [message for message in world.bot_messages(ANNA) if message["text"] != ENGLISH.comes_later]


def texts_of(street: Street) -> set[str]:
    """Return what the bot's messages say."""
    return {str(message["text"]) for message in street.house.world.bot_messages(ANNA)}


async def accepted_once(street: Street) -> None:
    """Wait until the person reads only once that the answer comes later, as a lost message is deleted late."""
    world = street.house.world
    await street.house.until(
        lambda: [message["text"] for message in world.bot_messages(ANNA)].count(ENGLISH.comes_later) == 1,
        STARTED_S,
    )


async def test_a_bot_that_is_killed_while_it_waits_delivers_after_the_restart(street: Street) -> None:
    house = street.house
    house.models.later_s = 4
    async with running("run", env=env_of(street)) as process:
        question_id = await ordered(street, "200 words")
        process.kill()
        await process.wait()

    async with running("run", env=env_of(street)):
        (answer,) = await answered(street)
        await accepted_once(street)

    assert answer["reply_to_message"]["message_id"] == question_id  # type: ignore[index]
    assert len(house.orders) == 1
    assert len(str(answer["text"]).split()) >= 200


async def test_a_bot_that_is_killed_in_mid_delivery_goes_on_in_the_same_messages(street: Street) -> None:
    house, world = street.house, street.house.world
    house.models.later_s = 0.5
    world.faults.add(Fault.delay(2), "sendMessage", after=2)
    async with running("run", env=env_of(street)) as process:
        question_id = await ordered(street, "2000 words")
        await house.until(lambda: len(world.bot_messages(ANNA)) == 2, STARTED_S)
        await asyncio.sleep(0.5)
        process.kill()
        await process.wait()
        await house.until(lambda: len(world.bot_messages(ANNA)) == 3)  # the second part, of which nobody hears
    first = world.bot_messages(ANNA)[1]

    async with running("run", env=env_of(street)):
        await answered(street)
        await house.until(lambda: len(world.bot_messages(ANNA)) == len(texts_of(street)), STARTED_S)
        parts = await answered(street)

    assert len(parts) > 2
    assert parts[0]["message_id"] == first["message_id"]
    assert first["reply_to_message"]["message_id"] == question_id
    assert sum(len(str(part["text"]).split()) for part in parts) >= 2000
    assert len(house.orders) == 1


@pytest.mark.timeout(240)
async def test_another_replica_takes_over_what_a_killed_one_had_ordered(street: Street) -> None:
    house = street.house
    house.models.later_s = 4
    async with running("run", env=env_of(street)) as one, running("run", env=env_of(street)) as other:
        await ordered(street, "100 words")
        one.kill()
        await one.wait()

        (answer,) = await answered(street)
        assert other.returncode is None

    assert len(str(answer["text"]).split()) >= 100
    assert len(house.orders) == 1
    asks = [request for request in house.models.requests if request.method == "completionAsync"]
    assert len(asks) == 1


async def test_a_bot_that_is_killed_while_it_orders_says_that_it_does_not_know(street: Street) -> None:
    house, world = street.house, street.house.world
    house.models.fail_next(Hang(after_pieces=1), method="completionAsync")
    async with running("run", env=env_of(street)) as process:
        asked = world.say(ANNA, ANNA, "hello")
        await house.until(lambda: house.models.requests, STARTED_S)
        process.kill()
        await process.wait()

    async with running("run", env=env_of(street)):
        await house.until(lambda: world.bot_messages(ANNA), STARTED_S)
        answer = world.bot_messages(ANNA)[-1]

    assert answer["text"] == f"⚠️ {ENGLISH.failures.in_doubt}"
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]
    assert len([request for request in house.models.requests if request.method == "completionAsync"]) == 1
