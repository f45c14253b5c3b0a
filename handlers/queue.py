"""/queue: the answers that come later, each with a button to cancel it."""

import re
import time

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.orders import Order, Orders
from bot.ports import Notices
from bot.presses import Act, Press, pattern, tag_of
from bot.promptbook import PromptBook
from bot.texts import Phrases
from bot.types import Button, Buttons
from bot.updates.filters import command, pressed
from bot.updates.introductions import Visit

_MOST_SHOWN = 20
_WORDS_CHARACTERS = 60
_LABEL_CHARACTERS = 24
_MINUTE_S, _HOUR_S = 60, 3600


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(show, command("queue"))
    router.callback_query.register(cancel, pressed(pattern(Act.CANCEL)))
    return router


async def show(
    _message: Message, visit: Visit, orders: Orders, prompt_book: PromptBook, notices: Notices
) -> None:
    """List one's own, or all of the chat for an owner."""
    seen = await _seen_by(visit, orders)
    await notices.say(visit.place, _text(seen, visit, prompt_book), _buttons(seen))


async def cancel(
    callback_query: CallbackQuery,
    match: re.Match[str],
    visit: Visit,
    orders: Orders,
    prompt_book: PromptBook,
    notices: Notices,
) -> None:
    """Cancel the order of the button, and show what is left; whose it is, the button is not believed."""
    pending = await orders.pending(visit.place.conversation)
    tag = Press.of(match).tag
    order = next((one for one in pending if tag_of(one.id) == tag), None)
    if order and not visit.may_act_for(order.question.person.user_id):
        await notices.answer(callback_query.id, visit.phrases.not_yours)
        return
    is_cancelled = order is not None and await orders.cancel(order.id)
    said = visit.phrases.order_cancelled if is_cancelled else visit.phrases.order_too_late
    await notices.answer(callback_query.id, said, is_alert=is_cancelled)
    if callback_query.message is not None:
        seen = await _seen_by(visit, orders)
        text = _text(seen, visit, prompt_book)
        await notices.rewrite(visit.place, callback_query.message.message_id, text, _buttons(seen))


async def _seen_by(visit: Visit, orders: Orders) -> list[Order]:
    """Return what this person may cancel; an answer that is being delivered is on its way no more."""
    pending = await orders.pending(visit.place.conversation)
    return [one for one in pending if one.answer is None and visit.may_act_for(one.question.person.user_id)]


def _text(seen: list[Order], visit: Visit, prompt_book: PromptBook) -> str:
    phrases = visit.phrases
    if not seen:
        return phrases.queue_empty
    lines = (
        f"{number}. {_words(order, _WORDS_CHARACTERS)} ({_circumstances(order, visit, prompt_book)})"
        for number, order in enumerate(seen[:_MOST_SHOWN], 1)
    )
    more = len(seen) - _MOST_SHOWN
    rest = [phrases.queue_more.format(count=more)] if more > 0 else []
    return "\n".join([phrases.queue, *lines, *rest])


def _circumstances(order: Order, visit: Visit, prompt_book: PromptBook) -> str:
    """Return of whom it was asked, and how long ago; the prompt may be gone by now."""
    is_known = order.prompt in prompt_book.names
    title = prompt_book.get(order.prompt).title_for(visit.person.language) if is_known else order.prompt
    return f"{title}, {_ago(time.time() - order.asked_at, visit.phrases)}"


def _buttons(seen: list[Order]) -> Buttons:
    return tuple(
        (
            Button(
                f"✕ {number}. {_words(order, _LABEL_CHARACTERS)}",
                Press(Act.CANCEL, order.question.person.user_id, tag_of(order.id)).data,
            ),
        )
        for number, order in enumerate(seen[:_MOST_SHOWN], 1)
    )


def _words(order: Order, characters: int) -> str:
    """Return how the question begins, on one line."""
    text = " ".join((order.question.text or order.question.quote).split())
    return text if len(text) <= characters else f"{text[: characters - 1].rstrip()}…"


def _ago(seconds: float, phrases: Phrases) -> str:
    if seconds < _MINUTE_S:
        return phrases.just_now
    if seconds < _HOUR_S:
        return phrases.minutes_ago.format(minutes=int(seconds // _MINUTE_S))
    return phrases.hours_ago.format(hours=int(seconds // _HOUR_S))
