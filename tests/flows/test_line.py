"""More people than the service answers at once: nobody is refused, all are answered in their turn."""

from contextlib import AsyncExitStack

from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.telegram.world import Account, Chat
from tests.tools.house import KEY, House, open_house
from tests.tools.street import a_street

PEOPLE, PLACES = range(101, 131), 10
LONG_S = 60


def a_twin() -> ModelsTwin:
    return ModelsTwin(api_key=KEY, folder_id="folder", first_token_s=0.05, token_s=0.002)


def invite(house: House) -> None:
    for user_id in PEOPLE:
        house.world.add_person(Account(user_id, f"N{user_id}", "en"))
        house.world.add_chat(Chat(user_id, "private", title=f"N{user_id}", members={user_id}))


async def all_ask(house: House) -> None:
    """Let everybody ask at once, and wait for the last answer."""
    for user_id in PEOPLE:
        house.world.say(user_id, user_id, "60 words")
    await house.until(lambda: len(house.notebook.traces) == len(PEOPLE), LONG_S)


def assert_all_were_answered(house: House, twin: ModelsTwin) -> None:
    assert {trace.outcome for trace in house.notebook.traces} == {"complete"}
    assert all(len(house.world.bot_messages(user_id)) == 1 for user_id in PEOPLE)
    assert twin.most_open_requests == PLACES
    assert not twin.refused_by_quota


async def test_thirty_people_are_answered_by_ten_at_a_time(redis_url: str) -> None:
    twin = a_twin()
    async with open_house(redis_url, models=twin) as house:
        invite(house)

        await all_ask(house)

        assert_all_were_answered(house, twin)
        house.judge()


async def test_two_replicas_share_the_places(redis_url: str) -> None:
    twin = a_twin()
    async with AsyncExitStack() as stack:
        street = await stack.enter_async_context(a_street(redis_url, twin))
        invite(street.house)
        for _ in range(2):
            await stack.enter_async_context(street.replica())
        await street.house.until(lambda: street.telegram.polls)

        await all_ask(street.house)

        assert_all_were_answered(street.house, twin)
