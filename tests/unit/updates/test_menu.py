from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramServerError
from aiogram.methods import SetMyCommands

from bot.updates.menu import register_menu
from tests.tools.updates import TOKEN


class ListeningBot(Bot):
    """Remembers what it would have called; fails if it is told to."""

    def __init__(self, *, is_broken: bool = False) -> None:
        super().__init__(TOKEN)
        self.methods: list[SetMyCommands] = []
        self._is_broken = is_broken

    async def __call__(self, method: Any, request_timeout: int | None = None) -> Any:
        del request_timeout
        assert isinstance(method, SetMyCommands)
        if self._is_broken:
            raise TelegramServerError(method, "Bad Gateway")
        self.methods.append(method)
        return True


async def test_groups_have_a_command_to_ask_by() -> None:
    bot = ListeningBot()

    await register_menu(bot)

    commands = {
        (method.scope.type if method.scope else "", method.language_code): [
            one.command for one in method.commands
        ]
        for method in bot.methods
    }
    assert {key: "ask" in names for key, names in commands.items()} == {
        ("default", None): False,
        ("default", "ru"): False,
        ("all_group_chats", None): True,
        ("all_group_chats", "ru"): True,
    }


async def test_a_menu_that_is_refused_is_no_reason_to_fail(capsys: pytest.CaptureFixture[str]) -> None:
    await register_menu(ListeningBot(is_broken=True))

    assert "not registered" in capsys.readouterr().out
