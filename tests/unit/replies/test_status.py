import pytest

from bot.replies.entities import Kind, units
from bot.replies.live import LiveReply
from bot.replies.pace import Pace
from bot.replies.status import status
from bot.types import Manner, Transport
from tests.tools.reply_stage import VOICE, Trouble
from tests.tools.telegram_judge import assert_accepted
from tests.tools.world_stage import Home, WorldStage

WORDS = VOICE.speaking("ru").words
HARD = "a\tb\x00c\u202e👩‍👩‍👧‍👦 *не Markdown* " * 100


def test_the_time_is_told_in_whole_seconds() -> None:
    assert status(WORDS, 7.4, "").text == "💭 Thinking 7 s"


def test_the_newest_thoughts_stand_below_in_a_collapsed_quote() -> None:
    shown = status(WORDS, 7, "Сначала сложу.")

    (line, quote) = shown.entities
    assert shown.text == "💭 Thinking 7 s\n\nСначала сложу."
    assert (line.type, quote.type) == (Kind.ITALIC, Kind.EXPANDABLE)
    assert quote.offset == units("💭 Thinking 7 s\n\n")
    assert quote.length == len("Сначала сложу.")


def test_of_long_thoughts_the_end_is_shown() -> None:
    shown = status(WORDS, 7, "начало " * 1000 + "конец")

    assert shown.text.endswith("конец")
    assert "\n\n…" in shown.text
    assert len(shown.text) < 1000


@pytest.mark.parametrize("thought", ["", "  \n", "слово", HARD, "x" * 5000])
def test_telegram_accepts_it(thought: str) -> None:
    content = status(WORDS, 7, thought)

    assert_accepted(content)


@pytest.mark.parametrize("transport", Transport)
def test_it_appears_after_a_moment_and_gives_way_to_the_answer(transport: Transport) -> None:
    stage = WorldStage()
    seen: list[tuple[float, str]] = []

    async def story(reply: LiveReply) -> None:
        await stage.time.sleep(0.7)
        for number in range(40):
            reply.think(f"мысль {number}")
            await stage.time.sleep(0.25)
            seen.append((number / 4, _on_screen(stage)))
        reply.show("Ответ растёт")
        await stage.time.sleep(2)
        assert _on_screen(stage) == "Ответ растёт"
        await reply.finish("Ответ.")

    stage.play(story, manner=Manner(transport))

    shown = [(at, text) for at, text in seen if "Thinking" in text]
    assert 1.0 <= shown[0][0] <= 1.75
    assert shown[-1][1].endswith("мысль 30")
    assert stage.texts() == ["Ответ."]


def _on_screen(stage: WorldStage) -> str:
    draft = stage.world.draft(stage.chat_id)
    return draft.shown if draft else "".join(stage.texts())


def test_thoughts_that_end_soon_are_not_told() -> None:
    stage = WorldStage()

    async def story(reply: LiveReply) -> None:
        reply.think("мысль")
        await stage.time.sleep(1.2)
        reply.show("Ответ")
        await stage.time.sleep(2)
        await reply.finish("Ответ.")

    stage.play(story)

    assert stage.world.frames(stage.chat_id, stage.messages()[0]["message_id"]) == ["Ответ", "Ответ."]


@pytest.mark.parametrize("transport", Transport)
@pytest.mark.parametrize("ending", ["empty", "stop", "fail"])
def test_it_is_never_part_of_an_answer(transport: Transport, ending: str) -> None:
    stage = WorldStage()

    async def story(reply: LiveReply) -> None:
        reply.think("мысль")
        await stage.time.sleep(8)
        match ending:
            case "empty":
                await reply.finish("")
            case "stop":
                await reply.stop()
            case _:
                await reply.fail(Trouble())

    stage.play(story, manner=Manner(transport))

    assert stage.texts() == [{"empty": "(nothing)", "stop": "(stopped)", "fail": "Trouble in ru"}[ending]]
    assert stage.world.draft(stage.chat_id) is None


@pytest.mark.parametrize("home", Home)
def test_a_long_thought_leaves_the_answer_its_budget(home: Home) -> None:
    stage = WorldStage(home)

    async def story(reply: LiveReply) -> None:
        for number in range(120):
            reply.think(f"мысль {number}")
            await stage.time.sleep(1)
        reply.show("Ответ")
        await stage.time.sleep(5)
        assert stage.texts() == ["Ответ"]
        await reply.finish("Ответ.")

    before = stage.time.now
    stage.play(story)

    assert stage.time.now - before < 127
    stage.judge()


def test_a_status_has_a_stop_button() -> None:
    stage = WorldStage()

    async def story(reply: LiveReply) -> None:
        reply.think()
        await stage.time.sleep(5)
        assert [data.partition(":")[0] for data in stage.buttons()] == ["stop"]
        await reply.finish("Ответ.")

    stage.play(story)

    assert [data.partition(":")[0] for data in stage.buttons()] == ["again"]


@pytest.mark.parametrize("transport", Transport)
def test_a_place_in_the_line_is_told_and_gives_way_to_the_answer(transport: Transport) -> None:
    stage = WorldStage()
    seen: list[str] = []

    async def story(reply: LiveReply) -> None:
        for place in (5, 4, 3):
            reply.stand_in_line(place)
            await stage.time.sleep(6)
            seen.append(_on_screen(stage))
        reply.show("Ответ растёт")
        await stage.time.sleep(2)
        assert _on_screen(stage) == "Ответ растёт"
        await reply.finish("Ответ.")

    stage.play(story, manner=Manner(transport))

    assert seen == ["🕐 Number 5", "🕐 Number 4", "🕐 Number 3"]
    assert stage.texts() == ["Ответ."]


def test_a_line_that_ends_soon_is_not_told() -> None:
    stage = WorldStage()

    async def story(reply: LiveReply) -> None:
        await stage.time.sleep(0.2)
        reply.stand_in_line(1)
        await stage.time.sleep(1)
        reply.show("Ответ")
        await stage.time.sleep(2)
        await reply.finish("Ответ.")

    stage.play(story)

    assert stage.world.frames(stage.chat_id, stage.messages()[0]["message_id"]) == ["Ответ", "Ответ."]


def test_time_in_the_line_is_no_time_of_thinking() -> None:
    stage = WorldStage()

    async def story(reply: LiveReply) -> None:
        reply.think()
        await stage.time.sleep(1)
        reply.stand_in_line(2)
        await stage.time.sleep(30)
        reply.think()
        await stage.time.sleep(6)
        seconds = int(_on_screen(stage).split()[-2])
        assert 1 <= seconds <= 6
        await reply.finish("Ответ.")

    stage.play(story)


@pytest.mark.parametrize("transport", Transport)
def test_a_place_that_stays_the_same_costs_no_calls_and_does_not_vanish(transport: Transport) -> None:
    stage = WorldStage()

    async def story(reply: LiveReply) -> None:
        reply.stand_in_line(2)
        for _ in range(60):
            await stage.time.sleep(2)
            assert stage.time.now < 4 or _on_screen(stage) == "🕐 Number 2"
        await reply.stop()

    stage.play(story, manner=Manner(transport))

    most = {Transport.EDIT: 3, Transport.DRAFT: 12}
    assert stage.texts() == ["(stopped)"]
    assert len(stage.world.calls) <= most[transport]


def test_a_place_that_could_not_be_shown_is_shown_when_a_call_can_be_spared() -> None:
    stage = WorldStage(pace=Pace(private_calls_per_second=0.1, private_burst=2))

    async def story(reply: LiveReply) -> None:
        reply.stand_in_line(7)
        await stage.time.sleep(4)
        reply.stand_in_line(6)
        await stage.time.sleep(40)
        assert _on_screen(stage) == "🕐 Number 6"
        await reply.finish("Ответ.")

    stage.play(story)
