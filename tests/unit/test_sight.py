"""Which pictures a model is shown, and what becomes of a question whose pictures are not seen."""

from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.errors import BlindChoice, BlindModel, ConnectionCut, PhotoLost
from bot.presses import Showing, tag_of
from bot.question import Question
from bot.texts import ENGLISH
from bot.types import Ending, Line, Part, Picture, Piece, Role, Turn
from tests.tools.parrot_room import ANNA, DIALOGUE, GROUP, HERE, WHOLE, Parrot, Room
from tests.tools.replies import WrittenReply

SEEING, OTHER, BLIND = "qwen3.6-35b-a3b", "gemma-3-27b-it", "yandexgpt-5-pro"


def a_room(redis: Redis, folder: Path, parrot: Parrot | None = None, **keys: str) -> Room:
    """A room with the pictures `a` to `e`, whose prompt has these keys besides a name and a model that sees."""
    room = Room(redis, folder, parrot or Parrot(*WHOLE))
    written = {"title": "Parrot", "system": "Repeat.", "model": SEEING, **keys}
    (folder / "parrot.yaml").write_text("".join(f"{key}: {value}\n" for key, value in written.items()), "utf-8")
    room.photos.add(*"abcde")
    return room


async def shows(room: Room, *photos: str, text: str = "Who?", number: int = 1) -> WrittenReply:
    """Let Anna send these pictures with a caption."""
    question = Question(str(number), text, ANNA, HERE, message_id=number, photos=photos)
    await room.conversations.answer(question)
    return room.replies.opened[str(number)]


async def said_before(room: Room, question: str, *photos: str, number: int = 0) -> None:
    turn = Turn(question, "Polly", room.clock() + number, 9, photos)
    await room.history.append(DIALOGUE, turn, turn_id=f"before {number}")


def pictures(*names: str) -> tuple[Picture, ...]:
    return tuple(Picture(name.encode()) for name in names)


def lines(room: Room) -> list[Line]:
    """What people said, as the model read it at last."""
    return [line for line in room.model.asks[-1].lines() if line.role is Role.USER]


async def test_a_model_that_sees_is_shown_the_pictures_of_the_question(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)

    reply = await shows(room, "b", "a")

    assert reply.ending == "finished"
    assert lines(room) == [Line(Role.USER, "Who?", pictures("b", "a"))]


async def test_pictures_without_a_word_are_asked_about_in_the_persons_language(
    redis: Redis, tmp_path: Path
) -> None:
    room = a_room(redis, tmp_path)

    await shows(room, "a", text="")

    assert [line.text for line in lines(room)] == [ENGLISH.photos_alone]
    assert [turn.question for turn in await room.remembered()] == [ENGLISH.photos_alone]


async def test_a_question_that_follows_is_read_with_the_picture_before(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    await shows(room, "a")

    await shows(room, text="And now?", number=2)

    assert lines(room) == [Line(Role.USER, "Who?", pictures("a")), Line(Role.USER, "And now?")]
    assert [turn.photos for turn in await room.remembered()] == [("a",), ()]


async def test_of_earlier_pictures_the_newest_four_are_shown_again(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    await said_before(room, "one", "a", "b", number=1)
    await said_before(room, "two", "c", "d", number=2)
    await said_before(room, "three", "e", number=3)

    await shows(room, text="four")

    mark = ENGLISH.photos_unseen.format(count=1)
    assert [(line.text, line.pictures) for line in lines(room)] == [
        (f"{mark}\n\none", pictures("b")),
        ("two", pictures("c", "d")),
        ("three", pictures("e")),
        ("four", ()),
    ]


async def test_an_earlier_picture_that_is_gone_is_marked_as_such(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    await said_before(room, "one", "gone", "a")

    await shows(room, text="two")

    mark = ENGLISH.photos_unseen.format(count=1)
    assert lines(room)[0] == Line(Role.USER, f"{mark}\n\none", pictures("a"))


async def test_a_model_that_cannot_see_reads_that_there_were_pictures(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path, model=BLIND)
    await said_before(room, "one", "a", "b")

    reply = await shows(room, text="two")

    mark = ENGLISH.photos_unseen.format(count=2)
    assert [line.text for line in lines(room)] == [f"{mark}\n\none", "two"]
    assert (reply.ending, room.photos.fetched) == ("finished", [])


async def test_of_very_many_pictures_the_first_ten_are_shown(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    names = [f"picture {number}" for number in range(13)]
    room.photos.add(*names)

    await shows(room, *names)

    mark = ENGLISH.photos_unseen.format(count=3)
    assert lines(room) == [Line(Role.USER, f"{mark}\n\nWho?", pictures(*names[:10]))]


async def test_a_picture_that_is_gone_costs_nothing_and_is_told(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)

    reply = await shows(room, "a", "gone")

    assert isinstance(reply.error, PhotoLost)
    assert (reply.offers, room.model.asks, await room.remembered()) == ((), [], ())


async def test_once_it_is_there_again_the_question_can_be_asked_again(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    await shows(room, "late")
    room.photos.add("late")

    reply = await room.again(2)

    assert reply.ending == "finished"
    assert lines(room) == [Line(Role.USER, "Who?", pictures("late"))]


async def test_a_changed_caption_is_asked_with_the_same_pictures(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    await shows(room, "a", "b")

    await room.again(2, "What?")

    assert lines(room) == [Line(Role.USER, "What?", pictures("a", "b"))]
    assert [(turn.question, turn.photos) for turn in await room.remembered()] == [("What?", ("a", "b"))]


async def test_where_the_model_cannot_see_those_who_can_are_offered_and_nothing_is_paid(
    redis: Redis, tmp_path: Path
) -> None:
    room = a_room(redis, tmp_path, model=BLIND)
    others = {"eagle": SEEING, "hawk": OTHER, "mole": BLIND, "owl": f"{SEEING}\nhidden: true", "bat": "unknown"}
    for name, model in others.items():
        (tmp_path / f"{name}.yaml").write_text(f"title: {name.title()}\nsystem: Hi.\nmodel: {model}\n", "utf-8")

    reply = await shows(room, "a")

    assert type(reply.error) is BlindModel
    assert [(button.label, button.data) for (button,) in reply.offers] == [
        ("👁 Show it to: Eagle", Showing(tag_of("1"), "eagle").data),
        ("👁 Show it to: Hawk", Showing(tag_of("1"), "hawk").data),
    ]
    assert (room.model.asks, room.photos.fetched) == ([], [])


async def test_where_only_another_model_of_the_prompt_sees_its_command_is_named(
    redis: Redis, tmp_path: Path
) -> None:
    room = a_room(redis, tmp_path, model=BLIND, models=f"[{BLIND}, {SEEING}]")

    reply = await shows(room, "a")

    assert (type(reply.error), reply.offers) == (BlindChoice, ())


@pytest.mark.parametrize("name", ["nobody-knows-it", "gpt://folder/my-own/latest"])
async def test_a_model_that_no_list_knows_is_shown_the_picture_because_its_service_tells(
    redis: Redis, tmp_path: Path, name: str
) -> None:
    room = a_room(redis, tmp_path, model=name)

    reply = await shows(room, "a")

    assert reply.error is None
    assert lines(room) == [Line(Role.USER, "Who?", pictures("a"))]


async def test_a_service_that_says_so_is_believed(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path, Parrot(error=BlindModel("it is not a multimodal model")))
    (tmp_path / "eagle.yaml").write_text(f"system: Hi.\nmodel: {OTHER}\n", "utf-8")

    reply = await shows(room, "a")

    assert isinstance(reply.error, BlindModel)
    assert [button.label for (button,) in reply.offers] == ["👁 Show it to: eagle"]


async def test_a_fallback_that_sees_answers_for_a_model_that_does_not(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path, model=BLIND, fallback=f"[aliceai-llm, {SEEING}, {OTHER}]")

    await shows(room, "a")
    await shows(room, text="And now?", number=2)

    first, second = (ask.model for ask in room.model.asks)
    assert (first.name, [one.name for one in first.fallbacks]) == (SEEING, [OTHER])
    assert (second.name, len(second.fallbacks)) == (BLIND, 3)


async def test_whoever_answers_instead_is_not_shown_what_it_cannot_see(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path, fallback=f"[{BLIND}]")

    await shows(room, "a")

    assert room.model.asks[0].model.fallbacks == ()


async def test_what_was_not_seen_is_asked_again_of_whoever_is_in_use_then(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path, model=BLIND)
    (tmp_path / "eagle.yaml").write_text(f"system: Hi.\nmodel: {SEEING}\n", "utf-8")
    await shows(room, "a")
    await room.again(2)

    chosen = await room.conversations.choose_prompt(HERE, "eagle")
    reply = await room.again(3)

    assert chosen is not None
    assert (reply.ending, reply.manner.in_place) == ("finished", (1,))
    assert lines(room) == [Line(Role.USER, "Who?", pictures("a"))]
    assert (await room.newest()).prompt == "eagle"


async def test_an_earlier_answer_outlives_a_model_that_has_gone_blind(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    await shows(room, "a")
    a_room(redis, tmp_path, model=BLIND)

    reply = await room.again(2)

    assert reply.kept == Piece("Polly", Ending.COMPLETE)
    newest = await room.newest()
    assert (newest.prompt, newest.answer, newest.photos) == ("parrot", "Polly", ("a",))


async def test_there_is_no_prompt_that_nobody_wrote(redis: Redis, tmp_path: Path) -> None:
    assert await a_room(redis, tmp_path).conversations.choose_prompt(HERE, "dodo") is None


async def test_the_window_counts_pictures(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)

    await shows(room, "a", "b")

    (turn,) = await room.remembered()
    assert turn.tokens > 2000


async def test_what_is_kept_of_a_question_with_an_album_is_small(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)
    names = [f"AQADuT8xG2_QUVR{number}:{'x' * 90}" for number in range(10)]
    room.photos.pictures = dict.fromkeys(names, Picture(b"p" * 1_000_000))
    parts = [Part(number, "", photos=(name,)) for number, name in enumerate(names, 1)]

    await room.conversations.answer(Question("1", "", ANNA, HERE, message_id=10).made_of(parts))

    sizes = [await redis.memory_usage(key) or 0 for key in await redis.keys("*")]
    assert len(lines(room)[0].pictures) == 10
    assert sum(sizes) < 10_000


async def test_in_a_group_the_model_knows_who_shows_something(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path)

    await room.conversations.answer(Question("1", "", ANNA, GROUP, photos=("a",)))

    assert lines(room) == [Line(Role.USER, f"Anna: {ENGLISH.photos_alone}", pictures("a"))]


async def test_a_failure_of_another_kind_offers_nothing(redis: Redis, tmp_path: Path) -> None:
    room = a_room(redis, tmp_path, Parrot(error=ConnectionCut("cut")))

    reply = await shows(room, "a")

    assert (type(reply.error), reply.offers) == (ConnectionCut, ())
    assert (await room.newest()).prompt == "parrot"
