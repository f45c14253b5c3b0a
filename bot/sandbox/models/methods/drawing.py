"""Pictures at once, by the newer OpenAI-compatible method.

What else the service takes besides words and a size is not known: a seed is heeded, all else ignored.
"""

import asyncio
import base64
import re
from typing import Any

from aiohttp import web

from bot.sandbox.models.call import Call, Route
from bot.sandbox.models.drawing import picture
from bot.sandbox.models.faults import Fail, Hang, LateError, Refuse, Shape, Take
from bot.sandbox.models.methods.ordering import any_seed, judged
from bot.sandbox.models.request import NewImageRequest
from bot.sandbox.models.rules import Rules, Unacceptable

_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")
_LONGEST = 2048


async def draw(call: Call) -> web.StreamResponse:
    """Draw a picture while the client waits."""
    call.enter()
    asked = call.parsed(NewImageRequest)
    call.models("art", call.rules.new_image_models).admitted(asked.model, call.rules)
    size = _size(asked.size, call.rules)
    call = judged(call, asked.prompt)
    match call.fault:
        case Refuse():
            return call.refused(call.fault)
        case Fail(_, message):
            return call.refused(Refuse(503, message))
        case Take():
            await asyncio.sleep(call.fault.seconds)
        case _ if not isinstance(call.fault, Hang | LateError):
            await asyncio.sleep(call.twin.drawing_s)
    return await call.answered(lambda: _drawn(asked, size))


def _drawn(asked: NewImageRequest, size: tuple[int, int]) -> dict[str, Any]:
    drawn = picture(asked.prompt, asked.seed or any_seed(), size)
    return {"data": [{"b64_json": base64.b64encode(drawn).decode()}]}


def _size(asked: str, rules: Rules) -> tuple[int, int]:
    """Return the size that is drawn; raises `Unacceptable` if it is none."""
    found = _SIZE.fullmatch(asked)
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if not found or max(width, height) > _LONGEST:
        raise Unacceptable(400, f"invalid size: {asked}")
    return rules.image_sizes.get(asked, (width, height))


ROUTES = (Route("/v1/images/generations", draw, "images/generations", Shape.BARE),)
