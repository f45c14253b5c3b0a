"""Stop: the command, the button under a growing answer, and the button that Telegram draws below a draft."""

import re

from aiogram import Router
from aiogram.types import CallbackQuery, Message, MessageGenerationStopped

from bot.ports import Notices
from bot.presses import Act, Press, pattern, tag_of_draft
from bot.running import RunningTurns
from bot.updates.filters import command, pressed
from bot.updates.introductions import Visit


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(stop_by_command, command("stop"))
    router.callback_query.register(stop_by_button, pressed(pattern(Act.STOP)))
    router.stopped_message_generation.register(stop_by_draft)
    return router


async def stop_by_command(_message: Message, visit: Visit, running: RunningTurns, notices: Notices) -> None:
    """Stop the answer that grows in this conversation; the answer itself then says that it was stopped."""
    if obstacle := await _stop(visit, running):
        await notices.remark(visit.place, obstacle)


async def stop_by_button(
    callback_query: CallbackQuery, match: re.Match[str], visit: Visit, running: RunningTurns, notices: Notices
) -> None:
    """Stop the answer above the button, and no other."""
    obstacle = await _stop(visit, running, Press.of(match).tag)
    await notices.answer(callback_query.id, obstacle or visit.phrases.stopped)


async def stop_by_draft(
    stopped_message_generation: MessageGenerationStopped, visit: Visit, running: RunningTurns
) -> None:
    """Stop the answer of that draft; of obstacles nothing is said, because a message would clear a draft."""
    await _stop(visit, running, tag_of_draft(stopped_message_generation.draft_id))


async def _stop(visit: Visit, running: RunningTurns, tag: int | None = None) -> str:
    """Stop the answer, if it is the one that is meant, or return why not.

    It may grow in another process. What the button says of the asker is not believed.
    """
    conversation = visit.place.conversation
    growing = await running.growing_in(conversation)
    if growing is None:
        return visit.phrases.nothing_to_stop
    if tag is not None and growing.tag != tag:
        return visit.phrases.button_expired
    if not visit.may_act_for(growing.asker_id):
        return visit.phrases.not_yours
    return "" if await running.stop(conversation, growing) else visit.phrases.nothing_to_stop
