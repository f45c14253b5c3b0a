"""The owners' answer to a knock at the door: admit a person or a whole chat, or refuse."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.history import Admissions
from bot.ports import Notices
from bot.texts import PHRASES
from bot.types import ConversationKey, Place
from bot.updates.door import ADMIT, ADMIT_CHAT, REFUSE
from bot.updates.filters import pressed
from bot.updates.introductions import Visit


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.callback_query.register(decide, pressed(ADMIT, ADMIT_CHAT, REFUSE))
    return router


async def decide(callback_query: CallbackQuery, visit: Visit, admissions: Admissions, notices: Notices) -> None:
    """Keep the decision for ever, write it under the question, and tell those who were admitted."""
    data = callback_query.data or ""
    if not visit.is_owner:
        await notices.answer(callback_query.id, visit.phrases.owners_only, is_alert=True)
        return
    peer_id = int(data.rpartition(":")[2])
    outcome = visit.phrases.refused if data.startswith(REFUSE) else visit.phrases.admitted
    await _keep(data, peer_id, admissions)
    await notices.answer(callback_query.id)
    if isinstance(callback_query.message, Message):
        asked = callback_query.message.text or ""
        text = f"{asked}\n\n{outcome.format(name=peer_id)}"
        await notices.rewrite(visit.place, callback_query.message.message_id, text)
    if not data.startswith(REFUSE):
        newcomer = Place(ConversationKey(visit.place.conversation.bot_id, peer_id))
        await notices.say(newcomer, PHRASES[visit.person.language].welcome_in)


async def _keep(data: str, peer_id: int, admissions: Admissions) -> None:
    if data.startswith(ADMIT_CHAT):
        await admissions.admit_chat(peer_id)
    elif data.startswith(ADMIT):
        await admissions.admit_user(peer_id)
    else:
        await admissions.refuse(peer_id)
