"""/start: a greeting, and questions to begin with as buttons."""

from aiogram import Router
from aiogram.filters import CommandStart
from aiogram.types import CallbackQuery, Message

from bot.conversation import Conversations, Question
from bot.ports import Notices
from bot.promptbook import Prompt, PromptBook
from bot.types import Button, Buttons
from bot.updates.filters import pressed
from bot.updates.introductions import Visit
from bot.updates.lanes import ASKING


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(greet, CommandStart())
    router.callback_query.register(ask_starter, pressed(ASKING))
    return router


async def greet(_message: Message, visit: Visit, conversations: Conversations, notices: Notices) -> None:
    """Say who answers here."""
    prompt = await conversations.prompt_of(visit.place)
    await notices.say(visit.place, greeting(prompt, visit), starter_buttons(prompt, visit))


def greeting(prompt: Prompt, visit: Visit) -> str:
    """Return the prompt's own welcome, or the bot's."""
    language, name = visit.person.language, visit.person.name
    greeted = visit.phrases.greeting.format(name=name, title=prompt.title_for(language))
    return prompt.welcome_for(language) or greeted


def starter_buttons(prompt: Prompt, visit: Visit) -> Buttons:
    """Return a row for each starter; the button carries its place in the list, for texts may be long."""
    starters = prompt.starters_for(visit.person.language)
    return tuple((Button(text, f"{ASKING}{prompt.name}:{index}"),) for index, text in enumerate(starters))


async def ask_starter(
    callback_query: CallbackQuery,
    visit: Visit,
    prompt_book: PromptBook,
    conversations: Conversations,
    notices: Notices,
) -> None:
    """Ask the model what the button says, as if the person had written it."""
    _, name, index = (callback_query.data or "").split(":")
    starters = prompt_book.get(name).starters_for(visit.person.language)
    if name not in prompt_book.names or int(index) >= len(starters):
        await notices.answer(callback_query.id, visit.phrases.button_expired)
        return
    await notices.answer(callback_query.id)
    text = starters[int(index)]
    await notices.say(visit.place, f"💬 {text}")
    await conversations.answer(Question(f"press:{callback_query.id}", text, visit.person, visit.place))
