"""What a run plays on: a Redis, a Telegram and a model that stay, and replicas of the bot that do not."""

import asyncio
import json
import os
import random
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from redis.asyncio import Redis

from bot.tasks import put_down
from bot.updates.backlog import Backlog, BacklogView
from tests.bench.stage import until
from tests.bench.wire import listening
from tests.chaos.crowd import Crowd
from tests.chaos.model import ChaosModel
from tests.chaos.replica import Replica
from tests.chaos.telegram import TOKEN, ChaosTelegram
from tests.tools.redis_server import RedisProcess

_START_S = 120.0
_LOOK_S = 0.5


@dataclass(slots=True)
class Scene:
    """Everything there is; `chance` decides what is left to chance."""

    chance: random.Random
    folder: Path
    redis: RedisProcess
    telegram: ChaosTelegram
    model: ChaosModel
    crowd: Crowd
    env: dict[str, str]
    program: Sequence[str]
    """What each replica tells Python."""
    replicas: list[Replica] = field(default_factory=list)
    exits: int = 0
    """How often a process has ended though nobody ended it; another one was started then."""

    async def start(self, count: int) -> None:
        """Start so many replicas, and wait until they work."""
        self.replicas += [Replica(place, self.env, self.folder, self.program) for place in "abcdefgh"[:count]]
        for replica in self.replicas:
            await replica.start()
        await until(lambda: all(map(self.is_up, self.replicas)), _START_S)

    def is_up(self, replica: Replica) -> bool:
        """Whether a replica works."""
        return replica.is_running and replica.name in self.telegram.heard_of

    async def look_after(self) -> None:
        """Start again whatever has ended by itself, for ever."""
        while True:
            for replica in self.replicas:
                if replica.has_quit:
                    self.exits += 1
                    await replica.start()
            await asyncio.sleep(_LOOK_S)

    async def backlog(self) -> Backlog:
        """Return what the inbox holds."""
        async with Redis.from_url(self.redis.url, decode_responses=True) as redis:
            return await BacklogView(redis, 42).look()


@asynccontextmanager
async def staged(
    chance: random.Random, program: Sequence[str] = ("-m", "bot", "run"), **changes: str
) -> AsyncIterator[Scene]:
    """Set the scene; `changes` are settings of the bot. A folder with what the processes logged stays."""
    async with AsyncExitStack() as stack:
        folder = Path(tempfile.mkdtemp())
        telegram = ChaosTelegram()
        model = ChaosModel(telegram.chats)
        redis = RedisProcess(folder)
        redis.start()
        stack.callback(redis.kill)
        env = {
            "PATH": os.environ["PATH"],
            "TELEGRAM__TOKEN": TOKEN,
            "TELEGRAM__API_URL": await stack.enter_async_context(listening(telegram.serve)) + "/NAME",
            "YANDEX__API_URL": await stack.enter_async_context(listening(model.serve)) + "/NAME",
            "YANDEX__API_KEY": "key",
            "YANDEX__FOLDER_ID": "folder",
            "YANDEX__CONCURRENT_GENERATIONS": "50",
            "ACCESS__POLICY": "open",
            "REDIS__URL": redis.url,
            "HTTP__PORT": "0",
            "PROMPTS__DIR": str(Path(__file__).parents[2] / "prompts"),
        }
        crowd = Crowd(telegram, model, chance)
        scene = Scene(chance, folder, redis, telegram, model, crowd, env | changes, program)
        care = asyncio.create_task(scene.look_after())
        try:
            yield scene
        finally:
            (folder / "chats.json").write_text(json.dumps(telegram.chats.by_id, default=asdict), "utf-8")
            await put_down(care)
            for replica in scene.replicas:
                replica.kill()
                await replica.ended()
