from hypothesis import given
from hypothesis import strategies as st

from bot.history import keys
from bot.history.keys import ChatKeys
from bot.types import ConversationKey, DialogueKey

CONVERSATIONS = st.builds(
    ConversationKey,
    bot_id=st.integers(1, 3),
    chat_id=st.integers(-30, 30),
    topic_id=st.none() | st.integers(1, 30),
    business_id=st.none() | st.text("ab/:", min_size=1).filter(lambda text: not text.endswith(":")),
)
DIALOGUES = st.builds(DialogueKey, CONVERSATIONS, st.text("ab/:%}", min_size=1))


def exchange(conversation: ConversationKey) -> str:
    return ChatKeys.of(conversation).exchange(keys.spot(conversation))


def turns(dialogue: DialogueKey) -> str:
    return ChatKeys.of(dialogue.conversation).turns(keys.member(dialogue))


@given(DIALOGUES, DIALOGUES)
def test_no_two_dialogues_share_a_key(one: DialogueKey, other: DialogueKey) -> None:
    assert (turns(one) == turns(other)) == (one == other)


@given(CONVERSATIONS, CONVERSATIONS)
def test_no_two_conversations_share_a_key(one: ConversationKey, other: ConversationKey) -> None:
    assert (exchange(one) == exchange(other)) == (one == other)


@given(DIALOGUES)
def test_all_keys_of_a_bot_are_in_one_slot_of_a_cluster(dialogue: DialogueKey) -> None:
    chat = ChatKeys.of(dialogue.conversation)
    bot_id = chat.bot_id

    of_the_chat = [chat.dialogues, chat.prompts, chat.exchanges]
    names = [*of_the_chat, turns(dialogue), exchange(dialogue.conversation)]
    names += [keys.door(bot_id), keys.knock(bot_id, 7)]

    assert all(name.startswith(f"{{govorun:{bot_id}}}:") for name in names)


def test_a_moved_conversation_keeps_its_spot() -> None:
    conversation = ConversationKey(1, -5, topic_id=7, business_id="b")

    assert keys.spot(conversation) == keys.spot(conversation.moved_to(-1005)) == ":7:b"
