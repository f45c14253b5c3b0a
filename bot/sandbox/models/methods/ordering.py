"""Pictures for later, as YandexART draws them: an order, and an operation with the picture."""

import base64
import secrets
from dataclasses import replace
from typing import Any

from aiohttp import web

from bot.sandbox.models.answers import wished_fault
from bot.sandbox.models.call import Call, Route
from bot.sandbox.models.drawing import picture, size_of
from bot.sandbox.models.faults import Filter, Refuse
from bot.sandbox.models.methods.later import in_operations
from bot.sandbox.models.operations import Kind
from bot.sandbox.models.request import ImageRequest
from bot.sandbox.models.rules import Unacceptable

_WORDS_CHARACTERS = 500
_MOST_SEED = 2**31
_ETHICS = Refuse(
    400,
    "it is not possible to generate an image from this request because it may violate the terms of use",
)


async def order_picture(call: Call) -> web.StreamResponse:
    """Take the order for a picture."""
    call.enter()
    asked = call.parsed(ImageRequest)
    call.models("art", call.rules.image_models).admitted(asked.model_uri, call.rules)
    call = judged(call, asked.words)
    if isinstance(call.fault, Refuse):
        return call.refused(call.fault)
    return await call.answered(lambda: _begun(call, asked))


def judged(call: Call, words: str) -> Call:
    """Return the call with the fault that the words ask for, or that the ethics of the service demand.

    Raises:
        Unacceptable: there are no words, or too many.
    """
    if not words.strip():
        raise Unacceptable(400, "empty message text")
    if len(words) > _WORDS_CHARACTERS:
        raise Unacceptable(400, f"Prompt positive size {len(words)} exceeds limit ({_WORDS_CHARACTERS})")
    fault = call.fault or in_operations(wished_fault(words))
    return replace(call, fault=_ETHICS if isinstance(fault, Filter) else fault)


def any_seed() -> int:
    """Return what the service takes if no seed is named."""
    return 1 + secrets.randbelow(_MOST_SEED)


def _begun(call: Call, asked: ImageRequest) -> dict[str, Any]:
    options = asked.generation_options
    seed = options.seed or any_seed()
    size = size_of(options.aspect_ratio.width_ratio, options.aspect_ratio.height_ratio)

    def made() -> dict[str, Any]:
        drawn = base64.b64encode(picture(asked.words, seed, size)).decode()
        return {"image": drawn, "modelVersion": ""}

    operation = call.twin.begin(Kind.IMAGE, made, call.record.body, call.fault)
    return operation.told(call.twin.clock())


ROUTES = (Route("/foundationModels/v1/imageGenerationAsync", order_picture, "imageGenerationAsync"),)
