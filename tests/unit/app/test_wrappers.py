"""What stands around the models: seats only where the service counts open requests."""

import pytest

from bot.app.wrappers import Scope, wrapped
from bot.backends.gate import Gate
from bot.metrics import Metrics
from bot.settings import read_settings
from tests.tools.models import ScriptedModel
from tests.tools.reply_stage import AwayRedis

ACCOUNT = {"YANDEX__FOLDER_ID": "folder", "YANDEX__API_KEY": "key"}
OWN = {"OPENAI__URL": "http://localhost:11434/v1", "OPENAI__MODEL": "llama3.2"}


@pytest.mark.parametrize(
    ("env", "has_gate"),
    [
        (ACCOUNT, True),
        (ACCOUNT | OWN, True),
        (ACCOUNT | {"YANDEX__CONCURRENT_GENERATIONS": "0"}, False),
        (OWN, False),
    ],
    ids=["yandex", "both", "no limit", "own"],
)
async def test_seats_are_those_of_yandex(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str], *, has_gate: bool
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)

    async with wrapped(ScriptedModel(), read_settings(), Scope(AwayRedis(), 42, Metrics())) as model:
        assert isinstance(model, Gate) is has_gate
