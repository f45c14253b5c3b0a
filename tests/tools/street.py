"""Several replicas of the bot before one Telegram, one model service and one Redis, and who polls when."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.app import serve
from bot.promptbook import PromptBook
from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.telegram.server import TelegramServer
from bot.settings import Role
from handlers import FEATURES
from tests.tools.house import KEY, OWNER, PROMPTS, TOKEN, House, a_models_twin, a_world, settings_of


class WatchedServer(TelegramServer):
    """Counts polls whose poller still listens: a killed process hears no conflict, and is none."""

    polls = 0
    most_at_once = 0
    conflicts = 0

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._open: list[web.Request] = []

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if not request.path.endswith("/getUpdates"):
            return await super()._serve(request)
        self._open = [*(poll for poll in self._open if poll.transport), request]
        self.polls += 1
        self.most_at_once = max(self.most_at_once, len(self._open))
        answer = await super()._serve(request)
        self._open = [poll for poll in self._open if poll is not request]
        self.conflicts += answer.status == 409 and request.transport is not None
        return answer


@dataclass
class Street:
    """What the replicas share; `house` has no bot of its own."""

    house: House
    telegram: WatchedServer
    models_url: str
    redis_url: str

    @property
    def env(self) -> dict[str, str]:
        """The settings of a replica that is a process."""
        return {
            "TELEGRAM__TOKEN": TOKEN,
            "TELEGRAM__API_URL": self.telegram.url,
            "YANDEX__FOLDER_ID": "folder",
            "YANDEX__API_KEY": KEY,
            "YANDEX__API_URL": self.models_url,
            "YANDEX__OPERATIONS_URL": self.models_url,
            "YANDEX__OPENAI_URL": f"{self.models_url}/v1",
            "YANDEX__LATER_POLL_S": "0.2",
            "REDIS__URL": self.redis_url,
            "ACCESS__POLICY": "open",
            "ACCESS__OWNERS": str(OWNER),
            "HTTP__PORT": "0",
        }

    async def serve(self, stop: asyncio.Event, role: Role = Role.ALL, **changes: Any) -> None:
        """Run a replica in this process to its end; `changes` are settings by concern."""
        settings = settings_of(self.telegram.url, self.models_url, self.redis_url, changes)
        book = PromptBook(PROMPTS, settings.prompts.default)
        book.load()
        await serve(settings, FEATURES, stop, book, self.house.notebook, role)

    @asynccontextmanager
    async def replica(self, role: Role = Role.ALL, **changes: Any) -> AsyncIterator[Callable[[], None]]:
        """Run one while the context is open; yields what tells it to stop before."""
        stop = asyncio.Event()
        serving = asyncio.create_task(self.serve(stop, role, **changes))
        try:
            yield stop.set
        finally:
            stop.set()
            await serving


@asynccontextmanager
async def a_street(redis_url: str, models: ModelsTwin | None = None) -> AsyncIterator[Street]:
    """Open everything but the bots; the judges look at all of their calls at the end."""
    models = models or a_models_twin()
    house = House(a_world(), models)
    async with WatchedServer(house.world) as telegram, ModelsServer(models) as service:
        yield Street(house, telegram, service.url, redis_url)
        house.judge()
