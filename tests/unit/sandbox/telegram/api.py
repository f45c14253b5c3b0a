"""A bare client of the twin, and the cast of its tests."""

import json
from dataclasses import dataclass
from typing import Any

import aiohttp

TOKEN = "42:abc-DEF"
PERSON = 7
GROUP = -500
SUPERGROUP = -1001000000500
FORUM = -1001000000600
TOPIC = 11


@dataclass(frozen=True)
class Api:
    url: str
    client: aiohttp.ClientSession

    async def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        """Call as aiogram does, by a form with nested values as JSON; return the envelope."""
        form = {name: _wired(value) for name, value in params.items()}
        async with self.client.post(f"{self.url}/bot{TOKEN}/{method}", data=form) as answer:
            envelope: dict[str, Any] = await answer.json()
            assert answer.status == (200 if envelope["ok"] else envelope["error_code"])
            return envelope

    async def result(self, method: str, **params: Any) -> Any:
        envelope = await self(method, **params)
        assert envelope["ok"], envelope
        return envelope["result"]

    async def refusal(self, method: str, **params: Any) -> str:
        envelope = await self(method, **params)
        assert not envelope["ok"], envelope
        return str(envelope["description"])


def _wired(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value)
