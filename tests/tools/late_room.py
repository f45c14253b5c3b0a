"""Late answers with everything around them: a real Redis, a scripted model, replies that are written down."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis.asyncio import Redis

from bot.conclusion import Conclusions
from bot.conversation import Conversations, Stage
from bot.errors import DeliveryError
from bot.history import ChatState, RedisExchanges, RedisHistory
from bot.late_answers import LateAnswers, Rhythm
from bot.ordering import Ordering, Terms
from bot.orders import Order
from bot.promptbook import PromptBook
from bot.question import Question
from bot.running import RunningTurns
from bot.types import DialogueKey, Exchange, Expense, Manner, Person, Place, Turn, Window
from tests.tools.album import Album
from tests.tools.clock import FakeClock
from tests.tools.house import Notebook
from tests.tools.later import ScriptedLater
from tests.tools.notices import SpokenNotices
from tests.tools.orders import ANNA, HERE, MemoryOrders, Shelf, a_question
from tests.tools.parrot_room import Parrot
from tests.tools.replies import NO_MANNER, WrittenReplies, WrittenReply

DIALOGUE = DialogueKey(HERE, "parrot")
PROMPT = "title: Parrot\nsystem: Repeat after {{ person_name }}.\nmodel: yandexgpt-lite\nmode: async\n"


@dataclass
class JournalledReplies(WrittenReplies):
    """Knows of a reply that it came to its end, as the journal does; keeps acceptances apart from answers."""

    ended: dict[str, str] = field(default_factory=dict)
    accepted: list[WrittenReply] = field(default_factory=list)
    """By which people were told that the answer comes later."""
    acceptance_trouble: DeliveryError | None = None

    @asynccontextmanager
    async def open(
        self, place: Place, person: Person, *, reply_id: str, manner: Manner = NO_MANNER
    ) -> AsyncIterator[WrittenReply]:
        self.earlier_answer = self.ended.get(reply_id)
        if reply_id.endswith(":accepted"):
            told = WrittenReply(place, person, manner, trouble=self.acceptance_trouble)
            told.earlier_answer = self.earlier_answer
            yield told
            if told.ending:
                self.ended[reply_id] = told.text
                self.accepted.append(told)
            return
        async with super().open(place, person, reply_id=reply_id, manner=manner) as reply:
            yield reply
            if reply.ending:
                self.ended[reply_id] = reply.text


class Ledger:
    """Accounts that remember what was booked, by its id."""

    def __init__(self) -> None:
        self.expenses: dict[str, Expense] = {}

    async def book(self, expense: Expense, *, expense_id: str) -> None:
        self.expenses.setdefault(expense_id, expense)


class LateRoom:
    """The use cases of late answers; `clock` is everybody's."""

    def __init__(
        self,
        redis: Redis,
        folder: Path,
        model: ScriptedLater | None = None,
        *,
        prompt: str = PROMPT,
        orders: Callable[[Shelf], MemoryOrders] = MemoryOrders,
    ) -> None:
        self.folder = folder
        (folder / "parrot.yaml").write_text(prompt, "utf-8")
        self.book = PromptBook(folder, "parrot")
        self.book.load()
        self.clock = FakeClock()
        self.shelf = Shelf(self.clock)
        self.orders = orders(self.shelf)
        self.model = model or ScriptedLater()
        self.parrot = Parrot()
        self.history = RedisHistory(redis, 90, 500)
        self.exchanges = RedisExchanges(redis, 90)
        self.replies = JournalledReplies()
        self.notices = SpokenNotices()
        self.notebook = Notebook()
        self.accounts = Ledger()
        self.running = RunningTurns()
        self.conclusions = Conclusions(
            prompts=self.book,
            orders=self.orders,
            history=self.history,
            exchanges=self.exchanges,
            replies=self.replies,
            witness=self.notebook,
            clock=self.clock,
            stopwatch=self.clock,
            sleep=self.clock.sleep,
        )
        self.ordering = Ordering(
            orders=self.orders,
            model=self.model,
            conclusions=self.conclusions,
            replies=self.replies,
            notices=self.notices,
            terms=Terms(first_look_s=10, timeout_s=3600),
            sleep=self.clock.sleep,
        )
        self.answers = LateAnswers(
            orders=self.orders,
            model=self.model,
            conclusions=self.conclusions,
            prompts=self.book,
            accounts=self.accounts,
            running=self.running,
            rhythm=Rhythm(10),
            clock=self.clock,
        )
        self.conversations = Conversations(
            prompts=self.book,
            chats=ChatState(redis),
            history=self.history,
            exchanges=self.exchanges,
            model=self.parrot,
            photos=Album(),
            replies=self.replies,
            running=self.running,
            witness=self.notebook,
            stage=Stage("Govorun", "yandexgpt/latest"),
            ordering=self.ordering,
            clock=self.clock,
            stopwatch=self.clock,
            sleep=self.clock.sleep,
        )

    async def ask(self, question: Question | None = None) -> Question:
        """Ask, and let a second pass."""
        asked = question or a_question()
        await self.conversations.answer(asked)
        self.clock.advance(1)
        return asked

    async def take(self, after_s: float = 10) -> Order:
        """Let time pass and take the order that is due the longest."""
        self.clock.advance(after_s)
        (order,) = await self.orders.take(1)
        return order

    async def attend(self, after_s: float = 10) -> float | None:
        """Take it and attend to it once, as the collector does."""
        return await self.answers.attend(await self.take(after_s))

    @property
    def acceptances(self) -> list[str]:
        """What people read at once about answers that come later."""
        return [reply.text for reply in self.replies.accepted]

    async def known(self, order_id: str) -> Order:
        order = await self.orders.find(order_id)
        assert order is not None
        return order

    async def newest(self) -> Exchange:
        exchange = await self.exchanges.newest(HERE)
        assert exchange is not None
        return exchange

    async def remembered(self) -> list[tuple[str, str]]:
        turns: tuple[Turn, ...] = await self.history.load(DIALOGUE, Window(4000), now=self.clock())
        return [(turn.question, turn.answer) for turn in turns]


def failing_once(step: Callable[..., Awaitable[object]], error: Exception) -> Callable[..., Awaitable[object]]:
    """The same step, which fails when it is taken for the first time."""
    errors = [error]

    async def taken(*args: object, **more: object) -> object:
        if errors:
            raise errors.pop()
        return await step(*args, **more)

    return taken


__all__ = ["ANNA", "DIALOGUE", "HERE", "LateRoom", "a_question", "failing_once"]
