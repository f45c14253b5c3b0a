"""/image: draw what somebody says, in a style from a menu; and the buttons below a picture."""

import re
import zlib
from dataclasses import replace

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.drawing import LARGEST_SEED, Atelier, Frame
from bot.ports import Drawings, Notices
from bot.promptbook import PromptBook
from bot.texts import picture_sentence_for
from bot.types import Button, Buttons, Drawing, Picture, Ratio, Wish, mime_type_of
from bot.updates.buttons import reply_id_of
from bot.updates.files import Files
from bot.updates.filters import command, pressed
from bot.updates.introductions import Visit
from bot.updates.lanes import DRAW_AGAIN, DRAW_RATIO
from bot.updates.quoting import quote_in, replied_message

STYLE, FILE = "style:", "draw:file:"
_ID = r"(?P<id>[0-9a-f]{16})"
_RATIOS = (Ratio(1, 1), Ratio(16, 9), Ratio(9, 16))
_CAPTION_CHARACTERS = 1024
"""Source: https://core.telegram.org/bots/api#sendphoto"""


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(draw, command("image"))
    router.callback_query.register(draw_again, pressed(f"{DRAW_AGAIN}{_ID}"))
    router.callback_query.register(
        draw_in_ratio, pressed(rf"{DRAW_RATIO}{_ID}:(?P<width>\d{{1,3}})x(?P<height>\d{{1,3}})")
    )
    router.callback_query.register(send_file, pressed(f"{FILE}{_ID}"))
    router.callback_query.register(choose_style, pressed(rf"{STYLE}(?P<name>[a-z0-9_-]{{0,32}})"))
    return router


async def draw(
    message: Message,
    command: CommandObject,
    visit: Visit,
    atelier: Atelier,
    prompt_book: PromptBook,
    notices: Notices,
) -> None:
    """Draw what stands behind the command, or what it replies to; without either, show the styles."""
    words = " ".join((command.args or _words_replied_to(message, visit)).split())
    prompt_book.refresh()
    style = await atelier.styles.style_of(visit.place.conversation) or ""
    if not words:
        text = visit.phrases.pictures.what
        buttons = _menu(prompt_book, visit, style)
        shown = f"{text}\n\n{visit.phrases.pictures.choose_style}" if buttons else text
        await notices.say(visit.place, shown, buttons)
        return
    wish_id = f"image:{message.chat.id}:{message.message_id}:{message.date.timestamp():.0f}"
    wish = Wish(wish_id, words, visit.person, visit.place, style if prompt_book.style(style) else "")
    await atelier.drawer.draw(wish, frame_for(visit, prompt_book))


async def draw_again(
    callback_query: CallbackQuery,
    match: re.Match[str],
    visit: Visit,
    atelier: Atelier,
    prompt_book: PromptBook,
    notices: Notices,
) -> None:
    """Draw the same words once more, with another seed."""
    drawing = await _meant(callback_query, match, visit, atelier.drawings, notices)
    if drawing:
        wish = _same(drawing, callback_query, visit)
        await atelier.drawer.draw(replace(wish, seed=_seed_of(wish.drawing_id)), frame_for(visit, prompt_book))


async def draw_in_ratio(
    callback_query: CallbackQuery,
    match: re.Match[str],
    visit: Visit,
    atelier: Atelier,
    prompt_book: PromptBook,
    notices: Notices,
) -> None:
    """Draw the same words with the same seed in another ratio."""
    drawing = await _meant(callback_query, match, visit, atelier.drawings, notices)
    if drawing:
        ratio = Ratio(int(match["width"]) or 1, int(match["height"]) or 1)
        wish = replace(_same(drawing, callback_query, visit), ratio=ratio, seed=drawing.seed)
        await atelier.drawer.draw(wish, frame_for(visit, prompt_book))


async def send_file(
    callback_query: CallbackQuery,
    match: re.Match[str],
    visit: Visit,
    atelier: Atelier,
    files: Files,
    notices: Notices,
) -> None:
    """Send the picture as a file, which no client makes smaller: as it was drawn, or as Telegram has it."""
    drawing = await atelier.drawings.find(match["id"])
    if drawing and not visit.may_act_for(drawing.person.user_id):
        await notices.answer(callback_query.id, visit.phrases.not_yours)
        return
    picture = await _kept(drawing, callback_query, atelier, files) if drawing else None
    if picture is None:
        await notices.answer(callback_query.id, visit.phrases.pictures.gone)
        return
    await notices.answer(callback_query.id)
    await atelier.gallery.send_file(visit.place, picture, file_id=reply_id_of(callback_query))


async def _kept(drawing: Drawing, press: CallbackQuery, atelier: Atelier, files: Files) -> Picture | None:
    if original := await atelier.drawer.original(drawing):
        return original
    pressed_at = press.message if isinstance(press.message, Message) else None
    photo_id = pressed_at.photo[-1].file_id if pressed_at and pressed_at.photo else drawing.photo_id
    content = await files.fetch(photo_id) if photo_id else None
    return Picture(content, mime_type_of(content) or "image/jpeg") if content else None


async def choose_style(
    callback_query: CallbackQuery,
    match: re.Match[str],
    visit: Visit,
    atelier: Atelier,
    prompt_book: PromptBook,
    notices: Notices,
) -> None:
    """Draw in the style of the button from now on."""
    prompt_book.refresh()
    name, words = match["name"], visit.phrases.pictures
    style = prompt_book.style(name)
    if callback_query.message is None or (name and style is None):
        await notices.answer(callback_query.id, visit.phrases.button_expired)
        return
    await atelier.styles.choose_style(visit.place.conversation, name)
    await notices.answer(callback_query.id)
    title = style.title.in_(visit.person.language) if style else words.no_style
    text = f"{words.style_chosen.format(title=title)}\n\n{words.what}"
    message_id = callback_query.message.message_id
    await notices.rewrite(visit.place, message_id, text, _menu(prompt_book, visit, name))


def _words_replied_to(message: Message, visit: Visit) -> str:
    """Return what the message refers to says; what stands below a picture of the bot are not words to draw."""
    replied = replied_message(message)
    is_media = replied is not None and bool(replied.photo or replied.document)
    sender = replied.from_user if replied else None
    is_ours = sender is not None and sender.id == visit.place.conversation.bot_id
    return "" if is_media and is_ours else quote_in(message)


def frame_for(visit: Visit, prompt_book: PromptBook) -> Frame:
    """Return what stands around a picture, in the language of the person."""
    phrases, language = visit.phrases, visit.person.language
    words = phrases.pictures

    def caption(drawing: Drawing) -> str:
        style = prompt_book.style(drawing.style)
        title = style.title.in_(language) if style else drawing.model
        form = words.caption if drawing.is_seeded else words.caption_unseeded
        about = form.format(style=title, seed=drawing.seed, ratio=drawing.ratio)
        most = _CAPTION_CHARACTERS - len(about) - 2
        return f"{_shortened(drawing.words, most)}\n\n{about}"

    def buttons(drawing: Drawing) -> Buttons:
        ratios = tuple(
            Button(str(ratio), f"{DRAW_RATIO}{drawing.id}:{ratio.width}x{ratio.height}")
            for ratio in _RATIOS
            if ratio != drawing.ratio
        )
        again = Button(f"🔄 {words.button_again}", f"{DRAW_AGAIN}{drawing.id}")
        return ((again, *ratios), (Button(f"📄 {words.button_file}", f"{FILE}{drawing.id}"),))

    return Frame(caption, buttons, lambda error: f"⚠️ {picture_sentence_for(error, phrases)}", words.stopped)


def _menu(prompt_book: PromptBook, visit: Visit, in_use: str) -> Buttons:
    """Return a button for each style, the one in use marked; none if there is no style."""
    titles = {style.name: style.title.in_(visit.person.language) for style in prompt_book.styles()}
    if not titles:
        return ()
    titles = {"": visit.phrases.pictures.no_style, **titles}
    return tuple(
        (Button(f"✓ {title}" if name == in_use else title, f"{STYLE}{name}"),) for name, title in titles.items()
    )


async def _meant(
    callback_query: CallbackQuery, match: re.Match[str], visit: Visit, drawings: Drawings, notices: Notices
) -> Drawing | None:
    """Answer a press, and return the drawing that it is about; None: there is nothing to be done."""
    drawing = await drawings.find(match["id"])
    if drawing is None:
        await notices.answer(callback_query.id, visit.phrases.pictures.gone)
        return None
    is_theirs = visit.may_act_for(drawing.person.user_id)
    await notices.answer(callback_query.id, "" if is_theirs else visit.phrases.not_yours)
    return drawing if is_theirs else None


def _same(drawing: Drawing, press: CallbackQuery, visit: Visit) -> Wish:
    place = replace(visit.place, reply_to=visit.place.below if visit.place.is_group else None)
    wish = Wish(reply_id_of(press), drawing.words, drawing.person, place, drawing.style)
    return replace(wish, ratio=drawing.ratio)


def _seed_of(drawing_id: str) -> int:
    """Return a seed of its own, even under a style that has one: the same seed would give the same picture."""
    return 1 + zlib.crc32(drawing_id.encode()) % LARGEST_SEED


def _shortened(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
