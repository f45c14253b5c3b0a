import pytest
from redis.asyncio import Redis

from bot.errors import StoreError
from bot.history import RedisHistory
from bot.history.chats import ChatState
from bot.types import ConversationKey, DialogueKey
from tests.tools.redis_server import RedisProcess

HERE = ConversationKey(1, 42)


async def test_nothing_is_chosen_at_first(redis: Redis) -> None:
    assert await ChatState(redis).prompt_of(HERE) is None


async def test_the_last_choice_counts(redis: Redis) -> None:
    chats = ChatState(redis)

    await chats.choose_prompt(HERE, "poet")
    await chats.choose_prompt(HERE, "переводчик")

    assert await chats.prompt_of(HERE) == "переводчик"


@pytest.mark.parametrize(
    "elsewhere", [ConversationKey(1, 42, 7), ConversationKey(1, 43), ConversationKey(2, 42)]
)
async def test_a_choice_is_for_one_conversation(redis: Redis, elsewhere: ConversationKey) -> None:
    chats = ChatState(redis)

    await chats.choose_prompt(HERE, "poet")

    assert await chats.prompt_of(elsewhere) is None


async def test_a_model_is_chosen_for_one_prompt_of_one_conversation(redis: Redis) -> None:
    chats, poet = ChatState(redis), DialogueKey(HERE, "poet")

    await chats.choose_model(poet, "yandexgpt-lite")
    await chats.choose_model(poet, "gpt-oss-20b")

    assert await chats.model_of(poet) == "gpt-oss-20b"
    assert await chats.model_of(DialogueKey(HERE, "cook")) is None
    assert await chats.model_of(DialogueKey(ConversationKey(1, 42, 7), "poet")) is None
    assert await chats.prompt_of(HERE) is None


async def test_redis_away_is_a_store_error(mortal_redis: RedisProcess) -> None:
    async with Redis.from_url(mortal_redis.url, retry=None) as redis:
        mortal_redis.kill()

        with pytest.raises(StoreError):
            await ChatState(redis).prompt_of(HERE)
        with pytest.raises(StoreError):
            await ChatState(redis).choose_prompt(HERE, "poet")
        with pytest.raises(StoreError):
            await ChatState(redis).model_of(DialogueKey(HERE, "poet"))
        with pytest.raises(StoreError):
            await ChatState(redis).choose_model(DialogueKey(HERE, "poet"), "lite")


async def test_a_classifier_is_chosen_for_one_conversation_and_apart_from_the_prompt(redis: Redis) -> None:
    chats = ChatState(redis)
    assert await chats.classifier_of(HERE) is None

    await chats.choose_classifier(HERE, "tone")
    await chats.choose_classifier(HERE, "urgency")

    assert await chats.classifier_of(HERE) == "urgency"
    assert await chats.classifier_of(ConversationKey(1, 42, 7)) is None
    assert await chats.prompt_of(HERE) is None


async def test_a_classifier_goes_with_a_group_that_moves(redis: Redis) -> None:
    chats, topic = ChatState(redis), ConversationKey(1, -5, 7)
    await chats.choose_classifier(ConversationKey(1, -5), "tone")
    await chats.choose_classifier(topic, "urgency")

    await RedisHistory(redis, 1, 10).migrate(1, -5, -1005)

    assert await chats.classifier_of(ConversationKey(1, -1005)) == "tone"
    assert await chats.classifier_of(topic.moved_to(-1005)) == "urgency"
    assert await chats.classifier_of(topic) is None
