"""/model: choose which model answers under the prompt in use, from a menu or by name."""

import hashlib
import re

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.conversation import Conversations
from bot.ports import Notices, PromptChoices
from bot.promptbook import Prompt, Selection
from bot.types import Button, Buttons, DialogueKey, ModelChoice
from bot.updates.filters import command, pressed
from bot.updates.introductions import Visit

CHOOSE = "model:"
_PRESS = rf"{CHOOSE}(?P<prompt>[a-z0-9_-]{{1,32}}):(?P<key>[0-9a-f]{{12}})"


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(choose_or_list, command("model"))
    router.callback_query.register(choose_pressed, pressed(_PRESS))
    return router


def menu(prompt: Prompt, models: Selection, visit: Visit) -> Buttons:
    """Return a button for each model, the one in use marked."""

    def button(model: ModelChoice) -> Button:
        title = model.title_for(visit.person.language)
        label = f"✓ {title}" if models.is_in_use(model) else title
        return Button(label, f"{CHOOSE}{prompt.name}:{_key(model)}")

    return tuple((button(model),) for model in models.models)


async def choose_or_list(
    _message: Message,
    command: CommandObject,
    visit: Visit,
    conversations: Conversations,
    chats: PromptChoices,
    notices: Notices,
) -> None:
    """Choose the model that is named; show the menu if none is, or if the prompt allows no such model."""
    conversation, phrases, language = visit.place.conversation, visit.phrases, visit.person.language
    prompt = await conversations.prompt_of(visit.place)
    models = await conversations.models_of(prompt, conversation)
    if len(models.models) == 1:
        title = models.in_use.title_for(language)
        await notices.say(visit.place, phrases.one_model.format(prompt=prompt.title_for(language), title=title))
        return
    wanted = (command.args or "").strip()
    if model := models.find(wanted):
        await chats.choose_model(DialogueKey(conversation, prompt.name), model.name)
        await notices.say(visit.place, phrases.model_chosen.format(title=model.title_for(language)))
        return
    text = phrases.no_such_model.format(name=wanted[:64]) if wanted else phrases.choose_model
    await notices.say(visit.place, text, menu(prompt, models, visit))


async def choose_pressed(
    callback_query: CallbackQuery,
    match: re.Match[str],
    visit: Visit,
    conversations: Conversations,
    chats: PromptChoices,
    notices: Notices,
) -> None:
    """Choose the model of the button, if its prompt is still in use, and turn the menu into one sentence."""
    conversation, message = visit.place.conversation, callback_query.message
    prompt = await conversations.prompt_of(visit.place)
    models = await conversations.models_of(prompt, conversation)
    model = next((one for one in models.models if _key(one) == match["key"]), None)
    if prompt.name != match["prompt"] or model is None or message is None:
        await notices.answer(callback_query.id, visit.phrases.button_expired)
        return
    await chats.choose_model(DialogueKey(conversation, prompt.name), model.name)
    await notices.answer(callback_query.id)
    text = visit.phrases.model_chosen.format(title=model.title_for(visit.person.language))
    await notices.rewrite(visit.place, message.message_id, text)


def _key(model: ModelChoice) -> str:
    """Return what stands for a model on a button, where a full URI would be too long."""
    return hashlib.blake2s(model.name.encode(), digest_size=6).hexdigest()
