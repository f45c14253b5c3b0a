"""What a chat refuses is reached in another way, within the same reply, and not tried again for a day."""

import pytest

from bot.replies.journal import Extra
from bot.replies.live import LiveReply
from bot.replies.ways import Policy
from bot.sandbox.telegram.world import Ability, Fault
from bot.types import ConversationKey, Format, Manner, Place, Transport
from tests.tools.telling import ANSWER, SCENES, WORDS, Scene, words_of
from tests.tools.world_stage import Home, Story, WorldStage

RICH = Manner(format=Format.RICH)
TABLE = "| слово0000 | слово0001 |\n|---|---|\n| слово0002 | слово0003 |"


def writes(stage: WorldStage, text: str) -> Story:
    async def story(reply: LiveReply) -> None:
        for number in range(1, 20):
            reply.show(text[: len(text) * number // 20])
            await stage.time.sleep(0.4)
        await reply.finish(text)

    return story


def finishes(text: str) -> Story:
    return lambda reply: reply.finish(text)


def rich_calls(stage: WorldStage) -> list[str]:
    return [call.method for call in stage.world.calls if "rich_message" in call.params]


@pytest.mark.parametrize(
    ("place", "manner", "wanted"),
    [
        (Place(ConversationKey(42, 7)), Manner(), []),
        (Place(ConversationKey(42, 7)), Manner(Transport.DRAFT), [Extra.DRAFT]),
        (Place(ConversationKey(42, 7)), Manner(Transport.DRAFT, Format.RICH), [Extra.DRAFT, Extra.RICH]),
        (Place(ConversationKey(42, -7), is_group=True), Manner(Transport.DRAFT, Format.RICH), [Extra.RICH]),
        (Place(ConversationKey(42, 7, None, "b")), Manner(Transport.DRAFT, Format.RICH), []),
    ],
)
def test_only_what_a_place_can_take_is_wanted(place: Place, manner: Manner, wanted: list[Extra]) -> None:
    assert list(Policy().extras(place, manner)) == wanted


def test_a_prompt_overrules_the_operator() -> None:
    private = Place(ConversationKey(42, 7))

    assert list(Policy(Transport.DRAFT).extras(private, Manner())) == [Extra.DRAFT]
    assert list(Policy(Transport.DRAFT).extras(private, Manner(Transport.EDIT))) == []


@pytest.mark.parametrize("home", Home)
def test_a_rich_answer_is_rich(home: Home) -> None:
    stage = WorldStage(home)

    stage.play(writes(stage, TABLE), manner=RICH)

    (message,) = stage.messages()
    assert message["rich_message"]["blocks"][0]["type"] == "table"
    assert words_of("\n".join(stage.texts())) == WORDS[:4]


@pytest.mark.parametrize("scene", [one for one in SCENES if one.format is Format.RICH], ids=str)
@pytest.mark.parametrize("how", ["refused", "unknown", "this one"])
def test_refused_rich_messages_become_entities_within_the_same_reply(scene: Scene, how: str) -> None:
    stage = WorldStage(scene.home)
    match how:
        case "refused":
            stage.world.abilities.refuse(Ability.RICH)
            stage.world.abilities.refuse(Ability.RICH_DRAFTS)
        case "unknown":
            stage.world.abilities.unlearn(Ability.RICH)
            stage.world.abilities.unlearn(Ability.RICH_DRAFTS)
        case _:
            stage.world.faults.add(Fault.refusal(400, "Bad Request: RICH_MESSAGE_BLOCKS_TOO_MUCH"), after=4)

    stage.play(writes(stage, ANSWER), manner=scene.manner)

    assert words_of("\n".join(stage.texts())) == WORDS
    assert all("text" in message for message in stage.messages())
    assert [data.partition(":")[0] for data in stage.buttons()] == ["again"]


def test_a_chat_that_refused_rich_messages_is_not_asked_again() -> None:
    stage = WorldStage()
    stage.world.abilities.refuse(Ability.RICH)
    stage.play(writes(stage, "раз два"), manner=RICH)
    before = len(rich_calls(stage))

    stage.play(writes(stage, "раз два"), manner=RICH, reply_id="2")

    assert before == 1
    assert len(rich_calls(stage)) == before


def test_one_rich_message_that_is_bad_says_nothing_about_the_chat() -> None:
    stage = WorldStage()
    stage.world.faults.add(Fault.refusal(400, "Bad Request: RICH_MESSAGE_BLOCKS_TOO_MUCH"), after=4)
    stage.play(writes(stage, ANSWER), manner=RICH)
    before = len(rich_calls(stage))

    stage.play(writes(stage, "раз два"), manner=RICH, reply_id="2")

    assert before > 1
    assert len(rich_calls(stage)) > before


@pytest.mark.parametrize(
    ("manner", "method"),
    [(RICH, "sendRichMessage"), (Manner(Transport.DRAFT), "sendMessageDraft")],
    ids=["rich", "drafts"],
)
def test_content_that_is_bad_thrice_in_a_row_is_enough_for_a_day(manner: Manner, method: str) -> None:
    stage = WorldStage()
    bad = Fault.refusal(400, "Bad Request: RICH_MESSAGE_BLOCKS_TOO_MUCH")
    tried: list[int] = []

    for number in range(5):
        stage.world.faults.add(bad, method)
        stage.play(writes(stage, "раз два"), manner=manner, reply_id=str(number))
        stage.world.faults.clear()
        tried.append(len(stage.world.calls_of(method)))

    assert tried == [1, 2, 3, 3, 3]
    assert stage.texts() == ["раз два"] * 5


def test_a_chat_that_takes_one_rich_message_starts_counting_anew() -> None:
    stage = WorldStage()
    bad = Fault.refusal(400, "Bad Request: RICH_MESSAGE_BLOCKS_TOO_MUCH")

    for number, is_bad in enumerate([True, True, False, True, True, False]):
        if is_bad:
            stage.world.faults.add(bad, "sendRichMessage")
        stage.play(finishes("раз"), manner=RICH, reply_id=str(number))

    assert len(stage.world.calls_of("sendRichMessage")) == 6


def test_frames_grow_on_without_looks_that_were_refused_and_the_end_has_them() -> None:
    stage = WorldStage()
    text = "**жирно** " + "слово " * 100
    refusal = Fault.refusal(400, "Bad Request: can't parse entities")
    stage.world.faults.add(refusal, "sendMessage")

    stage.play(writes(stage, text))

    frames = [call for call in stage.world.calls if "text" in call.params and call.ok]
    assert len(frames) > 3
    assert all("entities" not in call.params for call in frames[:-1])
    assert frames[-1].params["entities"][0]["type"] == "bold"


def test_only_drafts_are_given_up_when_only_drafts_are_refused() -> None:
    stage = WorldStage()
    stage.world.abilities.refuse(Ability.RICH_DRAFTS)
    stage.world.abilities.refuse(Ability.DRAFTS)

    stage.play(writes(stage, TABLE), manner=Manner(Transport.DRAFT, Format.RICH))

    assert words_of("\n".join(stage.texts())) == WORDS[:4]


@pytest.mark.parametrize("transport", Transport)
def test_what_is_too_many_blocks_for_one_rich_message_is_several(transport: Transport) -> None:
    stage = WorldStage()
    text = "".join(f"- {word}\n" for word in WORDS[:600])

    stage.play(writes(stage, text), manner=Manner(transport, Format.RICH))

    assert all("rich_message" in message for message in stage.messages())
    assert len(stage.messages()) == 3
    assert words_of("\n".join(stage.texts())) == WORDS[:600]


@pytest.mark.parametrize("transport", Transport)
def test_what_is_more_than_a_rich_message_may_hold_is_shown_with_entities(transport: Transport) -> None:
    stage = WorldStage()
    table = "|" + "a|" * 21 + "\n|" + "-|" * 21 + "\n|" + "b|" * 21

    stage.play(writes(stage, f"слово0000\n\n{table}\n\nслово0001"), manner=Manner(transport, Format.RICH))

    assert words_of("\n".join(stage.texts())) == WORDS[:2]
