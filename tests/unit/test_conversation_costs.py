from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.errors import ChatGone, ConnectionCut, Unreachable
from bot.types import Ending, Piece, Usage
from tests.tools.parrot_room import ANNA, WHOLE, Parrot, Room


async def test_an_answer_is_booked_once_with_what_the_service_counted(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))

    await room.ask()

    (expense,) = room.accounts.booked.values()
    assert (expense.usage, expense.person, expense.prompt) == (Usage(3, 2), ANNA, "parrot")
    assert expense.model.label == "yandexgpt-5-pro"


async def test_an_answer_that_broke_off_costs_what_was_written(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(Piece("Polly wants", usage=Usage(3, 1)), error=ConnectionCut("cut")))

    await room.ask()

    assert [expense.usage for expense in room.accounts.booked.values()] == [Usage(3, 1)]


async def test_an_answer_whose_reader_has_gone_was_paid_for_all_the_same(redis: Redis, tmp_path: Path) -> None:
    room = Room(
        redis,
        tmp_path,
        Parrot(Piece("Polly wants", usage=Usage(3, 1)), Piece("Polly wants a", usage=Usage(3, 2))),
    )
    room.replies.gone_after = 1

    with pytest.raises(ChatGone):
        await room.ask()

    assert [expense.usage for expense in room.accounts.booked.values()] == [Usage(3, 2)]


async def test_where_the_service_counts_nothing_the_cost_is_estimated(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(Piece("Polly", Ending.COMPLETE)))

    await room.ask("Who are you?")

    (expense,) = room.accounts.booked.values()
    assert expense.usage.input_tokens >= 4
    assert expense.usage.completion_tokens == 2


async def test_an_answer_of_which_nothing_came_costs_nothing(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(error=Unreachable("no route")))

    await room.ask()

    assert room.accounts.booked == {}


async def test_what_cannot_be_booked_at_once_is_booked_with_the_rest(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(*WHOLE))
    room.accounts.troubles = 2

    await room.ask()

    assert len(room.accounts.booked) == 1


async def test_a_fallback_is_booked_under_its_own_name(redis: Redis, tmp_path: Path) -> None:
    room = Room(redis, tmp_path, Parrot(Piece("Polly", Ending.COMPLETE, Usage(3, 2), model="yandexgpt-5-lite")))
    (tmp_path / "parrot.yaml").write_text("system: Repeat.\nfallback: yandexgpt-5-lite\n", "utf-8")

    await room.ask()

    assert [expense.model.label for expense in room.accounts.booked.values()] == ["yandexgpt-5-lite"]
    assert room.notebook.traces[-1].model == "yandexgpt-5-lite"
