"""A button that nobody knows any more: of an older version, or made up."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.ports import Notices
from bot.updates.introductions import Visit


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.callback_query.register(tell)
    return router


async def tell(callback_query: CallbackQuery, visit: Visit, notices: Notices) -> None:
    """Answer politely, so that the button stops turning."""
    await notices.answer(callback_query.id, visit.phrases.button_expired)
