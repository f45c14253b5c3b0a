"""What is asked of the model: something new, the same once more, or to go on.

A question is one message of a person, or several that came together; each may quote something.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.types import Ending, Exchange, Part, Person, Piece, Place


@dataclass(frozen=True, slots=True)
class Question:
    """What a person wants to know, and where the answer goes."""

    id: str
    """The same when the same question is handled again after a crash."""
    text: str
    person: Person
    place: Place
    chat_title: str = ""
    quote: str = ""
    """What it refers to: a message, or a part of one."""
    message_id: int | None = None
    """The person's message, the last one of several; None: a button was pressed."""
    prompt: str | None = None
    """The prompt that shall answer; None: the one in use."""
    is_continuation: bool = False
    """Whether the model shall go on with its answer before."""
    instead_of: Exchange | None = None
    """The exchange whose question is asked again: its answer is replaced, in the same messages."""
    parts: tuple[Part, ...] = ()
    """Its messages, if there are several; the text is then that of all, and each has its own quote."""
    photos: tuple[str, ...] = ()
    """The pictures of all its messages."""
    wordless: str = ""
    """What is asked if there are pictures and not a single word."""
    instead_of_order: str = ""
    """The order of an answer for later whose place this question takes; empty: none."""

    @classmethod
    def again(
        cls,
        exchange: Exchange,
        place: Place,
        *,
        reply_id: str,
        chat_title: str = "",
        changed: Part | None = None,
    ) -> "Question":
        """Return the question of an exchange, perhaps with one of its messages changed, asked once more."""
        same = cls(
            id=reply_id,
            text=exchange.question,
            person=exchange.asker,
            place=place,
            chat_title=chat_title,
            quote=exchange.quote,
            message_id=exchange.question_id,
            prompt=exchange.prompt,
            is_continuation=exchange.is_continuation,
            instead_of=exchange,
            parts=exchange.parts,
            photos=exchange.photos,
        )
        return same if changed is None else same.changed(changed)

    def changed(self, part: Part) -> "Question":
        """Return the same question with one of its messages changed."""
        return self.made_of([part if one.message_id == part.message_id else one for one in self.said])

    def made_of(self, parts: Sequence[Part]) -> "Question":
        """Return the same question in the words of these messages, of which there is at least one."""
        photos = tuple(photo for part in parts for photo in part.photos)
        if len(parts) == 1:
            return replace(self, text=parts[0].text, quote=parts[0].quote, parts=(), photos=photos)
        text = _joined(parts, [part.text for part in parts])
        return replace(self, text=text, quote="", parts=tuple(parts), photos=photos)

    @property
    def said(self) -> tuple[Part, ...]:
        """Its messages, also if it is one; none: a button was pressed."""
        if self.parts or self.message_id is None:
            return self.parts
        return (Part(self.message_id, self.text, self.quote, photos=self.photos),)

    @property
    def spoken(self) -> str:
        """The text as the model reads it: below what it quotes, and in a group after the speaker's name.

        To go on is asked in nobody's name, because the words are the bot's own.
        """
        parts = self.parts or (Part(0, self.text, self.quote),)
        words = _joined(parts, [_below_quote(part) for part in parts]) or self.wordless * bool(self.photos)
        is_named = self.place.is_group and not self.is_continuation
        return f"{self.person.name}: {words}" if is_named else words

    @property
    def in_place(self) -> tuple[int, ...]:
        """The messages that become those of the new answer."""
        return self.instead_of.message_ids if self.instead_of else ()

    @property
    def replaced_id(self) -> str:
        """The turn of the history that the new one replaces; empty: none."""
        return self.instead_of.remembered_id if self.instead_of else ""

    @property
    def earlier_answer(self) -> Piece | None:
        """What is put back if there will be no other; None: nothing."""
        earlier = self.instead_of
        if earlier is None or not earlier.answer:
            return None
        return Piece(earlier.answer, Ending.TRUNCATED if earlier.is_truncated else Ending.COMPLETE)


def _below_quote(part: Part) -> str:
    quoted = "\n".join(f"> {line}" for line in part.quote.splitlines())
    return "\n\n".join(filter(None, [quoted, part.text]))


def _joined(parts: Sequence[Part], texts: Sequence[str]) -> str:
    """Return the texts of the parts with the gaps between them; one without a text leaves no gap."""
    whole = ""
    for part, text in zip(parts, texts, strict=True):
        gap = part.gap if whole and text else ""
        whole = f"{whole}{gap}{text}"
    return whole
