"""Answers that were ordered and come later: what is known of each order, and the socket of their store.

An order is begun before it is sent, placed when the service has named its operation, and over when its answer
was delivered and remembered. Each of these steps survives a crash, and none is taken twice: what was begun and
neither placed nor withdrawn may have cost money, so it is not sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from bot.question import Question
from bot.types import ConversationKey, DialogueKey, Piece, Place


class Standing(StrEnum):
    """How far an order has come."""

    BEGUN = "begun"
    """It may have been sent; nobody knows before it is placed."""
    PLACED = "placed"
    """The service has it."""
    CANCELLED = "cancelled"
    """Nobody wants it any more; the service has to be told."""


class Begun(StrEnum):
    """What became of the wish to begin an order."""

    NEW = "new"
    """It was never begun before: it may be sent."""
    KNOWN = "known"
    """Another attempt has begun it."""
    OVER = "over"
    """It came to its end before."""
    FULL = "full"
    """The person has too many orders that are not over."""


@dataclass(frozen=True, slots=True)
class Order:
    """One question to a model that answers later, and what has become of it."""

    question: Question
    prompt: str
    model: str
    """The name by which the prompt calls it."""
    asked_at: float
    """Unix time in seconds; so is the next."""
    deadline: float
    """When the answer is waited for no longer."""
    chat_id: int
    """Where the conversation is now: not where it was asked, if the group has moved."""
    standing: Standing = Standing.BEGUN
    operation_id: str = ""
    is_told: bool = False
    """Whether the person knows that the answer comes later."""
    looks: int = 0
    """How often it was looked at in vain."""
    failures: int = 0
    """How often something broke that nobody foresaw."""
    takes: int = 0
    """How often it was taken without being given back: all but the last taker died."""
    answer: Piece | None = None
    """Once it is there: the service need not be asked again."""
    message_ids: tuple[int, ...] | None = None
    """The messages of the answer, once it is delivered."""
    is_forgotten: bool = False
    """Whether the dialogue was forgotten since: then the answer is not remembered in it."""

    @property
    def id(self) -> str:
        """That of its question."""
        return self.question.id

    @property
    def has_moved(self) -> bool:
        """Whether the group has moved: the question's message is not where the answer goes."""
        return self.chat_id != self.question.place.conversation.chat_id

    @property
    def dialogue(self) -> DialogueKey:
        """Where the answer is remembered."""
        return DialogueKey(self.question.place.conversation.moved_to(self.chat_id), self.prompt)

    @property
    def place(self) -> Place:
        """Where the answer goes: it replies to the question, or to the message whose button was pressed."""
        asked = self.question.place
        if self.has_moved:
            return Place(self.dialogue.conversation, asked.is_group)
        return replace(asked, reply_to=self.question.message_id or asked.reply_to or asked.below)

    def anew(self, reply_id: str) -> Question:
        """Return its question, to be asked of the same prompt in place of this order."""
        return replace(self.question, id=reply_id, prompt=self.prompt, instead_of_order=self.id)


class Orders(Protocol):
    """The store of orders, for those who ask. Every method raises `StoreError` if the store is away."""

    async def find(self, order_id: str) -> Order | None:
        """Return an order that is not over; None: there is none."""
        ...

    async def begin(self, order: Order, *, instead_of: str = "") -> Begun:
        """Write down that it is about to be sent; in the same step cancel the one whose place it takes."""
        ...

    async def withdraw(self, order_id: str) -> None:
        """Write down that the service has not taken it: it may be begun again."""
        ...

    async def place(self, order: Order, operation_id: str, *, look_in_s: float) -> bool:
        """Write down that the service has it; False: it was given up meanwhile."""
        ...

    async def told(self, order_id: str) -> None:
        """Write down that the person knows."""
        ...

    async def pending(self, conversation: ConversationKey) -> tuple[Order, ...]:
        """Return the orders placed there and neither over nor cancelled, oldest first."""
        ...

    async def cancel(self, order_id: str) -> bool:
        """Cancel an order; False: it is too late, because its answer is there, or it is over."""
        ...

    async def forget(self, dialogue: DialogueKey) -> None:
        """Let the answers that are on their way not be remembered in the dialogue."""
        ...

    async def delivered(self, order_id: str, message_ids: tuple[int, ...]) -> None:
        """Keep that the answer was delivered."""
        ...

    async def end(self, order_id: str) -> None:
        """Write down that it is over; nobody begins it again for two days."""
        ...


class TakenOrders(Orders, Protocol):
    """The same for whoever looks after orders: each is taken by one replica, until its lease runs out."""

    async def take(self, most: int) -> list[Order]:
        """Take what is due to be looked at, or was left by a replica that died; never more than may be now."""
        ...

    async def renew(self, order_ids: Sequence[str]) -> set[str]:
        """Show a sign of life for these; return those that were lost to another replica, or are over."""
        ...

    async def release(self, order: Order, *, look_in_s: float) -> None:
        """Give it back with its counts, to be looked at then; nothing happens if it is not ours."""
        ...

    async def answered(self, order_id: str, answer: Piece) -> bool:
        """Keep the answer; False: it is not wanted any more, or the order is another's."""
        ...

    async def occupy(self, order: Order) -> bool:
        """Begin its delivery; False: another order is being delivered in that conversation."""
        ...
