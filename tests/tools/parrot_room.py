"""The use case with everything around it: a real Redis, a parrot for a model, replies that are written down."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

from redis.asyncio import Redis

from bot.conversation import Conversations, Stage
from bot.errors import DeliveryError, GovorunError, StoreError
from bot.history import ChatState, RedisExchanges, RedisHistory
from bot.promptbook import PromptBook
from bot.question import Question
from bot.running import RunningTurns
from bot.types import (
    Ask,
    ConversationKey,
    DialogueKey,
    Ending,
    Exchange,
    Expense,
    Person,
    Piece,
    Place,
    Turn,
    Usage,
    Window,
)
from tests.tools.album import Album
from tests.tools.clock import FakeClock
from tests.tools.house import Notebook
from tests.tools.replies import WrittenReplies, WrittenReply

HERE = Place(ConversationKey(42, 1))
GROUP = Place(ConversationKey(42, -5), is_group=True, reply_to=9)
ANNA = Person(1, "Anna", "en")
DIALOGUE = DialogueKey(HERE.conversation, "parrot")
WHOLE = (Piece("Po"), Piece("Polly", Ending.COMPLETE, Usage(3, 2), "v1"))
PROMPT = """
title: Parrot
system: "Repeat after {{ person_name }} in {{ chat_title or 'private' }}."
"""


class Parrot:
    """A model that yields what it was given, then raises what it was given."""

    def __init__(self, *pieces: Piece, error: GovorunError | None = None) -> None:
        self.pieces, self.error = pieces, error
        self.asks: list[Ask] = []

    async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        self.asks.append(ask)
        for piece in self.pieces:
            yield piece
        if self.error:
            raise self.error


class Purse:
    """Accounts in a dict; the first `troubles` bookings fail."""

    def __init__(self) -> None:
        self.booked: dict[str, Expense] = {}
        self.troubles = 0

    async def book(self, expense: Expense, *, expense_id: str) -> None:
        if self.troubles:
            self.troubles -= 1
            raise StoreError("away")
        self.booked.setdefault(expense_id, expense)


class Room:
    """The use case with everything around it."""

    def __init__(
        self,
        redis: Redis,
        folder: Path,
        model: Parrot,
        trouble: DeliveryError | None = None,
        running: RunningTurns | None = None,
    ) -> None:
        self.folder = folder
        (folder / "parrot.yaml").write_text(PROMPT, "utf-8")
        self.book = PromptBook(folder, "parrot")
        self.book.load()
        self.model = model
        self.history = RedisHistory(redis, 90, 500)
        self.exchanges = RedisExchanges(redis, 90)
        self.photos = Album()
        self.replies = WrittenReplies(trouble)
        self.running = running or RunningTurns()
        self.notebook = Notebook()
        self.clock = FakeClock()
        self.accounts = Purse()
        self.conversations = Conversations(
            prompts=self.book,
            chats=ChatState(redis),
            history=self.history,
            exchanges=self.exchanges,
            model=model,
            photos=self.photos,
            replies=self.replies,
            running=self.running,
            witness=self.notebook,
            stage=Stage("Govorun", "yandexgpt/latest"),
            accounts=self.accounts,
            clock=self.clock,
            stopwatch=self.clock,
            sleep=self.clock.sleep,
        )

    async def ask(
        self, text: str = "Who?", place: Place = HERE, number: int = 1, message_id: int = 9
    ) -> WrittenReply:
        title = "Friends" * place.is_group
        await self.conversations.answer(Question(str(number), text, ANNA, place, title, message_id=message_id))
        return self.replies.opened[str(number)]

    def stop(self) -> None:
        switch = self.running.switch_of(HERE.conversation)
        assert switch is not None
        switch.press()

    async def newest(self) -> Exchange:
        exchange = await self.exchanges.newest(HERE.conversation)
        assert exchange is not None
        return exchange

    async def again(self, number: int, text: str | None = None) -> WrittenReply:
        newest = await self.newest()
        changed = None if text is None else replace(newest.said[0], text=text)
        question = Question.again(newest, HERE, reply_id=str(number), changed=changed)
        await self.conversations.answer(question)
        return self.replies.opened[str(number)]

    async def remembered(self) -> tuple[Turn, ...]:
        return await self.history.load(DIALOGUE, Window(4000), now=self.clock())
