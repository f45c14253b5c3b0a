"""aiogram matches arguments by name and says nothing of a misspelt one until an update comes."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from aiogram import Bot, Router
from aiogram.dispatcher.event.handler import CallableObject
from redis.asyncio import Redis

from bot.app.rooms import Rooms, build
from bot.promptbook import PromptBook
from bot.settings import Settings
from handlers import FEATURES
from tests.tools.house import Notebook
from tests.tools.later import ScriptedLater
from tests.tools.models import ScriptedModel
from tests.tools.updates import ME, TOKEN

GIVEN = {"bot", "command", "match", "together", "visit"}
"""What aiogram, the hands that feed it, the middlewares and the filters give to handlers."""


def handlers(router: Router) -> Iterator[CallableObject]:
    for observer in router.observers.values():
        yield from observer.handlers


def every_handler() -> list[Any]:
    return [
        pytest.param(handler.callback, id=f"{handler.callback.__module__}.{handler.callback.__name__}")
        for build_router in FEATURES
        for handler in handlers(build_router())
    ]


@pytest.fixture(scope="module")
def wired() -> set[str]:
    """The names that the wiring gives to handlers."""
    book = PromptBook(Path("prompts"))
    nobody = cast("Any", None)  # nothing is asked of anybody yet
    rooms = Rooms(Redis(), Bot(TOKEN), ME, book, ScriptedModel(), nobody, ScriptedLater(), nobody, Notebook())
    return set(build(Settings(), FEATURES, rooms).dispatcher.workflow_data)


@pytest.mark.parametrize("callback", every_handler())
def test_a_handler_asks_only_for_what_there_is(callback: Any, wired: set[str]) -> None:
    _event, *others = inspect.signature(callback).parameters

    assert set(others) <= GIVEN | wired


def test_the_catch_all_comes_last() -> None:
    assert FEATURES[-1].__module__ == "handlers.chat"


def test_a_router_can_be_built_again() -> None:
    for build_router in FEATURES:
        assert build_router() is not build_router()
