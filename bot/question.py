"""What is asked of the model: something new, the same once more, or to go on."""

from dataclasses import dataclass

from bot.types import Exchange, Person, Place


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
    """The person's message; None: a button was pressed."""
    prompt: str | None = None
    """The prompt that shall answer; None: the one in use."""
    is_continuation: bool = False
    """Whether the model shall go on with its answer before."""
    instead_of: Exchange | None = None
    """The exchange whose question is asked again: its answer is replaced, in the same messages."""

    @classmethod
    def again(
        cls, exchange: Exchange, place: Place, *, reply_id: str, chat_title: str = "", text: str | None = None
    ) -> "Question":
        """Return the question of an exchange, or what it was changed to, asked once more."""
        return cls(
            id=reply_id,
            text=exchange.question if text is None else text,
            person=exchange.asker,
            place=place,
            chat_title=chat_title,
            quote=exchange.quote,
            message_id=exchange.question_id,
            prompt=exchange.prompt,
            is_continuation=exchange.is_continuation,
            instead_of=exchange,
        )

    @property
    def spoken(self) -> str:
        """The text as the model reads it: below what it quotes, and in a group after the speaker's name.

        To go on is asked in nobody's name, because the words are the bot's own.
        """
        quoted = "\n".join(f"> {line}" for line in self.quote.splitlines())
        words = "\n\n".join(filter(None, [quoted, self.text]))
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
    def earlier_answer(self) -> str:
        """What is put back if there will be no other; empty: nothing."""
        return self.instead_of.answer if self.instead_of else ""
