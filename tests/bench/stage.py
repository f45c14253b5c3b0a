"""A bot process of its own between a lean Telegram and a lean model, which run in the process of the bench."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from tests.bench.model import BenchModel, Story, answer, wish, words
from tests.bench.process import child, cpu_s, resident_mib
from tests.bench.telegram import TOKEN, BenchTelegram
from tests.bench.wire import listening

_QUIET_S = 5.0
_WARM_UP = 9_999
"""A chat that is answered before anything is measured."""


@dataclass
class Stage:
    """The running bot and what it is surrounded by; people are private chats with ids from 1."""

    pid: int
    telegram: BenchTelegram
    model: BenchModel
    model_url: str
    started_at: float
    """When the bot first polled, by `time.perf_counter`."""
    start_cpu_s: float
    asked_at: dict[int, float] = field(default_factory=dict)

    def ask(self, chats: Iterable[int], tokens: int, per_piece: int = 1) -> None:
        """Let people ask at once; what their chats showed before is forgotten."""
        for chat_id in chats:
            self.telegram.screens.pop(chat_id, None)
            self.asked_at[chat_id] = asyncio.get_running_loop().time()
            self.telegram.say(chat_id, wish(tokens, per_piece, chat_id))

    async def finished(self, chats: Iterable[int], timeout_s: float = 60) -> float:
        """Wait until all these chats show finished answers; return the most memory meanwhile, in MiB."""
        waiting, most_mib = set(chats), 0.0
        async with asyncio.timeout(timeout_s):
            while waiting:
                most_mib = max(most_mib, resident_mib(self.pid))
                await asyncio.sleep(0.1)
                waiting -= {chat for chat in waiting if self._is_finished(chat)}
        return most_mib

    def _is_finished(self, chat_id: int) -> bool:
        """Whether there is no Stop button and the last word is there, or nothing has happened for a while.

        Between a message that is full and the next one there is no button either.
        """
        screen = self.telegram.screens[chat_id]
        if screen.done_at is None:
            return False
        is_last_word_there = words(screen.text)[-1:] == [self.story_of(chat_id).tokens - 1]
        return is_last_word_there or asyncio.get_running_loop().time() - screen.done_at > _QUIET_S

    def story_of(self, chat_id: int) -> Story:
        """Return what the model wrote for a chat last."""
        return self.model.stories[chat_id]

    def calls(self, chat_id: int) -> int:
        """Return how many calls to Telegram the answer took."""
        return len(self.telegram.screens[chat_id].calls)

    def done_s(self, chat_id: int) -> float:
        """Return how long it took from the question to the end of the answer on the screen."""
        return (self.telegram.screens[chat_id].done_at or 0) - self.asked_at[chat_id]

    def is_whole(self, chat_id: int, tokens: int) -> bool:
        """Whether the chat shows the answer whole, in order, once."""
        return words(self.telegram.screens[chat_id].text) == words(answer(tokens))


@asynccontextmanager
async def staged(telegram: BenchTelegram | None = None, **changes: str) -> AsyncIterator[Stage]:
    """Run a bot while the context is open; it has answered somebody already."""
    telegram, model = telegram or BenchTelegram(), BenchModel()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        model_url = await stack.enter_async_context(listening(model.serve))
        env = {
            "TELEGRAM__TOKEN": TOKEN,
            "TELEGRAM__API_URL": await stack.enter_async_context(listening(telegram.serve)),
            "TELEGRAM__CALLS_PER_SECOND": "0",
            "YANDEX__API_URL": model_url,
            "YANDEX__API_KEY": "key",
            "YANDEX__FOLDER_ID": "folder",
            "YANDEX__CONCURRENT_GENERATIONS": "0",
            "ACCESS__POLICY": "open",
            "REDIS__DIR": folder,
            "HTTP__PORT": "0",
        }
        process = await stack.enter_async_context(child("-m", "bot", "run", env=env | changes))
        await until(telegram.is_ready.is_set)
        stage = Stage(process.pid, telegram, model, model_url, time.perf_counter(), cpu_s(process.pid))
        stage.ask([_WARM_UP], 20)
        await stage.finished([_WARM_UP])
        yield stage


async def until(condition: Callable[[], object], timeout_s: float = 60) -> None:
    """Wait for something to be true."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - the stage is watched from outside
            await asyncio.sleep(0.01)
