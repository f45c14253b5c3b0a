"""The tokenizer, which costs nothing."""

from typing import Any

from aiohttp import web

from bot.sandbox.models import tokens
from bot.sandbox.models.call import Call, Route
from bot.sandbox.models.methods.completion import admitted
from bot.sandbox.models.request import TokenizeRequest
from bot.sandbox.models.transcript import MODEL_VERSION


async def tokenize(call: Call) -> web.StreamResponse:
    """Cut a text into tokens."""
    call.enter()
    asked = call.parsed(TokenizeRequest)
    call.models("gpt", call.rules.models).admitted(asked.model_uri, call.rules)
    return await call.answered(lambda: _tokens(asked.text))


async def tokenize_completion(call: Call) -> web.StreamResponse:
    """Cut a dialogue into tokens."""
    text = "\n".join(line.text or "" for line in admitted(call).messages)
    return await call.answered(lambda: _tokens(text))


def _tokens(text: str) -> dict[str, Any]:
    listed = [
        {"id": str(number), "text": token, "special": False}
        for number, token in enumerate(tokens.split(text), start=1)
    ]
    return {"tokens": listed, "modelVersion": MODEL_VERSION}


ROUTES = (
    Route("/foundationModels/v1/tokenize", tokenize, "tokenize"),
    Route("/foundationModels/v1/tokenizeCompletion", tokenize_completion, "tokenizeCompletion"),
)
