"""What a message refers to: the message that it replies to, or the part of it that the person selected."""

from collections.abc import Iterator
from typing import Any

from aiogram.types import Message, RichMessage, User

MOST_CHARACTERS = 4096
"""As long as a message may be, so that only a rich one is ever cut."""


def replied_message(message: Message) -> Message | None:
    """Return what the message replies to; every one in a topic seems to reply to the one that created it."""
    replied = message.reply_to_message
    return None if replied is None or replied.forum_topic_created is not None else replied


def own_message_meant(message: Message, me: User) -> int | None:
    """Return the id of the bot's own message, if it is meant as a whole; None: something else is meant."""
    replied = replied_message(message)
    if replied is None or replied.from_user is None or replied.from_user.id != me.id:
        return None
    return None if message.quote and message.quote.is_manual else replied.message_id


def quote_in(message: Message) -> str:
    """Return what the message refers to, the selected part first; empty: nothing, or nothing with a text."""
    replied, part = replied_message(message), message.quote
    said = text_of(replied) if replied else ""
    if part and (part.is_manual or replied is None):
        said = part.text
    return shortened(said)


def shortened(said: str) -> str:
    """Return a text as it is quoted."""
    said = said.strip()
    return said if len(said) <= MOST_CHARACTERS else f"{said[:MOST_CHARACTERS]}…"


def text_of(message: Message) -> str:
    """Return what can be read in a message; empty if that is nothing."""
    if message.rich_message:
        return _rich_text(message.rich_message)
    return message.text or message.caption or ""


def _rich_text(message: RichMessage) -> str:
    """Return the words of a rich message, a line for each paragraph, item or row of a table."""
    blocks = message.model_dump(exclude_none=True)["blocks"]
    return "\n".join(line for block in blocks for line in _lines(block))


def _lines(block: dict[str, Any]) -> Iterator[str]:
    yield from filter(None, (_inline(block.get(name)) for name in ("summary", "text", "expression")))
    for row in block.get("cells", ()):
        yield " | ".join(_inline(cell.get("text")) for cell in row)
    for item in block.get("items", ()):
        inside = "\n".join(line for part in item["blocks"] for line in _lines(part))
        yield f"{item['label']} {inside}"
    for part in block.get("blocks", ()):
        yield from _lines(part)


def _inline(text: Any) -> str:
    """Return formatted text without its format."""
    match text:
        case str():
            return text
        case list():
            return "".join(map(_inline, text))
        case {"text": inner} | {"expression": inner} | {"alternative_text": inner} | {"button": inner}:
            return _inline(inner)
    return ""
