"""/start: a greeting, and questions to begin with as buttons."""

import re

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.conversation import Conversations
from bot.ports import Notices, PromptChoices
from bot.promptbook import Prompt
from bot.question import Question
from bot.types import Button, Buttons
from bot.updates.buttons import reply_id_of, title_of
from bot.updates.filters import command, pressed
from bot.updates.introductions import Visit
from bot.updates.lanes import STARTER

_STARTER = rf"{STARTER}(?P<name>[a-z0-9_-]{{1,32}}):(?P<index>\d{{1,2}})"


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(greet, command("start"))
    router.callback_query.register(ask_starter, pressed(_STARTER))
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
    return tuple((Button(text, f"{STARTER}{prompt.name}:{index}"),) for index, text in enumerate(starters))


async def ask_starter(
    callback_query: CallbackQuery,
    match: re.Match[str],
    visit: Visit,
    chats: PromptChoices,
    conversations: Conversations,
    notices: Notices,
) -> None:
    """Ask what the button says, as if the person had written it, of the prompt that offered it."""
    text = _label(callback_query)
    if not text:
        await notices.answer(callback_query.id, visit.phrases.button_expired)
        return
    await notices.answer(callback_query.id)
    await chats.choose_prompt(visit.place.conversation, match["name"])
    await notices.say(visit.place, f"💬 {text}")
    title = title_of(callback_query)
    await conversations.answer(Question(reply_id_of(callback_query), text, visit.person, visit.place, title))


def _label(callback_query: CallbackQuery) -> str:
    """Return what stands on the button that was pressed; empty if the message is too old to have it."""
    markup = callback_query.message.reply_markup if isinstance(callback_query.message, Message) else None
    buttons = (button for row in (markup.inline_keyboard if markup else ()) for button in row)
    return next((button.text for button in buttons if button.callback_data == callback_query.data), "")
