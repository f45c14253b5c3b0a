"""Stop: the command, the button under a growing answer, and the button that Telegram draws below a draft."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message, MessageGenerationStopped

from bot.ports import Notices
from bot.replies.edit import STOP
from bot.running import RunningTurns
from bot.updates.filters import command, pressed
from bot.updates.introductions import Visit


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(stop_by_command, command("stop"))
    router.callback_query.register(stop_by_button, pressed(rf"{STOP}:\d+"))
    router.stopped_message_generation.register(stop_by_draft)
    return router


async def stop_by_command(_message: Message, visit: Visit, running: RunningTurns, notices: Notices) -> None:
    """Stop the answer that grows in this conversation; the answer itself then says that it was stopped."""
    if obstacle := _stop(visit, running):
        await notices.say(visit.place, obstacle)


async def stop_by_button(
    callback_query: CallbackQuery, visit: Visit, running: RunningTurns, notices: Notices
) -> None:
    """Stop the answer above the button."""
    await notices.answer(callback_query.id, _stop(visit, running) or visit.phrases.stopped)


async def stop_by_draft(_stopped: MessageGenerationStopped, visit: Visit, running: RunningTurns) -> None:
    """Stop the draft; only the person whose private chat it is sees that button."""
    running.stop(visit.place.conversation)


def _stop(visit: Visit, running: RunningTurns) -> str:
    """Stop the answer, or return why not."""
    asker = running.asker_of(visit.place.conversation)
    if asker is None:
        return visit.phrases.nothing_to_stop
    if not visit.is_owner and visit.person.user_id != asker:
        return visit.phrases.not_yours
    running.stop(visit.place.conversation)
    return ""
