"""Who is meant: in a private chat every message is for the bot, in a group only those that call it.

A group calls the bot by mentioning it, by replying to one of its messages, or by a command.
"""

from aiogram.enums import ChatType, ContentType, MessageEntityType
from aiogram.types import Message, User

from bot.texts import ENGLISH
from bot.updates.quoting import replied_message

COMMANDS = frozenset(ENGLISH.commands)
ASK = "ask"
"""The command that is no more than a way to call the bot."""
GROUPS = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})
SPOKEN = frozenset(
    {
        ContentType.TEXT,
        ContentType.PHOTO,
        ContentType.LIVE_PHOTO,
        ContentType.VOICE,
        ContentType.VIDEO,
        ContentType.VIDEO_NOTE,
        ContentType.AUDIO,
        ContentType.DOCUMENT,
        ContentType.STICKER,
        ContentType.ANIMATION,
        ContentType.LOCATION,
        ContentType.CONTACT,
        ContentType.POLL,
    }
)
"""What a person says, as opposed to the events of a chat: joins, pins, new titles."""


def is_group(message: Message) -> bool:
    """Whether the message was written in a group."""
    return message.chat.type in GROUPS


def is_addressed(message: Message, me: User) -> bool:
    """Whether the bot is meant; never by another bot, because two of them would talk for ever."""
    if is_by_a_bot(message):
        return False
    if not is_group(message):
        return message.chat.type == ChatType.PRIVATE
    return _is_reply_to(message, me) or _mention(message, me) is not None or _is_command(message, me)


def is_by_a_bot(message: Message) -> bool:
    """Whether another bot wrote it; who writes in the name of a chat only looks like one."""
    return message.from_user is not None and message.from_user.is_bot and message.sender_chat is None


def is_plain(message: Message) -> bool:
    """Whether the message says something; commands and the events of a chat do not.

    What stands behind /ask, or shows a picture with it, is asked like anything else; /ask alone is a command.
    """
    command, _ = command_in(message) or ("", "")
    has_words = not message.text or len(message.text.split(maxsplit=1)) > 1
    return message.content_type in SPOKEN and (not command or (command == ASK and has_words))


def is_question(message: Message, me: User) -> bool:
    """Whether the message says something to the bot."""
    return is_plain(message) and is_addressed(message, me)


def question_in(message: Message, me: User) -> str:
    """Return what was asked, without the mention and the command to ask."""
    text = message.text or message.caption or ""
    if is_group(message) and (mention := _mention(message, me)):
        text = text.replace(mention, " ", 1)
    command, _ = command_in(message) or ("", "")
    return "".join(text.split(maxsplit=1)[1:]).strip() if command == ASK else text.strip()


def _is_reply_to(message: Message, me: User) -> bool:
    replied = replied_message(message)
    return replied is not None and replied.from_user is not None and replied.from_user.id == me.id


def _mention(message: Message, me: User) -> str | None:
    """Return the text by which the bot is mentioned."""
    text = message.text or message.caption or ""
    for entity in message.entities or message.caption_entities or ():
        said = entity.extract_from(text)
        if entity.type == MessageEntityType.MENTION and said.lower() == f"@{me.username}".lower():
            return said
        if entity.type == MessageEntityType.TEXT_MENTION and entity.user and entity.user.id == me.id:
            return said
    return None


def command_in(message: Message) -> tuple[str, str] | None:
    """Return the command that a text or caption begins with and the bot it names, in small letters, or None."""
    first, *_ = (message.text or message.caption or "").split(maxsplit=1) or [""]
    command, _, owner = first.lower().partition("@")
    return (command[1:], owner) if command[:1] == "/" and command[1:].isidentifier() else None


def _is_command(message: Message, me: User) -> bool:
    """Whether it is one of our commands, or any that names us; others belong to other bots of the group."""
    name, owner = command_in(message) or ("", "")
    return owner == (me.username or "").lower() if owner else name in COMMANDS
