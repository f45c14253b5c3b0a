"""What the person sees from frame to frame: the newest, at a steady rhythm, never torn and never flickering."""

import asyncio
from itertools import pairwise

import pytest

from bot.errors import ChatGone
from bot.replies.live import LiveReply
from bot.replies.pace import Pace
from bot.sandbox.telegram.world import Call, Fault
from bot.types import Manner
from tests.tools.reply_stage import Trouble
from tests.tools.telling import ANSWER, SCENES, WORDS, Scene, words_of
from tests.tools.world_stage import Home, Story, WorldStage


def writes(stage: WorldStage, text: str, *, seconds: float = 12, pieces: int = 600) -> Story:
    async def story(reply: LiveReply) -> None:
        for number in range(1, pieces):
            reply.show(text[: len(text) * number // pieces])
            await stage.time.sleep(seconds / pieces)
        await reply.finish(text)

    return story


def seen(stage: WorldStage) -> list[str]:
    """What the chat showed after each call, drafts included."""
    return [_text(call) for call in stage.world.calls if call.ok and _text(call)]


def _text(call: Call) -> str:
    rich = call.params.get("rich_message", {})
    return str(call.params.get("text") or rich.get("markdown", ""))


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_frames_only_grow(scene: Scene) -> None:
    """But a message that is full gives its last words to the next one."""
    stage = WorldStage(scene.home)

    stage.play(writes(stage, ANSWER), manner=scene.manner)

    frames = [call for call in stage.world.calls if "Draft" in call.method or "reply_markup" in call.params]
    newest = [words_of(_text(call))[-1] for call in frames if _text(call)]
    assert newest == sorted(newest)
    assert newest[-1] == WORDS[-1]


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_each_frame_shows_the_newest_text(scene: Scene) -> None:
    """What a frame shows is no older than a word or two of the model, unless it first fills a message."""
    stage = WorldStage(scene.home)
    said: list[int] = []

    async def story(reply: LiveReply) -> None:
        process.session.before_call = lambda _: said.append(number)
        for number in range(1, 300):
            reply.show(" ".join(WORDS[:number]))
            await stage.time.sleep(0.05)

    process = stage.process()
    stage.play(story, process=process, manner=scene.manner)

    shown = [len(words_of(_text(call))) for call in stage.world.calls]
    assert len(shown) > 3
    assert all(then - now <= 4 for then, now in zip(said, shown, strict=True) if now)


@pytest.mark.parametrize("scene", [one for one in SCENES if one.home is Home.PRIVATE], ids=str)
def test_in_a_private_chat_frames_come_every_second(scene: Scene) -> None:
    stage = WorldStage()

    stage.play(writes(stage, ANSWER), manner=scene.manner)

    times = [call.at for call in stage.world.calls][:-3]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    borders = [gap for gap in gaps[1:] if gap < 0.2]
    assert all(0.9 <= gap <= 1.3 for gap in gaps[1:] if gap not in borders)
    assert len(borders) <= 2, "where one message ends and the next begins"
    assert len(gaps) >= 9


@pytest.mark.parametrize("scene", [one for one in SCENES if one.home is Home.PRIVATE], ids=str)
def test_words_hardly_vanish_where_one_message_ends_and_the_next_begins(scene: Scene) -> None:
    """The next one follows at once if a call can be spared, which after a long growth is not so."""
    stage = WorldStage()
    most, hidden_s, last = 0, 0.0, 0.0

    async def watch() -> None:
        nonlocal most, hidden_s, last
        while True:
            draft = stage.world.draft(stage.chat_id)
            shown = len(words_of("\n".join([*stage.texts(), draft.shown if draft else ""])))
            hidden_s = hidden_s + stage.time.now - last if shown < most else hidden_s
            most, last = max(most, shown), stage.time.now
            await stage.time.sleep(0.01)

    async def story(reply: LiveReply) -> None:
        watching = asyncio.ensure_future(watch())
        await writes(stage, ANSWER)(reply)
        watching.cancel()

    stage.play(story, manner=scene.manner)

    assert most == len(WORDS)
    assert hidden_s < 1.2, "less than a frame's time at each of two borders"


@pytest.mark.parametrize("scene", SCENES, ids=str)
@pytest.mark.parametrize("hidden", ["[", "**", " \n", "$\\frac{", "\n|"])
def test_what_nobody_sees_costs_no_call(scene: Scene, hidden: str) -> None:
    """After it there are as many calls left for frames as before."""
    stage = WorldStage(scene.home, pace=Pace(private_calls_per_second=1e-4, group_calls_per_minute=1e-4))

    async def story(reply: LiveReply) -> None:
        reply.show("раз")
        await stage.time.sleep(2)
        for number in range(100):
            reply.show("раз " + hidden + " " * number)
            await stage.time.sleep(0.1)
        assert seen(stage) == ["раз"]
        for text in ("раз два", "раз два три"):
            reply.show(text)
            await stage.time.sleep(2)
            assert seen(stage)[-1] == text

    stage.play(story, manner=scene.manner)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_link_is_shown_as_it_was_until_its_address_is_whole(scene: Scene) -> None:
    stage = WorldStage(scene.home)
    address = "https://example.org/" + "a" * 400

    async def story(reply: LiveReply) -> None:
        text = f"раз [два]({address}) три"
        for end in range(1, len(text), 4):
            reply.show(text[:end])
            await stage.time.sleep(0.1)
        await reply.finish(text)

    stage.play(story, manner=scene.manner)

    assert len(seen(stage)) <= 4


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_short_answer_is_one_message_in_one_call(scene: Scene) -> None:
    stage = WorldStage(scene.home)

    async def story(reply: LiveReply) -> None:
        reply.show("Да")
        await stage.time.sleep(0.05)
        await reply.finish("Да, конечно.")

    stage.play(story, manner=scene.manner)

    assert seen(stage) == ["Да, конечно."]


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_one_call_is_in_flight_at_a_time_also_when_telegram_is_slow(scene: Scene) -> None:
    stage = WorldStage(scene.home)
    process = stage.process(latency_s=4)

    stage.play(writes(stage, ANSWER), process=process, manner=scene.manner)

    assert process.session.most_in_flight == 1
    assert words_of("\n".join(stage.texts())) == WORDS


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_revised_text_replaces_what_was_shown(scene: Scene) -> None:
    stage = WorldStage(scene.home)

    async def story(reply: LiveReply) -> None:
        reply.show(ANSWER)
        await stage.time.sleep(20)
        reply.show("Передумал")
        await stage.time.sleep(6)
        await reply.finish("Передумал.")

    stage.play(story, manner=scene.manner)

    assert stage.texts() == ["Передумал."]


@pytest.mark.parametrize("scene", SCENES, ids=str)
@pytest.mark.parametrize("ending", ["finish", "fail", "stop"])
def test_an_ending_may_be_tried_again(scene: Scene, ending: str) -> None:
    stage = WorldStage(scene.home)
    for method in ("sendMessage", "sendRichMessage", "editMessageText"):
        stage.world.faults.add(Fault.refusal(401, "Unauthorized"), method)

    async def story(reply: LiveReply) -> None:
        reply.show("раз")
        for _ in range(3):
            try:
                match ending:
                    case "finish":
                        await reply.finish("раз")
                    case "fail":
                        await reply.fail(Trouble())
                    case _:
                        await reply.stop()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next try decides
                assert "Unauthorized" in str(error)  # noqa: PT017 - the last try must not raise

    stage.play(story, manner=scene.manner)

    tail = {"finish": "", "fail": "\n\nTrouble in ru", "stop": "\n\n(stopped)"}[ending]
    assert stage.texts() == ["раз" + tail]


def test_what_nobody_reads_stops_the_model_at_the_next_frame() -> None:
    stage = WorldStage()
    shown = 0

    async def story(reply: LiveReply) -> None:
        nonlocal shown
        for shown in range(100):
            if shown == 30:
                stage.world.block(stage.chat_id)
            reply.show(" ".join(WORDS[: shown + 1]))
            await stage.time.sleep(0.1)

    with pytest.raises(ChatGone):
        stage.play(story, manner=Manner())

    assert shown < 45


@pytest.mark.parametrize("ending", ["finish", "fail", "stop"])
def test_no_ending_calls_a_chat_that_a_frame_has_found_gone(ending: str) -> None:
    stage = WorldStage()

    async def story(reply: LiveReply) -> None:
        stage.world.block(stage.chat_id)
        reply.show("раз")
        await stage.time.sleep(5)
        match ending:
            case "finish":
                await reply.finish("раз")
            case "fail":
                await reply.fail(Trouble())
            case _:
                await reply.stop()

    with pytest.raises(ChatGone):
        stage.play(story)

    assert [call.method for call in stage.world.calls] == ["sendMessage"]
