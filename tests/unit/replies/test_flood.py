"""Answers under flood control as strict as Telegram's: whole, in order, once, and no knock within a wait."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from bot.replies.composer import EntityComposer
from bot.replies.pace import Pace
from bot.sandbox.telegram.world import FloodLimits
from bot.types import ConversationKey, Format, Place, Transport
from tests.tools.markdown_samples import HARD, words
from tests.tools.telling import ANSWER, SCENES, WORDS, Scene, words_of
from tests.tools.world_stage import ANNA, FORUM, GROUP, OTHER_TOPIC, TOPIC, Home, Process, WorldStage

pytestmark = pytest.mark.exhaustive

TOKEN_CHARS, TOKEN_S = 4, 0.02
LONG = {"10,020": HARD["mixed, 10,020 characters"], "30,000": HARD["mixed, 30,000 characters"]}
PRIVATE_EDIT = Scene(Home.PRIVATE, Transport.EDIT, Format.ENTITIES)
GREEDY = Pace(
    private_calls_per_second=20,
    private_burst=20,
    group_calls_per_minute=600,
    group_burst=20,
    frame_interval_s=0.3,
)
"""A pace that flood control must slow down."""

Telling = Callable[[], Awaitable[None]]


def strict(home: Home, retry_after_s: float = 3) -> WorldStage:
    return WorldStage(home, flood=FloodLimits(retry_after_s=retry_after_s))


async def answer(
    stage: WorldStage,
    process: Process,
    text: str,
    scene: Scene,
    *,
    reply_id: str = "1",
    place: Place | None = None,
) -> None:
    """Let a model write a text, a token at a time."""
    async with stage.open(process, manner=scene.manner, reply_id=reply_id, place=place) as reply:
        for end in range(TOKEN_CHARS, len(text), TOKEN_CHARS):
            reply.show(text[:end])
            await stage.time.sleep(TOKEN_S)
        await reply.finish(text)


def play(stage: WorldStage, *stories: Telling) -> None:
    """Play all at once."""

    async def together() -> None:
        await asyncio.gather(*(story() for story in stories))

    asyncio.run(stage.time.run(together()))


def refusals(stage: WorldStage) -> int:
    return sum(call.error_code == 429 for call in stage.world.calls)


def words_in(stage: WorldStage) -> list[str]:
    return words("\n".join(text for text in stage.texts() if text != "(whole)"))


@pytest.mark.parametrize("size", LONG)
@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_hard_document_is_whole_and_flood_control_never_speaks(scene: Scene, size: str) -> None:
    stage = strict(scene.home)

    play(stage, lambda: answer(stage, stage.process(), LONG[size], scene))

    assert words_in(stage) == words(LONG[size])
    assert (refusals(stage), stage.knocks) == (0, 0)
    stage.judge()


def test_what_is_shown_is_what_the_composer_made() -> None:
    stage = strict(Home.PRIVATE)

    play(stage, lambda: answer(stage, stage.process(), LONG["10,020"], PRIVATE_EDIT))

    assert stage.texts() == [part.text for part in EntityComposer().compose(LONG["10,020"])]


@pytest.mark.parametrize("retry_after_s", [3, 10])
@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_whoever_is_too_fast_is_slowed_down_and_loses_nothing(scene: Scene, retry_after_s: float) -> None:
    stage = strict(scene.home, retry_after_s)
    process = stage.process(pace=GREEDY)

    play(stage, lambda: answer(stage, process, LONG["10,020"], scene))

    assert words_in(stage) == words(LONG["10,020"])
    assert refusals(stage) > 0
    assert stage.knocks == 0


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_several_answers_after_one_another_are_all_whole(scene: Scene) -> None:
    stage = strict(scene.home)
    process = stage.process()

    async def story() -> None:
        for number in range(4):
            await answer(stage, process, ANSWER, scene, reply_id=str(number))

    play(stage, story)

    assert words_of("\n".join(stage.texts())) == WORDS * 4
    assert (refusals(stage), stage.knocks) == (0, 0)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_busy_feature_of_the_bot_shares_the_budget(scene: Scene) -> None:
    stage = strict(scene.home)
    process = stage.process()

    async def notices() -> None:
        for number in range(12):
            await process.notices.say(stage.place, f"notice {number}")
            await stage.time.sleep(4)

    play(stage, lambda: answer(stage, process, ANSWER, scene), notices)

    said = [text for text in stage.texts() if text.startswith("notice")]
    assert words_of("\n".join(stage.texts())) == WORDS
    assert said == [f"notice {number}" for number in range(12)]
    assert (refusals(stage), stage.knocks) == (0, 0)


def test_answers_in_all_topics_of_a_forum_share_its_budget() -> None:
    stage = strict(Home.FORUM)
    process = stage.process()
    scene = Scene(Home.FORUM, Transport.EDIT, Format.ENTITIES)
    topics = [TOPIC, OTHER_TOPIC, None]

    def story(topic_id: int | None) -> Telling:
        place = Place(ConversationKey(42, FORUM, topic_id), is_group=True, below=stage.question_id)
        return lambda: answer(stage, process, ANSWER, scene, reply_id=str(topic_id), place=place)

    play(stage, *map(story, topics))

    for topic_id in topics:
        shown = [one["text"] for one in stage.messages() if one.get("message_thread_id") == topic_id]
        assert words_of("\n".join(shown)) == WORDS
    assert (refusals(stage), stage.knocks) == (0, 0)


@pytest.mark.parametrize("home", Home)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_network_of_changing_speed_brings_no_429(home: Home, seed: int) -> None:
    stage = strict(home)
    dice = random.Random(seed)  # noqa: S311 - for a network, not for secrets
    process = stage.process()
    process.session.before_call = lambda _: process.session.travel(dice.choice([0.03, 0.1, 0.5, 2.0]))
    scene = Scene(home, Transport.EDIT, Format.ENTITIES)

    async def story() -> None:
        for number in range(3):
            await answer(stage, process, ANSWER, scene, reply_id=str(number))

    play(stage, story)

    assert words_of("\n".join(stage.texts())) == WORDS * 3
    assert (refusals(stage), stage.knocks) == (0, 0)


def test_two_replicas_without_a_common_redis_lose_nothing() -> None:
    stage = strict(Home.PRIVATE)
    first, second = stage.process(), stage.process()

    play(
        stage,
        lambda: answer(stage, first, ANSWER, PRIVATE_EDIT, reply_id="1"),
        lambda: answer(stage, second, ANSWER, PRIVATE_EDIT, reply_id="2"),
    )

    assert sorted(words_of("\n".join(stage.texts()))) == sorted(WORDS * 2)
    # Of the other's waits neither can know, of its own each does.
    assert (first.session.knocks, second.session.knocks) == (0, 0)


def test_after_a_429_frames_are_further_apart_and_come_closer_again() -> None:
    stage = WorldStage(Home.PRIVATE)
    process = stage.process()

    async def story() -> None:
        async with stage.open(process) as reply:
            for number in range(600):
                if number == 100:
                    await process.governor.penalise(ANNA, 3)
                reply.show(f"text {number}")
                await stage.time.sleep(1)
            await reply.finish("text")

    play(stage, story)

    times = [call.at for call in stage.called("editMessageText")]
    assert _most(times, 20, 100) >= 70
    assert _most(times, 110, 170) <= 45
    assert _most(times, 500, 580) >= 70


def _most(times: list[float], begin: float, end: float) -> int:
    """How many of the calls came in that stretch of the answer."""
    first = times[0]
    return sum(begin <= at - first < end for at in times)


def test_another_chat_is_not_slowed_down() -> None:
    stage = WorldStage(Home.PRIVATE)
    process = stage.process()

    async def story() -> None:
        await process.governor.penalise(GROUP, 300)
        async with stage.open(process) as reply:
            await reply.finish("text")

    play(stage, story)

    assert stage.time.now < 1
