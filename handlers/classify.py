"""/classify: tell a text apart, or a whole list or file of them, by a classifier from a menu."""

import re
from dataclasses import replace
from pathlib import PurePath

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Document, Message

from bot.classifying import Classifications, Listing, Pile, Rules, Unreadable, lines_of, texts_in
from bot.ports import Notices
from bot.types import Button, Buttons
from bot.updates.files import Files
from bot.updates.filters import command, pressed
from bot.updates.introductions import Visit
from bot.updates.quoting import quote_in, replied_message

CHOOSE = "classifier:"
_TABLES = frozenset({".csv", ".tsv"})
_LISTS = frozenset({".txt", *_TABLES})


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(classify, command("classify"))
    router.callback_query.register(choose, pressed(rf"{CHOOSE}(?P<name>[a-z0-9_-]{{1,32}})"))
    return router


async def classify(
    message: Message,
    command: CommandObject,
    visit: Visit,
    classifications: Classifications,
    files: Files,
    notices: Notices,
) -> None:
    """Classify what stands behind the command, the file it comes with, or what it replies to."""
    chosen = await classifications.in_use(visit.place.conversation)
    said, document = (command.args or "").strip(), _document_of(message)
    if not (said or document):
        said = quote_in(message)
    if chosen is None or not (said or document):
        text, buttons = _menu(classifications, visit, chosen.name if chosen else "")
        await notices.say(visit.place, text, buttons)
        return
    rules = classifications.rules
    listing = Listing(lines_of(said)) if said else await _fetched(document, visit, rules, files)
    obstacle = listing if isinstance(listing, str) else _obstacle(listing, visit, rules)
    if isinstance(listing, str) or obstacle:
        await notices.say(visit.place, obstacle)
        return
    source = None if said else document
    pile = replace(_pile(message, visit, listing, source), classifier=chosen.name)
    await classifications.classify(replace(pile, delimiter=listing.delimiter or rules.delimiter))


async def choose(
    callback_query: CallbackQuery,
    match: re.Match[str],
    visit: Visit,
    classifications: Classifications,
    notices: Notices,
) -> None:
    """Use the classifier of the button from now on."""
    words = visit.phrases.classifying
    chosen = await classifications.choose(visit.place.conversation, match["name"])
    if chosen is None or callback_query.message is None:
        await notices.answer(callback_query.id, visit.phrases.button_expired)
        return
    await notices.answer(callback_query.id)
    title = chosen.title.in_(visit.person.language)
    text = f"{words.chosen.format(title=title)}\n\n{words.what}"
    buttons = _menu(classifications, visit, chosen.name)[1]
    await notices.rewrite(visit.place, callback_query.message.message_id, text, buttons)


def _menu(classifications: Classifications, visit: Visit, in_use: str) -> tuple[str, Buttons]:
    """Return what the command does, with a button for each classifier, the one in use marked."""
    words, language = visit.phrases.classifying, visit.person.language
    titles = {one.name: one.title.in_(language) for one in classifications.offered()}
    if not titles:
        return words.none, ()
    labels = {name: f"✓ {title}" if name == in_use else title for name, title in titles.items()}
    buttons = tuple((Button(label, f"{CHOOSE}{name}"),) for name, label in labels.items())
    return f"{words.what}\n\n{words.choose}", buttons


def _document_of(message: Message) -> Document | None:
    """Return the file that comes with the command, or with the message it replies to."""
    replied = replied_message(message)
    document = message.document or (replied.document if replied else None)
    is_list = document is not None and PurePath(document.file_name or "").suffix.lower() in _LISTS
    is_text = document is not None and (document.mime_type or "").startswith("text/")
    return document if message.document or is_list or is_text else None


async def _fetched(document: Document | None, visit: Visit, rules: Rules, files: Files) -> Listing | str:
    """Return the texts of a file, or the sentence about why there are none."""
    words = visit.phrases.classifying
    if document is None or (document.file_size or 0) > rules.most_file_bytes:
        return words.too_large.format(kilobytes=rules.most_file_bytes // 1000)
    data = await files.fetch(document.file_id, most_bytes=rules.most_file_bytes)
    if data is None:
        return words.not_fetched
    is_table = PurePath(document.file_name or "").suffix.lower() in _TABLES
    listing = texts_in(data, is_table=is_table)
    sentences = {
        Unreadable.NOT_TEXT: words.not_text,
        Unreadable.ODD_ENCODING: words.odd_encoding,
        Unreadable.EMPTY: words.empty,
    }
    return sentences[listing] if isinstance(listing, Unreadable) else listing


def _obstacle(listing: Listing, visit: Visit, rules: Rules) -> str:
    """Return the sentence about why these texts are not classified; empty: nothing is in the way."""
    words = visit.phrases.classifying
    if not listing.texts:
        return words.empty
    if len(listing.texts) > rules.most_texts:
        return words.too_many.format(count=len(listing.texts), most=rules.most_texts)
    return ""


def _pile(message: Message, visit: Visit, listing: Listing, document: Document | None) -> Pile:
    return Pile(
        id=f"classify:{message.chat.id}:{message.message_id}:{message.date.timestamp():.0f}",
        texts=listing.texts,
        classifier="",
        person=visit.person,
        place=visit.place,
        is_list=len(listing.texts) > 1 or document is not None,
        file_name=(document.file_name or "") if document else "",
    )
