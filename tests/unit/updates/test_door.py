from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.types import TelegramObject
from redis.asyncio import Redis

from bot.errors import ChatGone, StoreError
from bot.history import Admissions
from bot.types import ConversationKey, Person, Place
from bot.updates.door import Door, DoorPolicy
from bot.updates.introductions import Visit
from tests.tools.clock import FakeClock
from tests.tools.notices import SpokenNotices
from tests.tools.redis_server import RedisProcess
from tests.tools.updates import GROUP, ME, TOKEN, a_message, a_press, an_update, mention

OWNER, ANNA = 11, 1
IN_PRIVATE = Visit(Person(ANNA, "Anna", "en"), Place(ConversationKey(42, ANNA)))
IN_GROUP = Visit(Person(ANNA, "Anna", "en"), Place(ConversationKey(42, -5), is_group=True))
CALL = a_message("@govorun_bot hi", chat=GROUP, entities=mention())


class Porch:
    """A door with what stands around it."""

    def __init__(self, bot: Bot, redis: Redis, policy: DoorPolicy | None = None) -> None:
        self.bot = bot
        self.notices = SpokenNotices()
        self.clock = FakeClock()
        self.admissions = Admissions(redis, 42)
        policy = policy or DoorPolicy(frozenset({OWNER}))
        self.door = Door(policy, self.admissions, self.notices, me=ME, clock=self.clock)

    async def passes(self, visit: Visit, **event: Any) -> bool:
        inside = []

        async def handler(_event: TelegramObject, _data: dict[str, Any]) -> None:
            inside.append(visit)

        await self.door(handler, an_update(self.bot, **event), {"visit": visit})
        return bool(inside)


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with Bot(TOKEN) as one:
        yield one


@pytest.fixture
def porch(bot: Bot, redis: Redis) -> Porch:
    return Porch(bot, redis)


async def test_a_stranger_reads_one_sentence_and_the_owner_is_asked(porch: Porch) -> None:
    assert not await porch.passes(IN_PRIVATE, message=a_message())

    (place, knock, buttons), (_, sentence, _) = porch.notices.said
    assert "1" in sentence
    assert (place.conversation.chat_id, "Anna" in knock) == (OWNER, True)
    assert [button.data for row in buttons for button in row] == ["admit:1:en", "refuse:1:en"]


async def test_a_stranger_who_goes_on_is_not_told_every_time(porch: Porch) -> None:
    for _ in range(3):
        await porch.passes(IN_PRIVATE, message=a_message())
    porch.clock.advance(61)
    await porch.passes(IN_PRIVATE, message=a_message())

    told = [place for place, _, _ in porch.notices.said if place.conversation.chat_id == ANNA]
    asked = [place for place, _, _ in porch.notices.said if place.conversation.chat_id == OWNER]
    assert (len(told), len(asked)) == (2, 1)


async def test_a_stranger_who_changes_a_message_is_turned_away_in_silence(porch: Porch) -> None:
    assert not await porch.passes(IN_PRIVATE, edited_message=a_message(edit_date=1_700_000_005))

    assert porch.notices.said == []


async def test_a_change_of_what_needed_no_mention_does_not_slip_past_the_door(porch: Porch) -> None:
    change = a_message("and more", chat=GROUP, edit_date=1_700_000_005)

    assert await porch.passes(IN_GROUP, message=a_message("haha", chat=GROUP))
    assert not await porch.passes(IN_GROUP, edited_message=change)


async def test_an_owner_always_passes(porch: Porch) -> None:
    visit = Visit(Person(OWNER, "Olga", "ru"), Place(ConversationKey(42, OWNER)), is_owner=True)

    assert await porch.passes(visit, message=a_message())


async def test_who_was_admitted_passes(porch: Porch) -> None:
    await porch.admissions.admit_user(ANNA)

    assert await porch.passes(IN_PRIVATE, message=a_message())


async def test_everybody_in_an_admitted_chat_passes(porch: Porch) -> None:
    await porch.admissions.admit_chat(-5)

    assert await porch.passes(IN_GROUP, message=CALL)
    assert not await porch.passes(IN_PRIVATE, message=a_message())


async def test_a_whole_group_can_be_admitted(porch: Porch) -> None:
    assert not await porch.passes(IN_GROUP, message=CALL)

    (_, knock, buttons), _ = porch.notices.said
    assert "Friends" in knock
    assert [button.data for row in buttons for button in row] == [
        "admit:1:en",
        "admit-chat:-5:en",
        "refuse:1:en",
    ]


async def test_an_open_door_lets_everybody_pass(bot: Bot, redis: Redis) -> None:
    porch = Porch(bot, redis, DoorPolicy(frozenset(), is_open=True))

    assert await porch.passes(IN_PRIVATE, message=a_message())


@pytest.mark.parametrize(
    "event",
    [
        {"message": a_message("among ourselves", chat=GROUP)},
        {"stopped_message_generation": {"chat": {"id": 1, "type": "private"}, "draft_id": 5}},
    ],
)
async def test_what_does_not_want_in_is_not_stopped(porch: Porch, event: dict[str, Any]) -> None:
    assert await porch.passes(IN_GROUP, **event)
    assert porch.notices.said == []


async def test_a_strangers_press_is_answered_with_the_sentence(porch: Porch) -> None:
    assert not await porch.passes(IN_PRIVATE, callback_query=a_press("ask:x:0", a_message()))

    ((callback_id, sentence, is_alert),) = porch.notices.answered
    assert (callback_id, "1" in sentence, is_alert) == ("77", True, True)


async def test_an_owner_who_cannot_be_asked_is_no_reason_to_fail(porch: Porch) -> None:
    porch.notices.error = ChatGone("the owner has never written to the bot")

    assert not await porch.passes(IN_PRIVATE, callback_query=a_press("ask:x:0", a_message()))


async def test_a_knock_that_no_owner_heard_is_made_again(porch: Porch) -> None:
    porch.notices.error = ChatGone("the owner has never written to the bot")
    await porch.passes(IN_PRIVATE, callback_query=a_press("ask:x:0", a_message()))
    porch.notices.error = None

    await porch.passes(IN_PRIVATE, message=a_message())

    assert [place.conversation.chat_id for place, _, _ in porch.notices.said] == [OWNER, ANNA]


async def test_the_door_stays_closed_while_redis_is_away(bot: Bot, mortal_redis: RedisProcess) -> None:
    async with Redis.from_url(mortal_redis.url, decode_responses=True) as client:
        mortal_redis.kill()

        with pytest.raises(StoreError):
            await Porch(bot, client).passes(IN_PRIVATE, message=a_message())


@pytest.mark.parametrize("policy", [DoorPolicy(frozenset({OWNER})), DoorPolicy(frozenset(), is_open=True)])
@pytest.mark.parametrize("event", ["message", "edited_message"])
async def test_what_another_bot_says_is_not_heard(
    bot: Bot, redis: Redis, policy: DoorPolicy, event: str
) -> None:
    porch = Porch(bot, redis, policy)
    other = {"id": 77, "is_bot": True, "first_name": "Parrot"}
    said = {**a_message("/ask@govorun_bot why?", chat=GROUP), "from": other, "edit_date": 1_700_000_001}

    assert not await porch.passes(IN_GROUP, **{event: said})
    assert porch.notices.said == []


async def test_who_writes_in_the_name_of_a_chat_only_looks_like_a_bot(bot: Bot, redis: Redis) -> None:
    porch = Porch(bot, redis, DoorPolicy(frozenset(), is_open=True))
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}

    assert await porch.passes(IN_GROUP, message={**CALL, "from": anonymous, "sender_chat": GROUP})
