"""Tokens for service accounts: bought with a signed letter, or asked of the virtual machine.

What the service says to letters that it does not take is not known.
Source: https://yandex.cloud/en/docs/iam/operations/iam-token/create-for-sa
"""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.sandbox.models.call import Call, Route
from bot.sandbox.models.faults import Shape
from bot.sandbox.models.letters import check_letter
from bot.sandbox.models.rules import Unacceptable

_METADATA = "/computeMetadata/v1/instance/service-accounts/default/token"


async def sell(call: Call) -> web.StreamResponse:
    """Give a token for a letter that the account has signed."""
    body = call.record.body
    letter = body.get("jwt") if isinstance(body, dict) else None
    if not isinstance(letter, str):
        raise Unacceptable(400, "jwt is missing")
    twin = call.twin
    check_letter(letter, twin.account_id, twin.public_key, twin.clock())
    return await call.answered(lambda: _sold(call))


async def show(call: Call) -> web.StreamResponse:
    """Give a token to whoever is inside the virtual machine and knows the header."""
    if call.record.headers.get("Metadata-Flavor") != "Google":
        raise Unacceptable(403, "Missing Metadata-Flavor:Google header")
    return await call.answered(lambda: _shown(call))


def _sold(call: Call) -> dict[str, Any]:
    token, expires_at = call.twin.passes.issue(call.twin.clock())
    stamp = datetime.fromtimestamp(expires_at, UTC).isoformat().replace("+00:00", "Z")
    return {"iamToken": token, "expiresAt": stamp}


def _shown(call: Call) -> dict[str, Any]:
    now = call.twin.clock()
    token, expires_at = call.twin.passes.issue(now)
    return {"access_token": token, "expires_in": int(expires_at - now), "token_type": "Bearer"}


ROUTES = (
    Route("/iam/v1/tokens", sell, "tokens"),
    Route(_METADATA, show, "metadata", Shape.PLAIN, verb="GET"),
)
