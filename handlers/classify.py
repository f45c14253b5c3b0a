"""/classify: tell a text apart, or a whole list or file of them, by a classifier from a menu."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from aiogram import Router
from aiogram.types import CallbackQuery, Document, Message

from bot.classifying import Classifications, Listing, Pile, Rules, Unreadable, lines_of, texts_in
from bot.ports import Notices
from bot.promptbook import Classifier
from bot.types import Button, Buttons
from bot.updates.files import Files
from bot.updates.filters import command, pressed
from bot.updates.introductions import Visit
from bot.updates.quoting import quote_in, replied_message
from bot.updates.units import whole_text

CHOOSE = "classifier:"
_NAME = r"[a-z0-9_-]{1,32}"
_NAMED = re.compile(rf"({_NAME})(?:\s*:|(?=\s)|$)\s*", re.IGNORECASE)
"""What texts may begin with: a name, with or without a colon behind it."""
_TABLES = frozenset({".csv", ".tsv"})
_LISTS = frozenset({".txt", *_TABLES})


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(classify, command("classify"))
    router.callback_query.register(choose, pressed(rf"{CHOOSE}(?P<name>{_NAME})"))
    return router


async def classify(
    message: Message,
    together: Sequence[Message],
    visit: Visit,
    classifications: Classifications,
    files: Files,
    notices: Notices,
) -> None:
    """Classify the files that come with the command, what stands behind it, or what it replies to.

    What stands behind it is a text a line; a message that is replied to is one text.
    """
    named, said = _parted(" ".join(whole_text(together).split(maxsplit=1)[1:]), classifications)
    chosen = named or await classifications.in_use(visit.place.conversation)
    documents = _documents_in(together) or ([] if said else _documents_of(replied_message(message)))
    quote = "" if said or documents else quote_in(message)
    if chosen is None or not (said or documents or quote):
        await _introduce(named, visit, classifications, notices)
        return
    rules = classifications.rules
    listing = await _read(documents, visit, rules, files) if documents else _listed(said, quote)
    obstacle = listing if isinstance(listing, str) else _obstacle(listing, visit, rules)
    if isinstance(listing, str) or obstacle:
        await notices.say(visit.place, obstacle)
        return
    source = documents[0].file_name or "" if documents else ""
    await classifications.classify(
        Pile(
            id=f"classify:{message.chat.id}:{message.message_id}:{message.date.timestamp():.0f}",
            texts=listing.texts,
            classifier=chosen.name,
            person=visit.person,
            place=visit.place,
            is_list=len(listing.texts) > 1 or bool(documents),
            file_name=source,
            delimiter=listing.delimiter or rules.delimiter,
        )
    )


async def choose(
    callback_query: CallbackQuery,
    match: re.Match[str],
    visit: Visit,
    classifications: Classifications,
    notices: Notices,
) -> None:
    """Use the classifier of the button from now on."""
    chosen = await classifications.choose(visit.place.conversation, match["name"])
    if chosen is None or callback_query.message is None:
        await notices.answer(callback_query.id, visit.phrases.button_expired)
        return
    await notices.answer(callback_query.id)
    text, buttons = _chosen(chosen, visit), _buttons(classifications, visit, chosen)
    await notices.rewrite(visit.place, callback_query.message.message_id, text, buttons)


async def _introduce(
    named: Classifier | None, visit: Visit, classifications: Classifications, notices: Notices
) -> None:
    """Choose the classifier that is named; show the menu if none is."""
    words, here = visit.phrases.classifying, visit.place.conversation
    if named:
        await classifications.choose(here, named.name)
        await notices.say(visit.place, _chosen(named, visit))
    elif in_use := await classifications.in_use(here):
        offered = "\n".join(_described(one, visit) for one in classifications.offered())
        text = f"{words.what}\n\n{words.choose}\n{offered}"
        await notices.say(visit.place, text, _buttons(classifications, visit, in_use))
    else:
        await notices.say(visit.place, words.none)


def _chosen(chosen: Classifier, visit: Visit) -> str:
    words = visit.phrases.classifying
    return f"{words.chosen.format(title=chosen.title.in_(visit.person.language))}\n\n{words.what}"


def _described(one: Classifier, visit: Visit) -> str:
    title, description = one.title.in_(visit.person.language), one.description.in_(visit.person.language)
    return f"• {title} ({one.name})" + (f": {description}" if description else "")


def _buttons(classifications: Classifications, visit: Visit, in_use: Classifier) -> Buttons:
    """Return a button for each classifier, the one in use marked."""
    titles = {one.name: one.title.in_(visit.person.language) for one in classifications.offered()}
    labels = {name: f"✓ {title}" if name == in_use.name else title for name, title in titles.items()}
    return tuple((Button(label, f"{CHOOSE}{name}"),) for name, label in labels.items())


def _parted(said: str, classifications: Classifications) -> tuple[Classifier | None, str]:
    """Part the name of a classifier from the texts, if it is what they begin with."""
    match = _NAMED.match(said)
    named = classifications.named(match[1].lower()) if match else None
    return (named, said[match.end() :].strip()) if match and named else (None, said.strip())


def _documents_in(together: Sequence[Message]) -> list[Document]:
    return [message.document for message in together if message.document]


def _documents_of(replied: Message | None) -> list[Document]:
    """Return the file of a message that is replied to, unless it is none for us and has words of its own."""
    document = replied.document if replied else None
    if replied is None or document is None or (replied.caption and not _is_for_us(document)):
        return []
    return [document]


def _is_for_us(document: Document) -> bool:
    return _suffix(document) in _LISTS or (document.mime_type or "").startswith("text/")


def _suffix(document: Document) -> str:
    return PurePath(document.file_name or "").suffix.lower()


def _listed(said: str, quote: str) -> Listing:
    return Listing(lines_of(said)) if said else Listing((quote,))


async def _read(documents: Sequence[Document], visit: Visit, rules: Rules, files: Files) -> Listing | str:
    """Return the texts of all files, or the sentence about why there are none."""
    found: list[Listing] = []
    for document in documents:
        listing = await _fetched(document, visit, rules, files)
        if isinstance(listing, str):
            return listing
        found.append(listing)
    return Listing(tuple(text for listing in found for text in listing.texts), found[0].delimiter)


async def _fetched(document: Document, visit: Visit, rules: Rules, files: Files) -> Listing | str:
    words = visit.phrases.classifying
    if (document.file_size or 0) > rules.most_file_bytes:
        return words.too_large.format(kilobytes=rules.most_file_bytes // 1000)
    data = await files.fetch(document.file_id, most_bytes=rules.most_file_bytes)
    if data is None:
        return words.not_fetched
    listing = texts_in(data, is_table=_suffix(document) in _TABLES)
    sentences = {
        Unreadable.NOT_TEXT: words.not_text,
        Unreadable.ODD_ENCODING: words.odd_encoding,
        Unreadable.EMPTY: words.empty,
    }
    return sentences[listing] if isinstance(listing, Unreadable) else listing


def _obstacle(listing: Listing, visit: Visit, rules: Rules) -> str:
    """Return the sentence about why these texts are not classified; empty: nothing is in the way.

    A text that is too long is told of where it is one of many.
    """
    words, count = visit.phrases.classifying, len(listing.texts)
    if not count:
        return words.empty
    if count > rules.most_texts:
        return words.too_many.format(count=count, most=rules.most_texts)
    if all(len(text) > rules.most_characters for text in listing.texts):
        longest = max(map(len, listing.texts))
        return words.too_long.format(count=longest, most=rules.most_characters)
    return ""
