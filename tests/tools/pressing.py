"""The buttons below answers, as people press them."""

from typing import Any

from bot.presses import Act
from tests.tools.house import ANNA, House


def data_of(message: dict[str, Any], act: Act) -> str:
    """What the button of a message sends; empty if it has no such button."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    sent = (button["callback_data"] for row in rows for button in row)
    return next((data for data in sent if data.startswith(f"{act}:")), "")


def press(
    house: House,
    act: Act,
    chat_id: int = ANNA,
    user_id: int | None = None,
    *,
    message: dict[str, Any] | None = None,
) -> str:
    """Press a button of the bot's last message, or one that a message once had; returns the id of the query."""
    under = message or house.world.bot_messages(chat_id)[-1]
    presser = chat_id if user_id is None else user_id
    is_old = message is not None
    return house.world.press(chat_id, presser, under["message_id"], data_of(under, act), is_forged=is_old)


async def presses(house: House, act: Act, chat_id: int = ANNA, user_id: int | None = None) -> None:
    """Press a button of the bot's last message, and wait for the end of the turn that it begins."""
    before = len(house.notebook.traces)
    press(house, act, chat_id, user_id)
    await house.until(lambda: len(house.notebook.traces) == before + 1)


async def told(house: House, query_id: str) -> str:
    """Wait until a press is answered and return the words."""
    await house.until(lambda: house.world.callback_answer(query_id) is not None)
    return str((house.world.callback_answer(query_id) or {}).get("text", ""))
