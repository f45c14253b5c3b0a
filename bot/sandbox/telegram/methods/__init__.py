"""The methods of the Bot API, by topic: each takes the state and a call's arguments and returns its result.

The order of checks is the server's: the form of the arguments, the chat, the message, flood control, then what
only Telegram's own servers refuse.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.sandbox.telegram.methods import (
    answering,
    chats,
    drafting,
    editing,
    media_editing,
    profile,
    receiving,
    rich,
    sending,
    uploading,
)
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.state import State

Method = Callable[[State, Params], Any | Awaitable[Any]]

_TOPICS = (
    receiving,
    sending,
    rich,
    editing,
    media_editing,
    drafting,
    answering,
    chats,
    profile,
    uploading,
)

METHODS: Mapping[str, Method] = {
    name.lower(): method for topic in _TOPICS for name, method in topic.METHODS.items()
}
"""By name in small letters, because names are read in any case."""
