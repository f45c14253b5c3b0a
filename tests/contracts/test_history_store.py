"""The port `HistoryStore`: one suite for all its adapters. A new adapter is one more line in `ADAPTERS`."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.history.store import RedisHistory
from bot.ports import HistoryStore
from bot.types import ConversationKey, DialogueKey, Turn, Window

NOW = 1_700_000_000.0
HOME = DialogueKey(ConversationKey(1, 42), "assistant")
ALL = Window(max_tokens=1_000_000)

ADAPTERS: dict[str, Callable[[Redis], HistoryStore]] = {
    "redis": lambda redis: RedisHistory(redis, retention_days=90, max_turns=500),
}


@pytest.fixture(params=ADAPTERS)
def store(request: pytest.FixtureRequest, redis: Redis) -> HistoryStore:
    return ADAPTERS[request.param](redis)


def turn(number: int = 0, *, tokens: int = 10, asked_at: float = NOW) -> Turn:
    return Turn(f"вопрос {number}", f"ответ {number}", asked_at, tokens)


async def tell(store: HistoryStore, *turns: Turn, dialogue: DialogueKey = HOME) -> None:
    for number, told in enumerate(turns):
        await store.append(dialogue, told, turn_id=f"{number}: {told.question}")


async def test_a_new_dialogue_is_empty(store: HistoryStore) -> None:
    assert await store.load(HOME, ALL, now=NOW) == ()


async def test_turns_come_back_oldest_first(store: HistoryStore) -> None:
    await tell(store, turn(1), turn(2), turn(3))

    assert await store.load(HOME, ALL, now=NOW) == (turn(1), turn(2), turn(3))


@pytest.mark.parametrize("turns", [15, 16, 17, 48, 49, 200])
async def test_all_turns_come_back_however_many_they_are(store: HistoryStore, turns: int) -> None:
    told = tuple(map(turn, range(turns)))
    await tell(store, *told)

    assert await store.load(HOME, ALL, now=NOW) == told


async def test_only_the_newest_turns_that_fit_are_shown(store: HistoryStore) -> None:
    await tell(store, *map(turn, range(100)))

    assert await store.load(HOME, Window(400), now=NOW) == tuple(map(turn, range(60, 100)))


async def test_a_window_of_nothing_is_empty(store: HistoryStore) -> None:
    await tell(store, turn())

    assert await store.load(HOME, Window(0), now=NOW) == ()


async def test_a_turn_that_is_too_large_alone_is_left_out(store: HistoryStore) -> None:
    await tell(store, turn(1), turn(2, tokens=500))

    assert await store.load(HOME, Window(100), now=NOW) == ()


async def test_a_long_silence_begins_the_dialogue_anew(store: HistoryStore) -> None:
    await tell(store, turn(1, asked_at=NOW - 500), turn(2, asked_at=NOW - 50), turn(3, asked_at=NOW))

    shown = await store.load(HOME, Window(1000, idle_reset_s=100), now=NOW)

    assert [told.question for told in shown] == ["вопрос 2", "вопрос 3"]


async def test_a_silence_until_now_begins_the_dialogue_anew(store: HistoryStore) -> None:
    await tell(store, turn())

    assert await store.load(HOME, Window(1000, idle_reset_s=100), now=NOW + 101) == ()


async def test_the_same_turn_again_changes_nothing(store: HistoryStore) -> None:
    await store.append(HOME, turn(1), turn_id="one")
    await store.append(HOME, turn(2), turn_id="two")

    await store.append(HOME, turn(3), turn_id="one")

    assert await store.load(HOME, ALL, now=NOW) == (turn(1), turn(2))


async def test_the_same_words_in_another_turn_are_kept(store: HistoryStore) -> None:
    await store.append(HOME, turn(1), turn_id="1")

    await store.append(HOME, turn(1), turn_id="11")

    assert await store.load(HOME, ALL, now=NOW) == (turn(1), turn(1))


async def test_another_answer_takes_the_place_of_the_newest_turn(store: HistoryStore) -> None:
    await store.append(HOME, turn(1), turn_id="one")
    await store.append(HOME, turn(2), turn_id="two")

    for _ in range(2):
        await store.append(HOME, turn(3), turn_id="three", instead_of="two")

    assert await store.load(HOME, ALL, now=NOW) == (turn(1), turn(3))


@pytest.mark.parametrize("instead_of", ["one", "on", "unknown", ""])
async def test_only_the_newest_turn_is_ever_replaced(store: HistoryStore, instead_of: str) -> None:
    await store.append(HOME, turn(1), turn_id="one")
    await store.append(HOME, turn(2), turn_id="two")

    await store.append(HOME, turn(3), turn_id="three", instead_of=instead_of)

    assert await store.load(HOME, ALL, now=NOW) == (turn(1), turn(2), turn(3))


async def test_nothing_is_replaced_in_an_empty_dialogue(store: HistoryStore) -> None:
    await store.append(HOME, turn(1), turn_id="one", instead_of="none")

    assert await store.load(HOME, ALL, now=NOW) == (turn(1),)


@pytest.mark.parametrize(("without", "shown"), [("three", [1, 2]), ("two", [1, 3]), ("thr", [1, 2, 3])])
async def test_a_turn_can_be_left_out(store: HistoryStore, without: str, shown: list[int]) -> None:
    for number, turn_id in enumerate(("one", "two", "three"), 1):
        await store.append(HOME, turn(number), turn_id=turn_id)

    assert await store.load(HOME, ALL, now=NOW, without=without) == tuple(map(turn, shown))


async def test_what_is_left_out_makes_room_for_an_older_turn(store: HistoryStore) -> None:
    for number in range(20):
        await store.append(HOME, turn(number), turn_id=str(number))

    shown = await store.load(HOME, Window(20), now=NOW, without="19")

    assert shown == (turn(17), turn(18))


async def test_undo_takes_the_newest_turn_back(store: HistoryStore) -> None:
    await tell(store, turn(1), turn(2))

    taken = await store.undo(HOME)

    assert taken == turn(2)
    assert await store.load(HOME, ALL, now=NOW) == (turn(1),)


async def test_there_is_nothing_to_undo_in_an_empty_dialogue(store: HistoryStore) -> None:
    assert await store.undo(HOME) is None


async def test_a_forgotten_dialogue_is_empty(store: HistoryStore) -> None:
    await tell(store, turn(1), turn(2))

    await store.forget(HOME)

    assert await store.load(HOME, ALL, now=NOW) == ()


async def test_a_forgotten_dialogue_can_begin_anew(store: HistoryStore) -> None:
    await tell(store, turn(1))
    await store.forget(HOME)

    await tell(store, turn(1))

    assert await store.load(HOME, ALL, now=NOW) == (turn(1),)


DIALOGUES = st.builds(
    DialogueKey,
    st.builds(
        ConversationKey,
        bot_id=st.integers(1, 2),
        chat_id=st.integers(1, 3),
        topic_id=st.none() | st.integers(1, 3),
        business_id=st.none() | st.sampled_from(["1", "a/b"]),
    ),
    st.sampled_from(["1", "a", "b", "a/b", "a:b"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(DIALOGUES, min_size=2, max_size=8))
async def test_dialogues_do_not_leak_into_each_other(store: HistoryStore, dialogues: set[DialogueKey]) -> None:
    for number, dialogue in enumerate(dialogues):
        await store.forget(dialogue)
        await store.append(dialogue, turn(number), turn_id="the same everywhere")

    shown = [await store.load(dialogue, ALL, now=NOW) for dialogue in dialogues]

    assert shown == [(turn(number),) for number in range(len(dialogues))]
