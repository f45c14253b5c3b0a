"""The in-memory twin of the store of orders, for tests in virtual time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.errors import StoreError
from bot.orders import Begun, Order, Standing
from bot.question import Question
from bot.types import ConversationKey, DialogueKey, Person, Piece, Place

ANNA = Person(1, "Anna", "en")
HERE = ConversationKey(42, 1)


def a_question(number: int = 1, text: str = "Who?", where: ConversationKey = HERE, **more: Any) -> Question:
    """A question in a private chat, of the message with that number."""
    asked = Question(f"{where.slug}:{number}", text, ANNA, Place(where, below=number), message_id=number)
    return replace(asked, **more)


def an_order(number: int = 1, asked_at: float = 1_000_000.0, **more: Any) -> Order:
    """The order of an answer to that question."""
    question = a_question(number, **more)
    chat_id = question.place.conversation.chat_id
    return Order(question, "parrot", "yandexgpt-lite", asked_at, asked_at + 72 * 3600, chat_id)


@dataclass
class Shelf:
    """What all replicas share."""

    clock: Callable[[], float]
    orders: dict[str, Order] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    due: dict[str, float] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    busy: dict[ConversationKey, tuple[str, float]] = field(default_factory=dict)


class MemoryOrders:
    """One replica's view of a shelf; `trouble`, if set, is raised by every method."""

    def __init__(
        self, shelf: Shelf, holder: str = "one", *, lease_s: float = 8, most_of_person: int = 30
    ) -> None:
        self.shelf = shelf
        self.trouble: StoreError | None = None
        self._holder = holder
        self._lease_s = lease_s
        self._most_of_person = most_of_person

    def _known(self) -> dict[str, Order]:
        if self.trouble:
            raise self.trouble
        return self.shelf.orders

    def _change(self, order_id: str, **changes: Any) -> None:
        known = self._known()
        if order_id in known:
            known[order_id] = replace(known[order_id], **changes)

    def _is_held(self, order_id: str) -> bool:
        self._known()
        return self.shelf.holders.get(order_id) == self._holder

    async def find(self, order_id: str) -> Order | None:
        return self._known().get(order_id)

    async def begin(self, order: Order, *, instead_of: str = "") -> Begun:
        if order.id in self.shelf.over:
            return Begun.OVER
        if order.id in self._known():
            return Begun.KNOWN
        if not instead_of and self._count(order) >= self._most_of_person:
            return Begun.FULL
        self.shelf.orders[order.id] = order
        if instead_of:
            await self.cancel(instead_of)
        return Begun.NEW

    async def withdraw(self, order_id: str) -> None:
        order = self._known().get(order_id)
        if order and order.standing is Standing.BEGUN:
            del self.shelf.orders[order_id]

    def _count(self, order: Order) -> int:
        asker = order.question.person
        known = self.shelf.orders.values()
        return sum(one.standing is Standing.PLACED and one.question.person == asker for one in known)

    async def place(self, order: Order, operation_id: str, *, look_in_s: float) -> bool:
        known = self._known().get(order.id)
        if known is None or known.standing is not Standing.BEGUN:
            return known is not None and known.operation_id == operation_id
        self._change(order.id, standing=Standing.PLACED, operation_id=operation_id)
        self.shelf.due[order.id] = self.shelf.clock() + look_in_s
        return True

    async def told(self, order_id: str) -> None:
        self._change(order_id, is_told=True)

    async def pending(self, conversation: ConversationKey) -> tuple[Order, ...]:
        here = [
            order
            for order in self._known().values()
            if order.dialogue.conversation == conversation and order.standing is Standing.PLACED
        ]
        return tuple(sorted(here, key=lambda order: order.asked_at))

    async def cancel(self, order_id: str) -> bool:
        known = self._known().get(order_id)
        if known is None or known.standing is Standing.BEGUN or known.answer:
            return False
        if known.standing is Standing.PLACED:
            self._change(order_id, standing=Standing.CANCELLED, looks=0)
            self.shelf.due[order_id] = 0
        return True

    async def forget(self, dialogue: DialogueKey) -> None:
        for order in await self.pending(dialogue.conversation):
            if order.prompt == dialogue.prompt:
                self._change(order.id, is_forgotten=True)

    async def delivered(self, order_id: str, message_ids: tuple[int, ...]) -> None:
        self._change(order_id, message_ids=message_ids)

    async def end(self, order_id: str) -> None:
        self._known().pop(order_id, None)
        self.shelf.due.pop(order_id, None)
        self.shelf.holders.pop(order_id, None)
        self._vacate(order_id)
        self.shelf.over.add(order_id)

    async def take(self, most: int) -> list[Order]:
        self._known()
        now = self.shelf.clock()
        due = sorted((at, order_id) for order_id, at in self.shelf.due.items() if at <= now)
        for _, order_id in due[:most]:
            self.shelf.holders[order_id] = self._holder
            self.shelf.due[order_id] = now + self._lease_s
            self._change(order_id, takes=self.shelf.orders[order_id].takes + 1)
        return [self.shelf.orders[order_id] for _, order_id in due[:most]]

    async def renew(self, order_ids: Sequence[str]) -> set[str]:
        self._known()
        until = self.shelf.clock() + self._lease_s
        held = [order_id for order_id in order_ids if self._is_held(order_id)]
        for order_id in held:
            self.shelf.due[order_id] = until
        for conversation, (order_id, _) in self.shelf.busy.items():
            if order_id in held:
                self.shelf.busy[conversation] = (order_id, until)
        return {*order_ids} - {*held}

    async def release(self, order: Order, *, look_in_s: float) -> None:
        if self._is_held(order.id):
            self._vacate(order.id)
            del self.shelf.holders[order.id]
            self._change(order.id, looks=order.looks, failures=order.failures, takes=0)
            self.shelf.due[order.id] = self.shelf.clock() + look_in_s

    async def answered(self, order_id: str, answer: Piece) -> bool:
        if not self._is_held(order_id) or self.shelf.orders[order_id].standing is not Standing.PLACED:
            return False
        self._change(order_id, answer=answer)
        return True

    async def occupy(self, order: Order) -> bool:
        now = self.shelf.clock()
        owner, until = self.shelf.busy.get(order.dialogue.conversation, (order.id, now))
        if not self._is_held(order.id) or (owner != order.id and until > now):
            return False
        self.shelf.busy[order.dialogue.conversation] = (order.id, now + self._lease_s)
        return True

    def _vacate(self, order_id: str) -> None:
        left = {where: one for where, one in self.shelf.busy.items() if one[0] != order_id}
        self.shelf.busy.clear()
        self.shelf.busy.update(left)
