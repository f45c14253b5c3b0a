"""The names of the keys of this room: whatever belongs to one chat can be found from the chat's id alone.

No name is ever searched for with SCAN: each chat has a set of its dialogues, so that a group that became a
supergroup can be moved as a whole.
"""

from dataclasses import dataclass
from urllib.parse import quote

from bot.store import key_prefix
from bot.types import ConversationKey, DialogueKey


def spot(conversation: ConversationKey) -> str:
    """Return what sets a conversation apart within its chat: nothing, `:topic`, or `:topic:business`."""
    return conversation.slug.removeprefix(str(conversation.chat_id))


def member(dialogue: DialogueKey) -> str:
    """Return what sets a dialogue apart within its chat; the prompt's name is quoted, so no two look alike."""
    return f"{spot(dialogue.conversation)}/{quote(dialogue.prompt, safe='')}"


@dataclass(frozen=True, slots=True)
class ChatKeys:
    """The keys of one chat."""

    bot_id: int
    chat_id: int

    @classmethod
    def of(cls, conversation: ConversationKey) -> "ChatKeys":
        """Return the keys of the conversation's chat."""
        return cls(conversation.bot_id, conversation.chat_id)

    @property
    def dialogues(self) -> str:
        """A set: the members of the chat's dialogues."""
        return f"{key_prefix(self.bot_id)}:dialogues:{self.chat_id}"

    @property
    def prompts(self) -> str:
        """A hash: from the spot of a conversation to its prompt, from `style…` and `classifier…` to these."""
        return f"{key_prefix(self.bot_id)}:prompts:{self.chat_id}"

    @property
    def models(self) -> str:
        """A hash: from the member of a dialogue to the model that was chosen for it."""
        return f"{key_prefix(self.bot_id)}:models:{self.chat_id}"

    @property
    def exchanges(self) -> str:
        """A set: the spots of the chat's conversations that have a newest exchange."""
        return f"{key_prefix(self.bot_id)}:exchanges:{self.chat_id}"

    def exchange(self, conversation_spot: str) -> str:
        """A string: the newest exchange of a conversation."""
        return f"{key_prefix(self.bot_id)}:exchange:{self.chat_id}{conversation_spot}"

    def turns(self, dialogue_member: str) -> str:
        """A list: the turns of a dialogue, oldest first."""
        return f"{key_prefix(self.bot_id)}:turns:{self.chat_id}{dialogue_member}"

    @property
    def orders(self) -> str:
        """A sorted set: the orders of the chat's conversations that are not over, by the time of asking."""
        return f"{key_prefix(self.bot_id)}:orders:{self.chat_id}"


@dataclass(frozen=True, slots=True)
class OrderKeys:
    """The keys of answers that come later."""

    bot_id: int

    @property
    def due(self) -> str:
        """A sorted set: all orders that were placed, by the time of the next look in ms."""
        return f"{key_prefix(self.bot_id)}:orders-due"

    @property
    def pace(self) -> str:
        """A number: how far looks are ahead of their pace."""
        return f"{key_prefix(self.bot_id)}:orders-pace"

    @property
    def of_people(self) -> str:
        """How the name of a person's sorted set of orders begins; their id ends it."""
        return f"{key_prefix(self.bot_id)}:orders-of:"

    def order(self, order_id: str) -> str:
        """A hash: one order."""
        return f"{key_prefix(self.bot_id)}:order:{order_id}"

    def busy(self, conversation: ConversationKey) -> str:
        """A string: the order that is being delivered in a conversation."""
        return f"{key_prefix(self.bot_id)}:order-busy:{conversation.slug}"


def door(bot_id: int) -> str:
    """Return the key of a hash: from the id of a user or chat to what the owners decided."""
    return f"{key_prefix(bot_id)}:door"


def knock(bot_id: int, peer_id: int) -> str:
    """Return the key that exists for a while after somebody knocked."""
    return f"{key_prefix(bot_id)}:knock:{peer_id}"
