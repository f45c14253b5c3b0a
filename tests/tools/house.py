"""The whole bot at work, between local stand-ins of Telegram and of the models, all over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import serve
from bot.promptbook import PromptBook
from bot.replies.entities import Entity, Kind, Rendered
from bot.sandbox.models.operations import Kind as OperationKind
from bot.sandbox.models.operations import Operation
from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.telegram.server import TelegramServer
from bot.sandbox.telegram.world import Account, BotAccount, Chat, TelegramWorld
from bot.settings import Settings
from bot.types import TurnTrace
from handlers import FEATURES
from tests.tools.botapi import assert_call_matches_schema
from tests.tools.openai_types import chat_request
from tests.tools.protos import classification_request, completion_request, few_shot_request
from tests.tools.telegram_judge import assert_accepted

OWNER, ANNA, BORIS = 11, 1, 2
GROUP, FORUM, TOPIC = -1001, -1002, 7
BOT = BotAccount(42, "govorun_bot", "Govorun")
TOKEN = "42:not-a-real-token-of-telegram"
KEY = "not-a-real-key-of-yandex"
BRISK = {
    "frame_interval_s": 0.1,
    "private_calls_per_second": 100,
    "private_burst": 100,
    "group_calls_per_minute": 6000,
    "group_burst": 100,
}
"""A pace for tests that have no flood control to fear."""
PROMPTS = Path(__file__).parents[2] / "prompts"
_ASKS = ("completion", "completionAsync")
_JUDGES: Mapping[str, Callable[[bytes], Any]] = {
    **dict.fromkeys(_ASKS, completion_request),
    "chat/completions": chat_request,
    "fewShotTextClassification": few_shot_request,
    "textClassification": classification_request,
}
"""The methods by which a model is asked."""


@dataclass
class Notebook:
    """A witness that remembers."""

    traces: list[TurnTrace] = field(default_factory=list)

    def turn_ended(self, trace: TurnTrace) -> None:
        self.traces.append(trace)


@dataclass
class House:
    """The running bot and everything around it."""

    world: TelegramWorld
    models: ModelsTwin
    notebook: Notebook = field(default_factory=Notebook)

    async def until(self, condition: Callable[[], object], timeout_s: float = 90) -> None:
        """Wait for something to be seen."""
        async with asyncio.timeout(timeout_s):
            while not condition():  # noqa: ASYNC110 - the world is watched from outside
                await asyncio.sleep(0.01)

    async def asks(
        self, text: str, chat_id: int = ANNA, user_id: int | None = None, *, turns: int = 1, **more: Any
    ) -> TurnTrace:
        """Say something that the model is asked, and wait for the end of the turn."""
        before = len(self.notebook.traces)
        self.world.say(chat_id, chat_id if user_id is None else user_id, text, **more)
        await self.until(lambda: len(self.notebook.traces) == before + turns)
        return self.notebook.traces[-1]

    async def hears(self, text: str, chat_id: int = ANNA, user_id: int | None = None, **more: Any) -> str:
        """Say something that the bot answers by itself, and wait for what it says."""
        before = len(self.world.bot_messages(chat_id))
        self.world.say(chat_id, chat_id if user_id is None else user_id, text, **more)
        await self.until(lambda: len(self.world.bot_messages(chat_id)) > before)
        return self.world.text_of_last_bot_message(chat_id)

    def bodies(self) -> list[dict[str, Any]]:
        """What the model was sent, oldest first."""
        return [request.body for request in self.models.requests if request.method in _ASKS]

    @property
    def orders(self) -> list[Operation]:
        """Answers that were ordered for later, oldest first."""
        return self.models.operations.of(OperationKind.TEXT)

    def judge(self) -> None:
        """Let the outside judges look at every call and every request there was."""
        for call in self.world.calls:
            assert_call_matches_schema(call.method, call.params)
            if "text" in call.params and call.method != "answerCallbackQuery":
                assert_accepted(rendered(call.params))
        for request in self.models.requests:
            if judge := _JUDGES.get(request.method):
                judge(request.raw)


def rendered(params: Mapping[str, Any]) -> Rendered:
    """The text and entities of a call."""
    entities = (
        Entity(Kind(one["type"]), one["offset"], one["length"], one.get("url"), one.get("language"))
        for one in params.get("entities", ())
    )
    return Rendered(params["text"], tuple(entities))


def a_world() -> TelegramWorld:
    """A Telegram with an owner, two people, a group and a forum."""
    world = TelegramWorld(token=TOKEN, bot=BOT)
    people = {OWNER: ("Olga", "ru"), ANNA: ("Anna", "en"), BORIS: ("Борис", "ru")}
    for user_id, (name, language) in people.items():
        world.add_person(Account(user_id, name, language))
        world.add_chat(Chat(user_id, "private", title=name, members={user_id}))
    world.add_chat(Chat(GROUP, "supergroup", title="Friends", members=set(people)))
    forum = Chat(FORUM, "supergroup", title="Forum", is_forum=True, topics={TOPIC: "Tea"}, members=set(people))
    world.add_chat(forum)
    return world


def settings_of(telegram_url: str, models_url: str, redis_url: str, changes: Mapping[str, Any]) -> Settings:
    """Settings as an operator would write them; `changes` by concern."""
    concerns: dict[str, dict[str, Any]] = {
        "telegram": {"token": TOKEN, "api_url": telegram_url, "poll_timeout_s": 5, "calls_per_second": 0},
        "yandex": {
            "folder_id": "folder",
            "api_key": KEY,
            "api_url": models_url,
            "operations_url": models_url,
            "openai_url": f"{models_url}/v1",
            "later_poll_s": 0.2,
        },
        "redis": {"url": redis_url},
        "access": {"policy": "open", "owners": [OWNER]},
        "http": {"port": 0},
        "workers": {"stop_timeout_s": 5},
        "replies": BRISK,
    }
    for name, values in changes.items():
        concerns[name] = {**concerns.get(name, {}), **values}
    return Settings.model_validate(concerns)


def a_models_twin() -> ModelsTwin:
    """A model that writes fast, and answers later after half a second."""
    return ModelsTwin(api_key=KEY, folder_id="folder", first_token_s=0.01, token_s=0.001, later_s=0.5)


@asynccontextmanager
async def open_house(
    redis_url: str,
    *,
    world: TelegramWorld | None = None,
    models: ModelsTwin | None = None,
    prompts: Path = PROMPTS,
    default: str = "assistant",
    **changes: Any,
) -> AsyncIterator[House]:
    """Run the bot while the context is open; `default` is its prompt, `changes` are settings by concern."""
    world = world or a_world()
    models = models or a_models_twin()
    house = House(world, models)
    stop = asyncio.Event()
    async with TelegramServer(world) as telegram, ModelsServer(models) as service:
        settings = settings_of(telegram.url, service.url, redis_url, changes)
        book = PromptBook(prompts, default)
        book.load()
        serving = asyncio.create_task(serve(settings, FEATURES, stop, book, house.notebook))
        try:
            await house.until(lambda: serving.done() or world.calls_of("setMyCommands")[3:])
            yield house
        finally:
            stop.set()
            await serving
