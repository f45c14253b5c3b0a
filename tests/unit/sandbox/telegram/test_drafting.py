import pytest
from aiogram import Bot

from bot.sandbox.telegram.world import Chat, ImpossibleError, TelegramWorld
from tests.tools.clock import FakeClock
from tests.unit.sandbox.telegram.api import GROUP, PERSON, Api


async def test_a_draft_grows_and_goes_with_the_message(world: TelegramWorld, bot: Bot) -> None:
    await bot.send_message_draft(PERSON, 5)
    await bot.send_message_draft(PERSON, 5, text="Once")
    await bot.send_message_draft(PERSON, 5, text="Once upon")

    draft = world.draft(PERSON)
    assert draft is not None
    assert draft.text.text == "Once upon"
    await bot.send_message(PERSON, "Once upon a time")
    assert world.draft(PERSON) is None
    assert [frame.text.text for frame in world.draft_frames(PERSON)] == ["", "Once", "Once upon"]


async def test_a_draft_expires_after_thirty_seconds_of_silence(
    world: TelegramWorld, bot: Bot, clock: FakeClock
) -> None:
    await bot.send_message_draft(PERSON, 5, text="a")
    clock.advance(29)
    await bot.send_message_draft(PERSON, 5, text="a")
    clock.advance(29)

    assert world.draft(PERSON) is not None
    clock.advance(1)
    assert world.draft(PERSON) is None


async def test_a_draft_of_one_topic_leaves_another_alone(world: TelegramWorld, bot: Bot) -> None:
    world.add_chat(Chat(PERSON, "private", topics={3: "Work", 4: "Home"}))
    await bot.send_message_draft(PERSON, 1, text="a", message_thread_id=3)
    await bot.send_message_draft(PERSON, 2, text="b", message_thread_id=4)

    await bot.send_message(PERSON, "done", message_thread_id=3)

    assert world.draft(PERSON, 3) is None
    assert world.draft(PERSON, 4) is not None


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"chat_id": GROUP, "draft_id": 1, "text": "a"}, "TEXTDRAFT_PEER_INVALID"),
        ({"chat_id": 999, "draft_id": 1, "text": "a"}, "chat not found"),
        ({"chat_id": PERSON, "draft_id": 0, "text": "a"}, "RANDOM_ID_EMPTY"),
        ({"chat_id": PERSON, "draft_id": "x", "text": "a"}, "RANDOM_ID_EMPTY"),
        ({"chat_id": PERSON, "draft_id": 1, "text": "x" * 4097}, "MESSAGE_TOO_LONG"),
        ({"chat_id": PERSON, "draft_id": 1, "text": "a", "message_thread_id": 9}, "message thread not found"),
        (
            {
                "chat_id": PERSON,
                "draft_id": 1,
                "text": "a",
                "entities": [{"type": "bold", "offset": 2, "length": 1}],
            },
            "entity begins after the end of the text at UTF-16 offset 2",
        ),
    ],
)
async def test_a_bad_draft_is_refused(api: Api, params: dict[str, object], reason: str) -> None:
    assert await api.refusal("sendMessageDraft", **params) == f"Bad Request: {reason}"


async def test_the_stop_button_tells_the_bot_and_takes_the_draft(world: TelegramWorld, bot: Bot) -> None:
    await bot.send_message_draft(PERSON, 5, text="a", can_stop=True)

    world.stop_draft(PERSON)

    update = (await bot.get_updates())[-1].stopped_message_generation
    assert update is not None
    assert (update.chat.id, update.draft_id, update.message_thread_id) == (PERSON, 5, None)
    assert world.draft(PERSON) is None
    with pytest.raises(ImpossibleError):
        world.stop_draft(PERSON)


async def test_a_stopped_draft_may_stay(world: TelegramWorld, bot: Bot) -> None:
    world.add_chat(Chat(PERSON, "private", topics={3: "Work"}))
    await bot.send_message_draft(PERSON, 5, text="a", can_stop=True, keep_on_stop=True, message_thread_id=3)

    world.stop_draft(PERSON, 3)

    update = (await bot.get_updates())[-1].stopped_message_generation
    assert update is not None
    assert update.message_thread_id == 3
    assert world.draft(PERSON, 3) is not None


async def test_a_draft_without_the_button_cannot_be_stopped(world: TelegramWorld, bot: Bot) -> None:
    await bot.send_message_draft(PERSON, 5, text="a")

    with pytest.raises(ImpossibleError):
        world.stop_draft(PERSON)


async def test_drafts_are_no_messages(world: TelegramWorld, bot: Bot) -> None:
    watch = world.watch()

    await bot.send_message_draft(PERSON, 5, text="/start a", can_stop=True)

    assert world.messages(PERSON) == []
    event = await anext(watch)
    assert event.kind == "draft"
    assert event.payload == {
        "draft_id": 5,
        "message_thread_id": None,
        "can_stop": True,
        "ttl_s": 30.0,
        "text": "/start a",
        "entities": [{"offset": 0, "length": 6, "type": "bot_command"}],
    }
