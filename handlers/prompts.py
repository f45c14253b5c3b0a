"""/prompts: choose who answers, from a menu or by name."""

import re

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.ports import Notices, PromptChoices
from bot.promptbook import Prompt, PromptBook
from bot.types import Button, Buttons
from bot.updates.filters import command, pressed
from bot.updates.introductions import Visit
from handlers.start import starter_buttons

CHOOSE = "prompt:"


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(choose_or_list, command("prompts"))
    router.callback_query.register(choose_pressed, pressed(rf"{CHOOSE}(?P<name>[a-z0-9_-]{{1,32}})"))
    return router


def menu(prompt_book: PromptBook, visit: Visit, in_use: str) -> Buttons:
    """Return a button for each prompt, the one in use marked."""
    titles = {prompt.name: prompt.title_for(visit.person.language) for prompt in prompt_book.menu()}
    return tuple(
        (Button(f"✓ {title}" if name == in_use else title, f"{CHOOSE}{name}"),)
        for name, title in titles.items()
    )


def introduction(prompt: Prompt, visit: Visit) -> str:
    """Return what is said when a prompt has been chosen."""
    language = visit.person.language
    chosen = visit.phrases.prompt_chosen.format(title=prompt.title_for(language))
    return "\n\n".join(filter(None, [chosen, prompt.welcome_for(language)]))


async def choose_or_list(
    _message: Message,
    command: CommandObject,
    visit: Visit,
    prompt_book: PromptBook,
    chats: PromptChoices,
    notices: Notices,
) -> None:
    """Choose the prompt that is named; show the menu if none is, or if there is no such prompt."""
    prompt_book.refresh()
    in_use = prompt_book.get(await chats.prompt_of(visit.place.conversation))
    wanted = (command.args or "").strip().lower()
    if wanted in prompt_book.names:
        await chats.choose_prompt(visit.place.conversation, wanted)
        prompt = prompt_book.get(wanted)
        await notices.say(visit.place, introduction(prompt, visit), starter_buttons(prompt, visit))
        return
    text = visit.phrases.unknown_prompt.format(name=wanted[:64]) if wanted else visit.phrases.choose_prompt
    await notices.say(visit.place, text, menu(prompt_book, visit, in_use.name))


async def choose_pressed(
    callback_query: CallbackQuery,
    match: re.Match[str],
    visit: Visit,
    prompt_book: PromptBook,
    chats: PromptChoices,
    notices: Notices,
) -> None:
    """Choose the prompt of the button, and turn the menu into its introduction."""
    prompt_book.refresh()
    name = match["name"]
    if name not in prompt_book.names or callback_query.message is None:
        await notices.answer(callback_query.id, visit.phrases.button_expired)
        return
    await chats.choose_prompt(visit.place.conversation, name)
    prompt = prompt_book.get(name)
    await notices.answer(callback_query.id)
    text, buttons = introduction(prompt, visit), starter_buttons(prompt, visit)
    await notices.rewrite(visit.place, callback_query.message.message_id, text, buttons)
