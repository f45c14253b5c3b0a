"""Stop: by the button, by the command, by the button of a draft; of this answer, and of no other."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.presses import Act, Press, tag_of
from bot.texts import ENGLISH, RUSSIAN
from tests.tools.command import running
from tests.tools.deployments import until
from tests.tools.house import ANNA, BORIS, GROUP, OWNER, House, open_house
from tests.tools.pressing import data_of, press, presses, told
from tests.tools.street import a_street

RECORD = "{govorun:42}:growing:1"


async def grows(house: House, chat_id: int = ANNA, text: str = "300 words") -> None:
    """Let Anna ask for a long answer, and wait until some of it is seen."""
    house.models.token_s = 0.02
    house.world.say(chat_id, ANNA, text)
    await house.until(lambda: house.world.bot_messages(chat_id))


async def stopped(house: House) -> None:
    """Let Anna stop what grows, and wait for its end."""
    house.world.say(ANNA, ANNA, "/stop")
    await house.until(lambda: house.notebook.traces)


@pytest.mark.parametrize("by_button", [True, False])
async def test_stop_keeps_what_was_shown_and_ends_the_paid_work(house: House, *, by_button: bool) -> None:
    await grows(house)

    if by_button:
        await presses(house, Act.STOP)
    else:
        await stopped(house)

    message = house.world.bot_messages(ANNA)[-1]
    assert message["text"].endswith(ENGLISH.stopped)
    assert (data_of(message, Act.STOP), bool(data_of(message, Act.AGAIN))) == ("", True)
    assert house.notebook.traces[0].outcome == "stopped"
    await house.until(lambda: house.models.requests[-1].is_closed_early)


async def test_an_answer_can_be_stopped_before_it_begins(house: House) -> None:
    house.models.first_token_s = 30
    house.world.say(ANNA, ANNA, "hello")
    await house.until(lambda: house.models.open_requests)

    await stopped(house)

    assert house.world.text_of_last_bot_message(ANNA).endswith(ENGLISH.stopped)
    await house.until(lambda: not house.models.open_requests)


async def test_somebody_elses_answer_cannot_be_stopped(house: House) -> None:
    await grows(house, GROUP, "/ask 300 words")
    await house.until(lambda: data_of(house.world.bot_messages(GROUP)[-1], Act.STOP))

    assert await told(house, press(house, Act.STOP, GROUP, BORIS)) == RUSSIAN.not_yours

    await presses(house, Act.STOP, GROUP, ANNA)
    assert house.notebook.traces[0].outcome == "stopped"


async def test_an_owner_stops_any_answer(house: House) -> None:
    await grows(house, GROUP, "/ask 300 words")
    await house.until(lambda: data_of(house.world.bot_messages(GROUP)[-1], Act.STOP))

    await presses(house, Act.STOP, GROUP, OWNER)

    assert house.notebook.traces[0].outcome == "stopped"


async def test_the_button_of_another_answer_stops_nothing(house: House) -> None:
    await grows(house)
    message_id = house.world.bot_messages(ANNA)[-1]["message_id"]

    data = Press(Act.STOP, ANNA, tag_of("an earlier one")).data
    query = house.world.press(ANNA, ANNA, message_id, data, is_forged=True)

    assert await told(house, query) == ENGLISH.button_expired
    assert house.models.open_requests
    await stopped(house)


async def test_a_press_that_came_too_late_answers_politely(house: House) -> None:
    await grows(house, text="50 words")
    await house.until(lambda: data_of(house.world.bot_messages(ANNA)[-1], Act.STOP))
    message = house.world.bot_messages(ANNA)[-1]
    await house.until(lambda: house.notebook.traces)

    assert await told(house, press(house, Act.STOP, message=message)) == ENGLISH.nothing_to_stop


async def test_a_press_that_another_replica_handles_stops_the_answer(redis_url: str) -> None:
    async with a_street(redis_url) as street, street.replica() as stop_the_first:
        house = street.house
        await grows(house)
        await house.until(lambda: data_of(house.world.bot_messages(ANNA)[-1], Act.STOP))
        with capture_logs() as logs:
            # Now it takes nothing more, and lets its answer grow.
            stop_the_first()
            await house.until(lambda: any(line["event"] == "finishing" for line in logs))
        async with street.replica():
            assert await told(house, press(house, Act.STOP, user_id=ANNA)) == ENGLISH.stopped
            await house.until(lambda: house.models.requests[-1].is_closed_early)
            await house.until(lambda: house.notebook.traces)

        assert house.notebook.traces[0].outcome == "stopped"
        assert house.world.text_of_last_bot_message(ANNA).endswith(ENGLISH.stopped)


@pytest.mark.timeout(120)
async def test_a_press_after_a_crash_stops_the_second_attempt_and_leaves_what_was_said(
    redis_url: str, redis: Redis
) -> None:
    brief = {"WORKERS__LEASE_S": "3", "TELEGRAM__LEASE_S": "1"}
    async with a_street(redis_url) as street:
        house = street.house
        async with running("run", env={**street.env, **brief}) as process:
            house.models.token_s = 0.1
            house.world.say(ANNA, ANNA, "300 words")
            await house.until(lambda: house.world.bot_messages(ANNA))
            await until(lambda: redis.hget(RECORD, "said"), timeout_s=60)
            said = str(await redis.hget(RECORD, "said"))
            await house.until(lambda: len(house.world.text_of_last_bot_message(ANNA)) > len(said), 60)
            process.kill()
        under = house.world.bot_messages(ANNA)[-1]
        async with street.replica(workers={"lease_s": 3}, telegram={"lease_s": 1}):
            assert await told(house, press(house, Act.STOP, user_id=ANNA)) == ENGLISH.stopped
            await house.until(lambda: house.notebook.traces)

        (message,) = house.world.bot_messages(ANNA)
        answer = house.notebook.traces[0].answer
        assert answer
        assert under["text"].startswith(answer.strip()[:-20])
        assert message["text"] == f"{answer.strip()}\n\n⏹ {ENGLISH.stopped}"


@pytest.fixture
async def drafting(redis_url: str) -> AsyncIterator[House]:
    """A house whose answers grow as drafts."""
    async with open_house(redis_url, replies={"transport": "draft"}) as house:
        yield house
        house.judge()


async def test_the_button_of_a_draft_stops_its_answer(drafting: House) -> None:
    drafting.models.token_s = 0.02
    drafting.world.say(ANNA, ANNA, "300 words")
    await drafting.until(lambda: drafting.world.calls_of("sendMessageDraft")[2:])

    drafting.world.stop_draft(ANNA)
    await drafting.until(lambda: drafting.notebook.traces)

    assert drafting.notebook.traces[0].outcome == "stopped"
    assert drafting.world.text_of_last_bot_message(ANNA).endswith(ENGLISH.stopped)
