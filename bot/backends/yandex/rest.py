"""Methods of the service that answer at once and whole: JSON there, JSON back, errors as ours.

Nothing is repeated here: whether a request may be sent again, only its sender knows. `Unreachable` means that
it never left; after `ConnectionCut` and `BackendTimeout` it may have arrived.
"""

import asyncio
import json
from typing import Any

import httpx

from bot.backends.failures import Refusal
from bot.backends.http import REQUEST_ID, amid_the_response, before_the_connection
from bot.backends.yandex.auth import Account
from bot.errors import BackendTimeout, ConnectionCut, WaitedFor


class YandexRest:
    """The unary side of the service, for one account. The client belongs to whoever gave it."""

    def __init__(self, client: httpx.AsyncClient, account: Account, *, timeout_s: float = 60.0) -> None:
        self.account = account
        self._client = client
        self._timeout_s = timeout_s

    async def post(
        self, url: str, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Send a body and return what the service says, a JSON object.

        Raises:
            BackendError: it said something else, or nothing in time. What makes no sense is a `ConnectionCut`.
        """
        content = json.dumps(body, ensure_ascii=False).encode(errors="replace")
        more = {"Content-Type": "application/json", **(headers or {})}
        return await self._ask("POST", url, more, content)

    async def get(self, url: str) -> dict[str, Any]:
        """Ask and return what the service says; raises as `post`."""
        return await self._ask("GET", url, {}, None)

    async def _ask(self, method: str, url: str, more: dict[str, str], content: bytes | None) -> dict[str, Any]:
        headers = await self.account.headers() | more
        response = await self._sent(method, url, headers, content)
        if response.status_code == httpx.codes.UNAUTHORIZED and self.account.refuse(headers):
            headers = await self.account.headers() | more
            response = await self._sent(method, url, headers, content)
        request_id = headers[REQUEST_ID]
        if response.status_code != httpx.codes.OK:
            refusal = Refusal.of_response(
                response.status_code, response.content, response.headers.get("Retry-After")
            )
            raise refusal.as_error(self.account.redacted, request_id)
        return _object(response.content, request_id)

    async def _sent(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None
    ) -> httpx.Response:
        try:
            async with asyncio.timeout(self._timeout_s):
                with amid_the_response(), before_the_connection():
                    return await self._client.request(
                        method, url, content=content, headers=headers, timeout=self._timeout_s
                    )
        except TimeoutError as error:
            raise BackendTimeout(WaitedFor.WHOLE_ANSWER, self._timeout_s) from error


def _object(content: bytes, request_id: str) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ConnectionCut(
            f"the service answered with something that is no JSON (request {request_id})"
        ) from error
    if not isinstance(said, dict):
        raise ConnectionCut(f"the service answered with something that is no object (request {request_id})")
    return said
