"""The owners' answer to a knock at the door: admit a person or a whole chat, or refuse."""

import re

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.history import Admissions
from bot.ports import Notices
from bot.texts import PHRASES
from bot.types import ConversationKey, Place
from bot.updates.door import ADMIT, ADMIT_CHAT, REFUSE
from bot.updates.filters import pressed
from bot.updates.introductions import Visit

_DECISION = rf"(?P<decision>{ADMIT}|{ADMIT_CHAT}|{REFUSE})(?P<peer_id>-?\d{{1,19}}):(?P<language>ru|en)"


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.callback_query.register(decide, pressed(_DECISION))
    return router


async def decide(
    callback_query: CallbackQuery, match: re.Match[str], visit: Visit, admissions: Admissions, notices: Notices
) -> None:
    """Keep the decision for ever, write it under the question, and tell those who were admitted."""
    if not visit.is_owner:
        await notices.answer(callback_query.id, visit.phrases.owners_only, is_alert=True)
        return
    peer_id = int(match["peer_id"])
    await _keep(match["decision"], peer_id, admissions)
    await notices.answer(callback_query.id)
    if isinstance(callback_query.message, Message):
        outcome = visit.phrases.refused if match["decision"] == REFUSE else visit.phrases.admitted
        text = f"{callback_query.message.text or ''}\n\n{outcome.format(name=peer_id)}"
        await notices.rewrite(visit.place, callback_query.message.message_id, text)
    if match["decision"] != REFUSE:
        newcomer = Place(ConversationKey(visit.place.conversation.bot_id, peer_id))
        await notices.say(newcomer, PHRASES[match["language"]].welcome_in)


async def _keep(decision: str, peer_id: int, admissions: Admissions) -> None:
    keep = {ADMIT: admissions.admit_user, ADMIT_CHAT: admissions.admit_chat, REFUSE: admissions.refuse}
    await keep[decision](peer_id)
