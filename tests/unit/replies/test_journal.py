from collections.abc import Sequence

import pytest
from redis.asyncio import Redis

from bot.errors import StoreError
from bot.replies.journal import KEEP_ANSWER_S, KEEP_REFUSAL_S, KEEP_S, Doubt, Extra, Journal, Notes
from bot.types import Ending, Piece
from tests.tools.reply_stage import AwayRedis, FullRedis

SAID = Piece("answer", Ending.TRUNCATED)
EVERYTHING = Notes((7, 8), 5, (Doubt(8), Doubt(3, 7)), (4,), SAID, "answer", 9)


async def test_a_new_reply_is_blank(redis: Redis) -> None:
    entry = await Journal(redis, 42).open("update:1")

    assert entry.notes == Notes()


async def test_what_was_written_is_read(redis: Redis) -> None:
    entry = await Journal(redis, 42).open("update:1")
    await entry.write(message_ids=(7, 8), chat_id=5, doubts=(Doubt(8), Doubt(3, 7)), strays=(4,))
    await entry.write(undelivered=SAID)
    await entry.write(file_id=9, answer="answer")

    again = await Journal(redis, 42).open("update:1")

    assert again.notes == entry.notes == EVERYTHING


async def test_an_answer_without_text_is_an_end_too(redis: Redis) -> None:
    entry = await Journal(redis, 42).open("update:1")
    await entry.write(message_ids=(7,), answer="")

    assert (await Journal(redis, 42).open("update:1")).notes.answer == ""


async def test_entries_are_apart_and_expire(redis: Redis) -> None:
    entry = await Journal(redis, 42).open("update:1")
    await entry.write(message_ids=(7,))

    assert (await Journal(redis, 42).open("update:2")).notes == Notes()
    assert (await Journal(redis, 43).open("update:1")).notes == Notes()
    assert KEEP_ANSWER_S < await redis.ttl("{govorun:42}:reply:update:1") <= KEEP_S


async def test_an_answer_is_kept_only_until_it_is_remembered(redis: Redis) -> None:
    entry = await Journal(redis, 42).open("update:1")
    await entry.write(message_ids=(7,))
    await entry.settle()
    await entry.write(answer="answer")
    before_s = await redis.ttl("{govorun:42}:reply:update:1")
    await entry.settle()

    assert before_s > KEEP_ANSWER_S
    assert 0 < await redis.ttl("{govorun:42}:reply:update:1") <= KEEP_ANSWER_S


async def test_notes_of_an_earlier_version_are_read(redis: Redis) -> None:
    await redis.set("{govorun:42}:reply:update:1", '{"message_ids": [7, 8], "answer": null}')

    assert (await Journal(redis, 42).open("update:1")).notes == Notes((7, 8))


async def test_while_redis_takes_nothing_the_reply_goes_on_and_remembers_for_itself() -> None:
    entry = await Journal(FullRedis(), 42).open("update:1")

    await entry.write(message_ids=(7,), answer="")
    await entry.settle()

    assert entry.notes == Notes((7,), answer="")


async def test_without_redis_no_reply_begins() -> None:
    with pytest.raises(StoreError):
        await Journal(AwayRedis(), 42).open("update:1")


async def test_what_could_not_be_written_down_is_made_up_for(redis: Redis) -> None:
    entry = await Journal(redis, 42).open("update:1")
    await redis.config_set("min-replicas-to-write", 1)
    try:
        await entry.write(message_ids=(7,))
        await entry.catch_up()
    finally:
        await redis.config_set("min-replicas-to-write", 0)
    missing = (await Journal(redis, 42).open("update:1")).notes

    await entry.catch_up()

    assert (missing, (await Journal(redis, 42).open("update:1")).notes) == (Notes(), Notes((7,)))
    await redis.delete("{govorun:42}:reply:update:1")
    await entry.catch_up()
    assert not await redis.exists("{govorun:42}:reply:update:1")


async def test_redis_that_is_full_takes_notes_all_the_same(redis: Redis) -> None:
    journal = Journal(redis, 42)
    entry = await journal.open("update:1")
    await redis.config_set("maxmemory", 1)
    try:
        await entry.write(message_ids=(7,))
        await journal.ledger.note(5, 7)
    finally:
        await redis.config_set("maxmemory", 0)

    assert (await Journal(redis, 42).open("update:1")).notes == Notes((7,))
    assert await Journal(redis, 42).ledger.known(5) == frozenset({7})


@pytest.mark.parametrize("asked", [[Extra.DRAFT], [Extra.RICH], [Extra.DRAFT, Extra.RICH], []])
async def test_refusals_are_remembered_per_chat_and_kind(redis: Redis, asked: Sequence[Extra]) -> None:
    await Journal(redis, 42).note_refusals(7, Extra.RICH, 2)

    journal = Journal(redis, 42)

    assert await journal.refusals(7, asked) == {one: 2 if one is Extra.RICH else 0 for one in asked}
    assert await journal.refusals(8, asked) == dict.fromkeys(asked, 0)


async def test_a_refusal_is_forgotten_after_a_day(redis: Redis) -> None:
    await Journal(redis, 42).note_refusals(7, Extra.DRAFT, 1)

    ttl_s = await redis.ttl("{govorun:42}:refused:draft:7")

    assert KEEP_REFUSAL_S - 60 < ttl_s <= KEEP_REFUSAL_S == 86_400


async def test_without_redis_nothing_is_refused() -> None:
    journal = Journal(AwayRedis(), 42)

    await journal.note_refusals(7, Extra.DRAFT, 3)

    assert await journal.refusals(7, [Extra.DRAFT]) == {Extra.DRAFT: 0}


async def test_what_was_stopped_has_no_ending(redis: Redis) -> None:
    entry = await Journal(redis, 42).open("update:1")
    await entry.write(undelivered=Piece("half"))

    again = await Journal(redis, 42).open("update:1")

    assert again.notes.undelivered == Piece("half")
