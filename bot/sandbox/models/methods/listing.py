"""The list of text models that a folder may ask for."""

from typing import Any

from aiohttp import web

from bot.sandbox.models.call import Call, Route
from bot.sandbox.models.faults import Shape

_OWNERS = {"gemma": "Google", "gpt-oss": "OpenAI", "qwen": "Alibaba", "deepseek": "DeepSeek"}


async def list_models(call: Call) -> web.StreamResponse:
    """List them; classifiers and image models are not in it, as they are not at the service."""
    call.enter()
    call.check_folder()
    names = sorted(call.rules.models | call.rules.foreign_models)
    return await call.answered(lambda: {"object": "list", "data": [_entry(call, name) for name in names]})


def _entry(call: Call, name: str) -> dict[str, Any]:
    owner = next((owner for start, owner in _OWNERS.items() if name.startswith(start)), "Yandex")
    uri = f"gpt://{call.twin.folder_id}/{name}/latest"
    return {"id": uri, "object": "model", "owned_by": owner, "created": 0}


ROUTES = (Route("/v1/models", list_models, "models", Shape.OPENAI, verb="GET"),)
