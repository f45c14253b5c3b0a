"""/new: forget the dialogue."""

from aiogram import Router
from aiogram.types import Message

from bot.conversation import Conversations
from bot.orders import Orders
from bot.ports import Exchanges, HistoryStore, Notices
from bot.types import DialogueKey
from bot.updates.filters import command
from bot.updates.introductions import Visit


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(forget, command("new"))
    return router


async def forget(
    _message: Message,
    visit: Visit,
    conversations: Conversations,
    history: HistoryStore,
    exchanges: Exchanges,
    orders: Orders,
    notices: Notices,
) -> None:
    """Forget what was said under the prompt in use; other prompts keep their dialogues.

    The newest question goes too: to answer it again would bring back what was forgotten. Answers that are on
    their way come all the same, but are not remembered.
    """
    prompt = await conversations.prompt_of(visit.place)
    dialogue = DialogueKey(visit.place.conversation, prompt.name)
    await exchanges.drop(visit.place.conversation)
    await orders.forget(dialogue)
    await history.forget(dialogue)
    await notices.say(visit.place, visit.phrases.fresh_start)
