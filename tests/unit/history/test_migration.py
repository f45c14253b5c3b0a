import pytest
from redis.asyncio import Redis

from bot.history.chats import ChatState
from bot.history.door import Admissions
from bot.history.exchanges import RedisExchanges
from bot.history.keys import ChatKeys
from bot.history.store import RedisHistory
from bot.types import ConversationKey, DialogueKey, Exchange, Person, Turn, Window

NOW = 1_700_000_000.0
OLD, NEW = -5, -1_000_000_005
ALL = Window(1_000_000)
GROUP = ConversationKey(1, OLD)
TOPIC = ConversationKey(1, OLD, topic_id=7)
DIALOGUES = [DialogueKey(GROUP, "assistant"), DialogueKey(GROUP, "переводчик"), DialogueKey(TOPIC, "assistant")]


def turn(text: str) -> Turn:
    return Turn(text, "answer", NOW, 10)


def moved(dialogue: DialogueKey) -> DialogueKey:
    return DialogueKey(dialogue.conversation.moved_to(NEW), dialogue.prompt)


@pytest.fixture
def history(redis: Redis) -> RedisHistory:
    return RedisHistory(redis, retention_days=90, max_turns=500)


async def texts(history: RedisHistory, dialogue: DialogueKey) -> list[str]:
    return [told.question for told in await history.load(dialogue, ALL, now=NOW)]


async def test_a_supergroup_keeps_the_dialogues_of_all_topics_and_prompts(history: RedisHistory) -> None:
    for number, dialogue in enumerate(DIALOGUES):
        for name in ("first", "second"):
            await history.append(dialogue, turn(f"{name} {number}"), turn_id=name)

    await history.migrate(1, OLD, NEW)

    for number, dialogue in enumerate(DIALOGUES):
        assert await texts(history, moved(dialogue)) == [f"first {number}", f"second {number}"]
        assert await texts(history, dialogue) == []


async def test_migrating_again_changes_nothing(redis: Redis, history: RedisHistory) -> None:
    await history.append(DIALOGUES[0], turn("once"), turn_id="1")
    await history.migrate(1, OLD, NEW)
    names = sorted(await redis.keys())

    await history.migrate(1, OLD, NEW)

    assert await texts(history, moved(DIALOGUES[0])) == ["once"]
    assert sorted(await redis.keys()) == names


async def test_what_was_said_in_the_new_chat_comes_after_what_was_said_in_the_old(
    history: RedisHistory,
) -> None:
    await history.append(DIALOGUES[0], turn("old 1"), turn_id="1")
    await history.append(DIALOGUES[0], turn("old 2"), turn_id="2")
    await history.append(moved(DIALOGUES[0]), turn("new"), turn_id="3")

    await history.migrate(1, OLD, NEW)

    assert await texts(history, moved(DIALOGUES[0])) == ["old 1", "old 2", "new"]


async def test_an_answer_that_was_late_moves_with_the_second_call(history: RedisHistory) -> None:
    await history.migrate(1, OLD, NEW)
    await history.append(DIALOGUES[0], turn("late"), turn_id="1")

    await history.migrate(1, OLD, NEW)

    assert await texts(history, moved(DIALOGUES[0])) == ["late"]


async def test_a_moved_dialogue_expires_as_before(redis: Redis, history: RedisHistory) -> None:
    await history.append(DIALOGUES[0], turn("old"), turn_id="1")

    await history.migrate(1, OLD, NEW)

    for key in await redis.keys():
        assert 0 < await redis.ttl(key) <= 90 * 86_400


async def test_a_moved_dialogue_can_be_moved_on(history: RedisHistory) -> None:
    await history.append(DIALOGUES[2], turn("far"), turn_id="1")

    await history.migrate(1, OLD, NEW)
    await history.migrate(1, NEW, -9)

    assert await texts(history, DialogueKey(TOPIC.moved_to(-9), "assistant")) == ["far"]


async def test_the_same_id_is_no_move(history: RedisHistory) -> None:
    await history.append(DIALOGUES[0], turn("here"), turn_id="1")

    await history.migrate(1, OLD, OLD)

    assert await texts(history, DIALOGUES[0]) == ["here"]


async def test_other_chats_and_bots_stay_where_they_are(history: RedisHistory) -> None:
    neighbours = [DialogueKey(ConversationKey(1, -55), "a"), DialogueKey(ConversationKey(2, OLD), "a")]
    for neighbour in neighbours:
        await history.append(neighbour, turn("mine"), turn_id="1")

    await history.migrate(1, OLD, NEW)

    assert [await texts(history, neighbour) for neighbour in neighbours] == [["mine"], ["mine"]]


async def test_the_prompts_in_use_move_along(redis: Redis, history: RedisHistory) -> None:
    chats = ChatState(redis)
    await chats.choose_prompt(GROUP, "assistant")
    await chats.choose_prompt(TOPIC, "translator")

    await history.migrate(1, OLD, NEW)

    assert await chats.prompt_of(GROUP.moved_to(NEW)) == "assistant"
    assert await chats.prompt_of(TOPIC.moved_to(NEW)) == "translator"
    assert not await redis.exists(ChatKeys(1, OLD).prompts)


async def test_a_prompt_chosen_in_the_new_chat_stays(redis: Redis, history: RedisHistory) -> None:
    chats = ChatState(redis)
    await chats.choose_prompt(GROUP, "old")
    await chats.choose_prompt(GROUP.moved_to(NEW), "new")

    await history.migrate(1, OLD, NEW)

    assert await chats.prompt_of(GROUP.moved_to(NEW)) == "new"


async def test_the_models_in_use_move_along(redis: Redis, history: RedisHistory) -> None:
    chats = ChatState(redis)
    for number, dialogue in enumerate(DIALOGUES):
        await history.append(dialogue, turn("old"), turn_id="1")
        await chats.choose_model(dialogue, f"model {number}")
    await chats.choose_model(moved(DIALOGUES[0]), "new")

    await history.migrate(1, OLD, NEW)

    assert [await chats.model_of(moved(one)) for one in DIALOGUES] == ["new", "model 1", "model 2"]
    assert [await texts(history, moved(one)) for one in DIALOGUES] == [["old"]] * 3
    assert not await redis.exists(ChatKeys(1, OLD).models)


def asked(turn_id: str) -> Exchange:
    return Exchange(turn_id, "assistant", "why?", 9, Person(1, "Anna", "en"), (10,), "because")


async def test_the_newest_questions_of_all_topics_move_along(redis: Redis, history: RedisHistory) -> None:
    exchanges = RedisExchanges(redis, 90)
    await history.append(DIALOGUES[0], turn("old"), turn_id="1")
    for conversation in (GROUP, TOPIC):
        await exchanges.keep(conversation, asked(conversation.slug))

    await history.migrate(1, OLD, NEW)

    for conversation in (GROUP, TOPIC):
        assert await exchanges.newest(conversation) is None
        assert await exchanges.newest(conversation.moved_to(NEW)) == asked(conversation.slug)
    assert await texts(history, moved(DIALOGUES[0])) == ["old"]
    for key in await redis.keys():
        assert 0 < await redis.ttl(key) <= 90 * 86_400


async def test_a_question_asked_in_the_new_chat_is_the_newest(redis: Redis, history: RedisHistory) -> None:
    exchanges = RedisExchanges(redis, 90)
    await exchanges.keep(GROUP, asked("old"))
    await exchanges.keep(GROUP.moved_to(NEW), asked("new"))

    await history.migrate(1, OLD, NEW)

    assert await exchanges.newest(GROUP.moved_to(NEW)) == asked("new")
    assert await exchanges.newest(GROUP) is None


async def test_a_question_that_was_forgotten_moves_nothing(redis: Redis, history: RedisHistory) -> None:
    exchanges = RedisExchanges(redis, 90)
    await exchanges.keep(GROUP, asked("old"))
    await redis.delete(ChatKeys(1, OLD).exchange(""))

    await history.migrate(1, OLD, NEW)

    assert await exchanges.newest(GROUP.moved_to(NEW)) is None


async def test_an_admitted_group_stays_admitted(redis: Redis, history: RedisHistory) -> None:
    door = Admissions(redis, 1)
    await door.admit_chat(OLD)

    await history.migrate(1, OLD, NEW)

    assert await door.is_admitted(user_id=1, chat_id=NEW)
    assert await door.is_admitted(user_id=1, chat_id=OLD)


async def test_a_decision_on_the_new_chat_stays(redis: Redis, history: RedisHistory) -> None:
    door = Admissions(redis, 1)
    await door.admit_chat(OLD)
    await history.migrate(1, OLD, NEW)
    await door.refuse(NEW)

    await history.migrate(1, OLD, NEW)

    assert not await door.is_admitted(user_id=1, chat_id=NEW)
