"""Which prompt, model, style and classifier a conversation uses: chosen by people, and kept."""

from redis.asyncio import Redis

from bot.history.keys import ChatKeys, member, spot
from bot.store import store_errors
from bot.types import ConversationKey, DialogueKey


class ChatState:
    """What people chose for a conversation; every method raises `StoreError` if Redis is away.

    `RedisHistory.migrate` moves it along with the dialogues. Needs a client that decodes responses.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def prompt_of(self, conversation: ConversationKey) -> str | None:
        """Return the name of the prompt that was chosen; None if none was.

        The prompt may have been deleted since: whoever asks falls back to the default.
        """
        with store_errors():
            name = await self._redis.hget(ChatKeys.of(conversation).prompts, spot(conversation))
        return None if name is None else str(name)

    async def choose_prompt(self, conversation: ConversationKey, name: str) -> None:
        """Use this prompt in the conversation from now on."""
        with store_errors():
            await self._redis.hset(ChatKeys.of(conversation).prompts, spot(conversation), name)

    async def style_of(self, conversation: ConversationKey) -> str | None:
        """Return the name of the style that was chosen; None if none was. It may have been deleted since."""
        with store_errors():
            name = await self._redis.hget(ChatKeys.of(conversation).prompts, _style(conversation))
        return None if name is None else str(name)

    async def choose_style(self, conversation: ConversationKey, name: str) -> None:
        """Draw in this style in the conversation from now on; an empty name: in none."""
        with store_errors():
            await self._redis.hset(ChatKeys.of(conversation).prompts, _style(conversation), name)

    async def model_of(self, dialogue: DialogueKey) -> str | None:
        """Return the name of the model that was chosen under a prompt; None if none was.

        The prompt may not allow it any more: whoever asks falls back to the prompt's own.
        """
        with store_errors():
            name = await self._redis.hget(ChatKeys.of(dialogue.conversation).models, member(dialogue))
        return None if name is None else str(name)

    async def choose_model(self, dialogue: DialogueKey, name: str) -> None:
        """Use this model under the prompt from now on."""
        with store_errors():
            await self._redis.hset(ChatKeys.of(dialogue.conversation).models, member(dialogue), name)

    async def classifier_of(self, conversation: ConversationKey) -> str | None:
        """Return the name of the classifier that was chosen; None if none was. It may be deleted by now."""
        with store_errors():
            name = await self._redis.hget(ChatKeys.of(conversation).prompts, _classifier(conversation))
        return None if name is None else str(name)

    async def choose_classifier(self, conversation: ConversationKey, name: str) -> None:
        """Use this classifier in the conversation from now on."""
        with store_errors():
            await self._redis.hset(ChatKeys.of(conversation).prompts, _classifier(conversation), name)


def _style(conversation: ConversationKey) -> str:
    return f"style{spot(conversation)}"


def _classifier(conversation: ConversationKey) -> str:
    return f"classifier{spot(conversation)}"
