"""More people than the service answers at once: nobody is refused, all are answered in their turn."""

from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

from bot.sandbox.models.request import Unacceptable
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.telegram.world import Account, Chat
from tests.tools.house import KEY, House, open_house
from tests.tools.street import a_street

PEOPLE, PLACES = range(101, 131), 10
LONG_S = 60


class CountingTwin(ModelsTwin):
    """The service, which notes how many generations there were at a time, and how many it refused."""

    most_open = 0
    refused = 0

    @contextmanager
    def generation(self) -> Iterator[None]:
        try:
            with super().generation():
                self.most_open = max(self.most_open, self.open_requests)
                yield
        except Unacceptable:
            self.refused += 1
            raise


def a_twin(**pace: float) -> CountingTwin:
    return CountingTwin(api_key=KEY, folder_id="folder", **{"first_token_s": 0.05, "token_s": 0.002, **pace})


def invite(house: House) -> None:
    for user_id in PEOPLE:
        house.world.add_person(Account(user_id, f"N{user_id}", "en"))
        house.world.add_chat(Chat(user_id, "private", title=f"N{user_id}", members={user_id}))


async def all_ask(house: House) -> None:
    """Let everybody ask at once, and wait for the last answer."""
    for user_id in PEOPLE:
        house.world.say(user_id, user_id, "60 words")
    await house.until(lambda: len(house.notebook.traces) == len(PEOPLE), LONG_S)


def assert_all_were_answered(house: House, twin: CountingTwin) -> None:
    assert {trace.outcome for trace in house.notebook.traces} == {"complete"}
    assert all(len(house.world.bot_messages(user_id)) == 1 for user_id in PEOPLE)
    assert twin.most_open == PLACES
    assert twin.refused == 0


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
