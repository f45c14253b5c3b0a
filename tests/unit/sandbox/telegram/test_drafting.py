import pytest
from aiogram import Bot
from aiogram.types import InputRichMessage

from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.world import (
    Ability,
    Account,
    BotAccount,
    Chat,
    FloodLimits,
    ImpossibleError,
    TelegramWorld,
)
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
    kept = world.draft(PERSON, 3)
    assert kept is not None
    assert (kept.is_stopped, kept.can_stop) == (True, False)


async def test_a_kept_draft_goes_in_its_time_or_with_a_message(
    world: TelegramWorld, bot: Bot, clock: FakeClock
) -> None:
    for end in (lambda: clock.advance(30), lambda: world.say(PERSON, PERSON, "why?")):
        await bot.send_message_draft(PERSON, 5, text="a", can_stop=True, keep_on_stop=True)
        world.stop_draft(PERSON)
        end()

    assert world.draft(PERSON) is not None
    await bot.send_message(PERSON, "a")
    assert world.draft(PERSON) is None


async def test_a_draft_is_stopped_once(world: TelegramWorld, bot: Bot) -> None:
    await bot.send_message_draft(PERSON, 5, text="a", can_stop=True, keep_on_stop=True)
    world.stop_draft(PERSON)

    with pytest.raises(ImpossibleError):
        world.stop_draft(PERSON)


async def test_watchers_see_a_kept_draft_without_its_button(world: TelegramWorld, bot: Bot) -> None:
    watch = world.watch()
    await bot.send_message_draft(PERSON, 5, text="a", can_stop=True, keep_on_stop=True)

    world.stop_draft(PERSON)

    states = [(await anext(watch)).payload for _ in range(2)]
    assert [(state["can_stop"], state["is_stopped"]) for state in states] == [(True, False), (False, True)]


async def test_only_the_same_id_is_animated(world: TelegramWorld, bot: Bot, clock: FakeClock) -> None:
    for draft_id in (5, 5, 6, 6):
        await bot.send_message_draft(PERSON, draft_id, text="a")
    clock.advance(30)
    await bot.send_message_draft(PERSON, 6, text="b")

    assert [frame.is_animated for frame in world.draft_frames(PERSON)] == [False, True, False, True, False]


async def test_what_people_write_leaves_a_draft_alone_and_so_do_edits(world: TelegramWorld, bot: Bot) -> None:
    sent = await bot.send_message(PERSON, "one")
    await bot.send_message_draft(PERSON, 5, text="a")

    world.say(PERSON, PERSON, "well?")
    await bot.edit_message_text("two", chat_id=PERSON, message_id=sent.message_id)

    assert world.draft(PERSON) is not None


async def test_drafts_share_the_flood_account_with_messages(clock: FakeClock) -> None:
    limits = FloodLimits(private_burst=2)
    world = TelegramWorld(token="1:a", bot=BotAccount(42, "b_bot", "B"), clock=clock, flood=limits)
    world.add_person(Account(PERSON, "Vera"))
    world.add_chat(Chat(PERSON, "private"))
    calls: list[tuple[str, dict[str, object]]] = [
        ("sendMessageDraft", {"text": "a"}),
        ("sendRichMessageDraft", {"rich_message": {"markdown": "a"}}),
        ("sendMessage", {"text": "a"}),
    ]

    answers = [
        await world.call(method, Params({"chat_id": PERSON, "draft_id": 1, **call})) for method, call in calls
    ]

    assert [answer.status for answer in answers] == [200, 200, 429]


async def test_a_rich_draft_is_a_draft(world: TelegramWorld, bot: Bot) -> None:
    watch = world.watch()
    thinking = "<tg-thinking>Looking it up</tg-thinking>"
    await bot.send_message_draft(PERSON, 5, text="a")
    await bot.send_rich_message_draft(PERSON, 5, InputRichMessage(markdown=thinking), can_stop=True)
    await bot.send_rich_message_draft(PERSON, 5, InputRichMessage(markdown="**a**"))

    assert [frame.shown for frame in world.draft_frames(PERSON)] == ["a", "Looking it up", "a"]
    payloads = [(await anext(watch)).payload for _ in range(3)]
    assert [block["type"] for block in payloads[1]["rich_message"]["blocks"]] == ["thinking"]
    assert payloads[2]["is_animated"]
    world.state.drafts.clear(PERSON, None)
    assert world.drafts() == []


async def test_drafts_that_are_shown_can_be_listed(world: TelegramWorld, bot: Bot, clock: FakeClock) -> None:
    await bot.send_message_draft(PERSON, 5, text="a")
    clock.advance(10)

    [(chat_id, payload)] = world.drafts()

    assert (chat_id, payload["text"], payload["ttl_s"]) == (PERSON, "a", 20.0)
    clock.advance(20)
    assert world.drafts() == []


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"chat_id": GROUP, "draft_id": 1, "rich_message": {"markdown": "a"}}, "TEXTDRAFT_PEER_INVALID"),
        ({"chat_id": PERSON, "draft_id": 0, "rich_message": {"markdown": "a"}}, "RANDOM_ID_EMPTY"),
        ({"chat_id": PERSON, "draft_id": 1}, "RICH_MESSAGE_CONTENT_REQUIRED"),
        (
            {"chat_id": PERSON, "draft_id": 1, "rich_message": {"markdown": "x" * 32_769}},
            "RICH_MESSAGE_TOO_LONG",
        ),
    ],
)
async def test_a_bad_rich_draft_is_refused(api: Api, params: dict[str, object], reason: str) -> None:
    assert await api.refusal("sendRichMessageDraft", **params) == f"Bad Request: {reason}"


async def test_drafts_can_be_refused_and_unknown(world: TelegramWorld, api: Api) -> None:
    draft = {"chat_id": PERSON, "draft_id": 1, "text": "a"}
    rich = {"chat_id": PERSON, "draft_id": 1, "rich_message": {"markdown": "a"}}
    world.abilities.refuse(Ability.DRAFTS)
    world.abilities.unlearn(Ability.RICH_DRAFTS)

    assert await api.refusal("sendMessageDraft", **draft) == "Bad Request: drafts are not supported"
    assert await api.refusal("sendRichMessageDraft", **rich) == "Not Found: method not found"
    world.abilities.relearn()
    assert await api.result("sendMessageDraft", **draft)
    assert await api.result("sendRichMessageDraft", **rich)


async def test_how_long_a_draft_lives_is_up_to_the_world(clock: FakeClock) -> None:
    bot = BotAccount(42, "b_bot", "B")
    world = TelegramWorld(token="1:a", bot=bot, clock=clock, draft_lifetime_s=5)
    world.add_person(Account(PERSON, "Vera"))
    world.add_chat(Chat(PERSON, "private"))

    await world.call("sendMessageDraft", Params({"chat_id": PERSON, "draft_id": 1, "text": "a"}))
    clock.advance(5)

    assert world.draft(PERSON) is None


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
        "is_animated": False,
        "is_stopped": False,
        "ttl_s": 30.0,
        "text": "/start a",
        "entities": [{"offset": 0, "length": 6, "type": "bot_command"}],
    }
