"""Answers that grow as drafts, before the Telegram of the sandbox: alive while they grow, gone at the end."""

from itertools import pairwise

import pytest

from bot.presses import tag_of, tag_of_draft
from bot.replies.draft import KEEP_ALIVE_S
from bot.replies.live import LiveReply
from bot.sandbox.telegram.world import Ability, Fault
from bot.types import Format, Manner, Transport
from tests.tools.telling import ANSWER, WORDS, words_of
from tests.tools.world_stage import ANNA, BORIS, Home, Story, WorldStage

DRAFT = Manner(Transport.DRAFT)
LIFE_S = 30


def shown(stage: WorldStage) -> list[str]:
    return [frame.shown for frame in stage.world.draft_frames(stage.chat_id)]


def writes(stage: WorldStage, text: str, *, seconds: float = 10, pieces: int = 40) -> Story:
    async def story(reply: LiveReply) -> None:
        for number in range(1, pieces):
            reply.show(text[: len(text) * number // pieces])
            await stage.time.sleep(seconds / pieces)
        await reply.finish(text)

    return story


def assert_never_expires(stage: WorldStage) -> None:
    """Between two frames of drafts there is no silence in which one would have gone."""
    times = [frame.at for frame in stage.world.draft_frames(stage.chat_id)]
    assert max(later - earlier for earlier, later in pairwise(times)) < LIFE_S


def test_an_answer_grows_as_a_draft_and_comes_as_one_message() -> None:
    stage = WorldStage()

    stage.play(writes(stage, "раз два три четыре пять"), manner=DRAFT)

    assert stage.texts() == ["раз два три четыре пять"]
    assert len(stage.called("sendMessage")) == 1
    assert stage.called("editMessageText") == []
    assert len(shown(stage)) > 5
    assert stage.world.draft(stage.chat_id) is None


def test_the_first_text_is_shown_at_once() -> None:
    stage = WorldStage()
    began_at = stage.world.state.clock()

    stage.play(writes(stage, ANSWER[:500]), manner=DRAFT)

    first = next(frame for frame in stage.world.draft_frames(stage.chat_id) if frame.shown)
    assert first.at - began_at < 0.3


def test_every_frame_can_be_stopped_and_names_its_reply() -> None:
    stage = WorldStage()

    stage.play(writes(stage, ANSWER), manner=DRAFT, reply_id="x")

    frames = stage.world.draft_frames(stage.chat_id)
    assert {(frame.can_stop, frame.keep_on_stop) for frame in frames} == {(True, True)}
    assert {tag_of_draft(frame.draft_id) for frame in frames} == {tag_of("x")}


def test_a_draft_is_animated_within_a_part_and_no_part_is_too_long() -> None:
    stage = WorldStage()

    stage.play(writes(stage, ANSWER, seconds=20), manner=DRAFT)

    frames = stage.world.draft_frames(stage.chat_id)
    assert len({frame.draft_id for frame in frames}) == 3
    assert sum(not frame.is_animated for frame in frames) == 3
    assert max(len(frame.shown) for frame in frames) <= 4096
    assert words_of("\n".join(stage.texts())) == WORDS


def test_full_parts_are_messages_while_the_next_one_grows() -> None:
    stage = WorldStage()

    stage.play(writes(stage, ANSWER, seconds=30), manner=DRAFT)

    first, second, _ = (call.at for call in stage.called("sendMessage"))
    frames = [frame.at for frame in stage.world.draft_frames(stage.chat_id)]
    assert any(first < at < second for at in frames)


def test_thinking_is_shown_with_a_stop_button_before_there_is_a_text() -> None:
    stage = WorldStage()

    async def story(reply: LiveReply) -> None:
        await stage.time.sleep(5)
        frame = stage.world.draft(stage.chat_id)
        assert frame is not None
        assert (frame.shown, frame.can_stop) == ("", True)
        await reply.finish("раз")

    stage.play(story, manner=DRAFT)

    assert stage.texts() == ["раз"]


@pytest.mark.parametrize("is_thinking", [False, True])
def test_a_draft_stays_alive_through_a_long_silence_before_the_text(*, is_thinking: bool) -> None:
    stage = WorldStage()

    async def story(reply: LiveReply) -> None:
        if is_thinking:
            reply.think()
        await stage.time.sleep(100)
        reply.show("раз")
        await stage.time.sleep(3)
        await reply.finish("раз два")

    stage.play(story, manner=DRAFT)

    assert_never_expires(stage)
    assert shown(stage)[-1] == "раз"


def test_a_draft_stays_alive_through_a_long_silence_within_the_text() -> None:
    stage = WorldStage()

    async def story(reply: LiveReply) -> None:
        reply.show("раз")
        for _ in range(100):
            await stage.time.sleep(1)
            draft = stage.world.draft(stage.chat_id)
            assert draft is not None
            assert draft.shown == "раз"
        await reply.finish("раз два")

    stage.play(story, manner=DRAFT)

    assert_never_expires(stage)
    assert len(shown(stage)) <= 2 + 100 / KEEP_ALIVE_S


def test_a_draft_stays_alive_while_only_what_nobody_sees_comes() -> None:
    stage = WorldStage()

    async def story(reply: LiveReply) -> None:
        reply.show("раз")
        for number in range(195):
            await stage.time.sleep(0.1)
            reply.show("раз" + "\n" * number)
        await stage.time.sleep(50)
        await reply.finish("раз два")

    stage.play(story, manner=DRAFT)

    assert_never_expires(stage)
    assert len(shown(stage)) <= 1 + 70 / KEEP_ALIVE_S


def test_the_status_of_thinking_is_not_overwritten_by_less() -> None:
    stage = WorldStage()

    async def story(reply: LiveReply) -> None:
        reply.think("Сначала")
        await stage.time.sleep(60)
        reply.show("раз")
        await stage.time.sleep(2)
        await reply.finish("раз")

    stage.play(story, manner=DRAFT)

    first = next(index for index, text in enumerate(shown(stage)) if "Thinking" in text)
    assert all(text for text in shown(stage)[first:])


@pytest.mark.parametrize("manner", [DRAFT, Manner(Transport.DRAFT, Format.RICH)], ids=["entities", "rich"])
@pytest.mark.parametrize("how", ["refused", "unknown", "peer"])
def test_refused_drafts_become_edits_within_the_same_reply(manner: Manner, how: str) -> None:
    stage = WorldStage()
    world = stage.world
    match how:
        case "refused":
            world.abilities.refuse(Ability.DRAFTS, "TEXTDRAFT_PEER_INVALID")
            world.abilities.refuse(Ability.RICH_DRAFTS, "TEXTDRAFT_PEER_INVALID")
        case "unknown":
            world.abilities.unlearn(Ability.DRAFTS)
            world.abilities.unlearn(Ability.RICH_DRAFTS)
        case _:
            fault = Fault.refusal(400, "Bad Request: TEXTDRAFT_PEER_INVALID")
            world.faults.add(fault, "sendMessageDraft", times=9)
            world.faults.add(fault, "sendRichMessageDraft", times=9)

    stage.play(writes(stage, ANSWER), manner=manner)

    assert words_of("\n".join(stage.texts())) == WORDS
    assert len(stage.called("editMessageText")) > 3
    refused = [call for call in world.calls if call.method.lower().endswith("draft")]
    assert len(refused) <= 2


def test_what_a_chat_refused_is_not_tried_in_its_next_reply_but_elsewhere() -> None:
    stage = WorldStage()
    stage.world.abilities.refuse(Ability.DRAFTS, chat_id=ANNA)
    stage.play(writes(stage, "раз два"), manner=DRAFT)
    before = len(stage.world.calls)

    stage.play(writes(stage, "раз два"), manner=DRAFT, reply_id="2")

    later = [call.method for call in stage.world.calls[before:]]
    assert "sendMessageDraft" not in later
    assert stage.texts() == ["раз два"] * 2


def test_another_chat_still_gets_drafts() -> None:
    stage = WorldStage()
    stage.world.abilities.refuse(Ability.DRAFTS, chat_id=ANNA)
    stage.play(writes(stage, "раз два"), manner=DRAFT)
    stage.chat_id = BORIS

    stage.play(writes(stage, "раз два"), manner=DRAFT, reply_id="2")

    assert shown(stage)


@pytest.mark.parametrize("home", [Home.GROUP, Home.FORUM])
def test_in_groups_no_draft_is_tried(home: Home) -> None:
    stage = WorldStage(home)

    stage.play(writes(stage, ANSWER), manner=DRAFT)

    assert words_of("\n".join(stage.texts())) == WORDS
    assert not [call for call in stage.world.calls if "Draft" in call.method]


def test_a_flood_wait_for_a_draft_is_no_refusal_of_drafts() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.flood(3), "sendMessageDraft")

    stage.play(writes(stage, "раз два три"), manner=DRAFT)
    stage.play(writes(stage, "раз два три"), manner=DRAFT, reply_id="2")

    assert stage.called("editMessageText") == []
    assert stage.knocks == 0
    assert stage.texts() == ["раз два три"] * 2


@pytest.mark.parametrize("manner", [DRAFT, Manner(Transport.EDIT)], ids=["draft", "typing"])
@pytest.mark.parametrize("is_applied", [True, False])
def test_a_call_that_hangs_and_leaves_no_message_does_not_delay_the_end(
    manner: Manner, *, is_applied: bool
) -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault(delay_s=28, is_answer_lost=is_applied, is_dropped=not is_applied))

    async def story(reply: LiveReply) -> None:
        await stage.time.sleep(1)
        reply.show("раз")
        await stage.time.sleep(1)
        await reply.finish("раз два")
        assert stage.time.now < 6

    stage.play(story, manner=manner)

    assert stage.texts() == ["раз два"]


def test_a_draft_that_hangs_is_overtaken_by_the_next_frame() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault(delay_s=28, is_dropped=True), "sendMessageDraft", after=2)

    stage.play(writes(stage, "раз два три четыре пять", seconds=20), manner=DRAFT)

    times = [frame.at for frame in stage.world.draft_frames(stage.chat_id)]
    assert 4 < max(later - earlier for earlier, later in pairwise(times)) < 7.5
    assert stage.texts() == ["раз два три четыре пять"]


def test_no_draft_comes_after_the_final_message() -> None:
    stage = WorldStage()

    async def story(reply: LiveReply) -> None:
        await writes(stage, "раз два три")(reply)
        reply.show("ещё")
        await stage.time.sleep(100)

    stage.play(story, manner=DRAFT)

    last = stage.called("sendMessage")[-1].at
    assert all(frame.at < last for frame in stage.world.draft_frames(stage.chat_id))


def test_an_interrupted_reply_goes_on_below_the_messages_that_were_sent() -> None:
    stage = WorldStage()

    async def broken_off(reply: LiveReply) -> None:
        reply.show(ANSWER[:6000])
        await stage.time.sleep(3)

    stage.play(broken_off, manner=DRAFT)
    stage.play(writes(stage, ANSWER), manner=DRAFT)

    assert words_of("\n".join(stage.texts())) == WORDS
    assert len(stage.called("sendMessage")) == 3


def test_a_draft_that_is_too_long_after_all_costs_no_text() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.refusal(400, "Bad Request: MESSAGE_TOO_LONG"), "sendMessageDraft", after=3)

    stage.play(writes(stage, ANSWER), manner=DRAFT)

    assert words_of("\n".join(stage.texts())) == WORDS
