"""More people than the service answers at once: nobody is refused, all are answered in their turn."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from bot.presses import Act
from bot.sandbox.models.faults import Refuse
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.telegram.world import Account, Chat
from bot.texts import RUSSIAN
from tests.tools.house import ANNA, BORIS, KEY, House, open_house
from tests.tools.pressing import presses
from tests.tools.street import a_street

PEOPLE, PLACES = range(101, 131), 10
LONG_S = 60


def a_twin(token_s: float = 0.002) -> ModelsTwin:
    return ModelsTwin(api_key=KEY, folder_id="folder", first_token_s=0.05, token_s=token_s)


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


async def test_who_asks_later_is_answered_later(redis_url: str) -> None:
    twin = a_twin(token_s=0.01)
    early, late = PEOPLE[:15], PEOPLE[15:]
    async with open_house(redis_url, models=twin) as house:
        invite(house)

        for wave in (early, late):
            for user_id in wave:
                house.world.say(user_id, user_id, f"60 words for {user_id}")
            await asyncio.sleep(0.5)  # those who ask in the same moment come to the line in any order
        await house.until(lambda: len(house.notebook.traces) == len(PEOPLE), LONG_S)

        order = [int(body["messages"][-1]["text"].split()[-1]) for body in house.bodies()]
        assert (set(order[:15]), set(order[15:])) == (set(early), set(late))


async def test_who_waits_sees_the_place_in_the_line_and_may_stop(redis_url: str) -> None:
    twin = a_twin(token_s=0.1)
    async with open_house(redis_url, models=twin, yandex={"concurrent_generations": 1}) as house:
        house.world.say(ANNA, ANNA, "200 words")
        await house.until(lambda: twin.open_requests)
        house.world.say(BORIS, BORIS, "привет")
        await house.until(lambda: house.world.bot_messages(BORIS))
        assert RUSSIAN.in_line.format(place=1) in house.world.text_of_last_bot_message(BORIS)

        await presses(house, Act.STOP, BORIS)

        assert house.notebook.traces[0].outcome == "stopped"
        assert house.world.text_of_last_bot_message(BORIS).endswith(RUSSIAN.stopped)
        assert len(house.bodies()) == 1
        await presses(house, Act.STOP, ANNA)
        house.judge()


async def test_who_waits_for_too_long_reads_one_sentence(redis_url: str) -> None:
    twin = a_twin(token_s=0.1)
    limits = {"concurrent_generations": 1, "line_timeout_s": 0.5}
    async with open_house(redis_url, models=twin, yandex=limits) as house:
        house.world.say(ANNA, ANNA, "200 words")
        await house.until(lambda: twin.open_requests)

        await house.asks("привет", BORIS)

        assert RUSSIAN.failures.crowded in house.world.text_of_last_bot_message(BORIS)
        await presses(house, Act.STOP, ANNA)


async def test_another_model_answers_for_one_that_fails(redis_url: str, tmp_path: Path) -> None:
    prompt = "system: Hi.\nmodel: yandexgpt\nfallback: yandexgpt-lite\n"
    (tmp_path / "assistant.yaml").write_text(prompt, "utf-8")
    twin = a_twin()
    twin.fail_next(Refuse(503), times=3)
    async with open_house(redis_url, models=twin, prompts=tmp_path) as house:
        trace = await house.asks("hello")

        asked = [body["modelUri"].split("/")[3] for body in house.bodies()]
        assert trace.outcome == "complete"
        assert asked == ["yandexgpt"] * 3 + ["yandexgpt-lite"]
