import asyncio
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.classifying import Rules
from bot.errors import (
    BadCredentials,
    ChatGone,
    ConfigError,
    ContentFiltered,
    ContextTooLong,
    DeliveryTimeout,
    Overloaded,
    Rejected,
    StoreError,
)
from bot.history import RedisVerdicts
from bot.replies.markup import render
from bot.texts import ENGLISH
from bot.types import Piece, Transport, Usage, Verdict, Work
from tests.tools.classifiers import ScriptedClassifier
from tests.tools.sorting_room import ANNA, HERE, SortingRoom, rows_in

WORDS = ENGLISH.classifying
FIVE = ("a", "b", "c", "d", "e")


async def test_one_text_gets_one_chart(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path, ScriptedClassifier({"oh no": "bad"}))

    reply = await room.sort("oh no")

    assert reply.ending == "finished"
    assert [line.split()[-1] for line in reply.text.splitlines()[2:]] == ["**bad**", "good"]
    assert (reply.frames, reply.file) == ([], None)
    assert (reply.manner.transport, reply.manner.is_bare) == (Transport.EDIT, True)


async def test_a_list_gets_a_table_in_its_order_and_a_summary(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path, ScriptedClassifier({"b": "bad"}, takes_s=0.01), rules=Rules(at_once=3))

    reply = await room.sort("a", "b", "c")

    assert [(row["text"], row["label"]) for row in rows_in(reply.file)] == [
        ("a", "good"),
        ("b", "bad"),
        ("c", "good"),
    ]
    assert WORDS.done.format(done=3, total=3) in reply.text
    assert "good: 2" in render(reply.text).text
    assert reply.file
    assert (reply.file.name, reply.file.caption) == ("tone.csv", "Tone")


async def test_progress_is_shown_from_the_first_moment(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path)

    reply = await room.sort(*FIVE)

    shown = [frame.splitlines()[1] for frame in reply.frames]
    assert [line.partition(",")[0].split("` ")[1] for line in shown] == [f"{done} of 5" for done in range(5)]
    assert [", about" in line for line in shown] == [False, False, False, True, True]


async def test_no_more_texts_are_on_their_way_than_the_rules_say(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path, ScriptedClassifier(takes_s=0.01), rules=Rules(at_once=3))

    await room.sort(*map(str, range(10)))

    assert room.classifier.most_at_once == 3
    assert sorted(room.classifier.texts) == sorted(map(str, range(10)))


async def test_each_text_is_booked_once(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path)

    await room.sort("a", "b", "a")

    expenses = [*room.accounts.booked.values()]
    assert len(expenses) == 2
    assert {(one.work, one.usage, one.prompt, one.person) for one in expenses} == {
        (Work.CLASSIFICATION, Usage(input_tokens=7), "tone", ANNA)
    }
    assert {one.model.label for one in expenses} == {"yandexgpt-5-lite"}
    assert {one.model.price.request_tokens for one in expenses} == {1000}


async def test_what_redis_does_not_take_is_noted_with_the_next_verdict(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path)
    room.accounts.troubles = 2

    await room.sort("a", "b", "c")

    assert len(room.accounts.booked) == 3


async def test_a_pile_that_is_taken_up_pays_for_nothing_twice(redis: Redis, tmp_path: Path) -> None:
    first = SortingRoom(redis, tmp_path, ScriptedClassifier(takes_s=0.02))
    killed = asyncio.create_task(first.sort(*FIVE))
    await _kept(redis, 2)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    known = len(await redis.hkeys("{govorun:42}:pile:1")) - 1

    second = SortingRoom(redis, tmp_path)
    reply = await second.sort(*FIVE)

    assert len(second.classifier.texts) == 5 - known
    assert [row["text"] for row in rows_in(reply.file)] == [*FIVE]
    assert reply.frames[0].splitlines()[1].endswith(f"{known} of 5")


async def _kept(redis: Redis, count: int) -> None:
    async with asyncio.timeout(5):
        while len(await redis.hkeys("{govorun:42}:pile:1")) <= count:  # noqa: ASYNC110 - Redis tells in no other way
            await asyncio.sleep(0.005)


async def test_a_pile_goes_on_with_the_classifier_of_its_beginning(redis: Redis, tmp_path: Path) -> None:
    await RedisVerdicts(redis, 42).begin("1", "topic")
    room = SortingRoom(redis, tmp_path)

    await room.sort("a", classifier="tone")

    assert room.classifier.schemes[0].labels == ("money", "love")
    assert room.classifier.schemes[0].model.address == "yandexgpt"


async def test_a_classifier_that_was_changed_meanwhile_begins_anew(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path)
    await room.sort("a", "b")
    (tmp_path / "tone.yaml").write_text("kind: classifier\ntask: Tell\nlabels: [x, y, z]\n", "utf-8")

    reply = await room.sort("a", "b")

    assert [[*row][3:] for row in rows_in(reply.file)] == [["x", "y", "z"]] * 2


async def test_a_classifier_that_is_gone_gives_way_to_the_first_one(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path)

    await room.sort("a", classifier="gone")

    (expense,) = room.accounts.booked.values()
    assert expense.prompt == "tone"


async def test_without_any_classifier_there_is_nothing_to_be_done(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path)
    for name in ("tone", "topic"):
        (tmp_path / f"{name}.yaml").unlink()

    with pytest.raises(ConfigError):
        await room.sort("a")

    assert room.replies.opened == {}


async def test_what_was_delivered_is_not_delivered_twice(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path)
    room.replies.earlier_answer = "done"

    reply = await room.sort(*FIVE)

    assert (reply.ending, room.classifier.texts) == ("", [])


async def test_what_was_being_delivered_is_delivered_as_it_was(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path)
    await room.sort("a", "b")
    room.replies.undelivered = Piece("the very words")

    reply = await room.sort("a", "b", "c")

    assert (reply.text, len(rows_in(reply.file))) == ("the very words", 2)
    assert room.classifier.texts == ["a", "b"]


@pytest.mark.parametrize("at_once", [1, 3])
async def test_stop_delivers_what_was_found(redis: Redis, tmp_path: Path, at_once: int) -> None:
    room = SortingRoom(redis, tmp_path, ScriptedClassifier(takes_s=0.05), rules=Rules(at_once=at_once))
    sorting = asyncio.create_task(room.sort(*map(str, range(20))))
    await _kept(redis, 3)

    room.stop()
    reply = await sorting

    rows = rows_in(reply.file)
    assert 3 <= len(rows) < 20
    assert WORDS.stopped.format(done=len(rows), total=20) in reply.text
    assert len(room.accounts.booked) == len(rows)


async def test_stop_before_anything_was_found_leaves_a_word(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path, ScriptedClassifier(takes_s=5))
    sorting = asyncio.create_task(room.sort("a", "b"))
    await _asked(room)

    room.stop()
    reply = await sorting

    assert WORDS.stopped.format(done=0, total=2) in reply.text
    assert reply.file is None


async def test_a_single_text_that_is_stopped_ends_so(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path, ScriptedClassifier(takes_s=5))
    sorting = asyncio.create_task(room.sort("a"))
    await _asked(room)

    room.stop()

    assert (await sorting).ending == "stopped"


async def _asked(room: SortingRoom) -> None:
    async with asyncio.timeout(5):
        while not room.classifier.texts:  # noqa: ASYNC110 - the room is watched from outside
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("error", [Rejected("odd"), ContentFiltered("ethics")])
async def test_a_text_that_is_refused_costs_its_own_row_only(
    redis: Redis, tmp_path: Path, error: Rejected | ContentFiltered
) -> None:
    room = SortingRoom(redis, tmp_path, ScriptedClassifier(refused={"b": error}))

    reply = await room.sort("a", "b", "c")

    assert [row["label"] for row in rows_in(reply.file)] == ["good", "", "good"]
    assert WORDS.refused.format(count=1) in reply.text
    assert WORDS.done.format(done=3, total=3) in reply.text


async def test_a_service_that_refuses_everything_is_asked_three_times(redis: Redis, tmp_path: Path) -> None:
    errors = {str(number): Rejected("labels") for number in range(50)}
    room = SortingRoom(redis, tmp_path, ScriptedClassifier(refused=errors))

    reply = await room.sort(*errors)

    assert (reply.ending, type(reply.error)) == ("failed", Rejected)
    assert len(room.classifier.texts) == 3


async def test_a_service_that_breaks_in_the_middle_leaves_what_was_found(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path, ScriptedClassifier(refused={"c": Overloaded("busy")}))

    reply = await room.sort(*FIVE)

    assert [row["text"] for row in rows_in(reply.file)] == ["a", "b"]
    assert WORDS.broken_off.format(done=2, total=5) in reply.text
    assert ENGLISH.failures.overloaded in reply.text


@pytest.mark.parametrize("texts", [("a",), FIVE])
async def test_a_service_that_is_closed_to_us_is_told_in_a_sentence(
    redis: Redis, tmp_path: Path, texts: tuple[str, ...]
) -> None:
    room = SortingRoom(redis, tmp_path, ScriptedClassifier(troubles=[BadCredentials("key")]))

    reply = await room.sort(*texts)

    assert (reply.ending, type(reply.error)) == ("failed", BadCredentials)


async def test_a_text_that_is_too_long_is_not_even_asked_about(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path, rules=Rules(most_characters=5))

    reply = await room.sort("short", "longer", "brief")

    assert room.classifier.texts == ["short", "brief"]
    assert [row["label"] for row in rows_in(reply.file)] == ["good", "", "good"]


@pytest.mark.parametrize("texts", [("longer",), ("longer", "longest")])
async def test_texts_that_are_all_too_long_are_told_in_a_sentence(
    redis: Redis, tmp_path: Path, texts: tuple[str, ...]
) -> None:
    room = SortingRoom(redis, tmp_path, rules=Rules(most_characters=5))

    reply = await room.sort(*texts)

    assert (reply.ending, type(reply.error)) == ("failed", ContextTooLong)


async def test_a_delivery_that_failed_can_be_tried_again(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path)
    room.replies.trouble = DeliveryTimeout("silence")
    with pytest.raises(DeliveryTimeout):
        await room.sort(*FIVE)

    room.replies.trouble = None
    reply = await room.sort(*FIVE)

    assert len(rows_in(reply.file)) == 5
    assert room.classifier.texts == [*FIVE]


async def test_a_chat_that_is_gone_is_not_paid_for_any_longer(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path)
    room.replies.gone_after = 2

    with pytest.raises(ChatGone):
        await room.sort(*FIVE)

    assert len(room.classifier.texts) < 5


async def test_redis_away_at_the_beginning_keeps_anything_from_being_asked(
    redis: Redis, tmp_path: Path
) -> None:
    room = SortingRoom(redis, tmp_path)
    room.classifications._verdicts = _AwayVerdicts()

    with pytest.raises(StoreError):
        await room.sort("a")

    assert (room.classifier.texts, room.replies.opened) == ([], {})


class _AwayVerdicts:
    """A store that is away; with `is_there` of 1 it goes away after the beginning."""

    def __init__(self, is_there: int = 0) -> None:
        self._is_there = is_there

    async def begin(self, _: str, classifier: str) -> tuple[str, dict[str, Verdict]]:
        if not self._is_there:
            raise StoreError("away")
        return classifier, {}

    async def keep(self, _: str, __: str, ___: Verdict) -> None:
        raise StoreError("away")

    async def conclude(self, _: str) -> None:
        raise StoreError("away")


async def test_redis_away_later_costs_nobody_the_outcome(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path)
    room.classifications._verdicts = _AwayVerdicts(is_there=1)

    reply = await room.sort("a", "b")

    assert len(rows_in(reply.file)) == 2


async def test_a_name_finds_hidden_classifiers_but_the_menu_does_not(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path)
    (tmp_path / "secret.yaml").write_text("kind: classifier\nhidden: true\ntask: T\nlabels: [a, b]\n", "utf-8")
    sorter = room.classifications

    assert [one.name for one in sorter.offered()] == ["tone", "topic"]
    assert sorter.named("nobody") is None
    assert await sorter.choose(HERE.conversation, "secret")
    in_use = await sorter.in_use(HERE.conversation)
    assert in_use
    assert in_use.name == "secret"


async def test_a_choice_that_is_gone_is_as_none(redis: Redis, tmp_path: Path) -> None:
    room = SortingRoom(redis, tmp_path)
    await room.chats.choose_classifier(HERE.conversation, "gone")

    in_use = await room.classifications.in_use(HERE.conversation)

    assert in_use
    assert in_use.name == "tone"
    assert await room.classifications.choose(HERE.conversation, "gone") is None
