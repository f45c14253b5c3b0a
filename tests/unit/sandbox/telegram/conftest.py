from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.sandbox.telegram.server import TelegramServer
from bot.sandbox.telegram.world import Account, BotAccount, Chat, TelegramWorld
from tests.tools.clock import FakeClock
from tests.unit.sandbox.telegram.api import FORUM, GROUP, PERSON, SUPERGROUP, TOKEN, TOPIC, Api


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_790_000_000.0)


@pytest.fixture
def world(clock: FakeClock) -> TelegramWorld:
    world = TelegramWorld(
        token=TOKEN, bot=BotAccount(42, "govorun_bot", "Govorun"), clock=clock, sleep=clock.sleep
    )
    world.add_person(Account(PERSON, "Vera", "ru", username="vera"))
    world.add_person(Account(PERSON + 1, "Petr", last_name="Lisov"))
    world.add_chat(Chat(PERSON, "private"))
    world.add_chat(Chat(GROUP, "group", "Kitchen", members={PERSON}))
    world.add_chat(Chat(SUPERGROUP, "supergroup", "Office", members={PERSON}))
    world.add_chat(Chat(FORUM, "supergroup", "Club", is_forum=True, topics={TOPIC: "Chess"}, members={PERSON}))
    return world


@pytest.fixture
async def server(world: TelegramWorld) -> AsyncIterator[TelegramServer]:
    async with TelegramServer(world) as server:
        yield server


@pytest.fixture
async def api(server: TelegramServer) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as client:
        yield Api(server.url, client)


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with AiohttpSession(api=TelegramAPIServer.from_base(server.url)) as session:
        yield Bot(TOKEN, session=session)
