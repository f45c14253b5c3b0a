"""Answers that grow: the native completion of Yandex Foundation Models, streamed over REST.

The service sends one JSON object a line, each with the *whole* answer so far, and may revise what it said; so
when several lines came together, the newest alone is told on.

Source: https://yandex.cloud/en/docs/ai-studio/text-generation/api-ref/TextGeneration/completion
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

import httpx

from bot.backends.http import amid_the_response, before_the_response, body_of_failure
from bot.backends.lines import batches
from bot.backends.patience import Patience, Rhythm, Stopwatch
from bot.backends.yandex import wire
from bot.backends.yandex.auth import REQUEST_ID, Account
from bot.backends.yandex.endings import ending_of
from bot.backends.yandex.failures import Refusal
from bot.errors import BackendError, ConnectionCut
from bot.types import Ask, Piece

_FAREWELL_S = 0.2
"""How long the end of the body is waited for after the last piece, so that the connection can be used again."""


class YandexCompletion:
    """The `ModelBackend` of Yandex's own text models. The client belongs to whoever gave it."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        account: Account,
        *,
        api_url: str,
        patience: Patience = Patience(),  # noqa: B008 - a frozen value
    ) -> None:
        self._client = client
        self._account = account
        self._url = f"{api_url.rstrip('/')}/foundationModels/v1/completion"
        self._patience = patience

    async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Yield the growing answer, as the port promises.

        A piece with an ending may hold no text at all: a model may think until its tokens are used up.
        """
        with Stopwatch(self._patience, is_reasoning=ask.model.reasoning) as stopwatch:
            response = await stopwatch.limit(self._response(ask))
            async with aclosing(response):
                answer, rhythm = _Answer(response, self._account), Rhythm(self._patience)
                while not answer.is_over:
                    piece = await stopwatch.limit(answer.next_piece())
                    stopwatch.piece_came()
                    yield piece
                    if not answer.is_over:
                        await rhythm.pause()
                await answer.say_farewell()

    async def _response(self, ask: Ask) -> httpx.Response:
        headers = await self._account.headers()
        response = await self._sent(ask, headers)
        if response.status_code == httpx.codes.UNAUTHORIZED and self._account.refuse(headers):
            await response.aclose()
            response = await self._sent(ask, await self._account.headers())
        if response.status_code == httpx.codes.OK:
            return response
        body = await body_of_failure(response)
        refusal = Refusal.of_response(response.status_code, body, response.headers.get("Retry-After"))
        raise refusal.as_error(self._account.redacted, _request_id(response))

    async def _sent(self, ask: Ask, headers: dict[str, str]) -> httpx.Response:
        with before_the_response():
            return await self._client.send(self._request(ask, headers), stream=True)

    def _request(self, ask: Ask, headers: dict[str, str]) -> httpx.Request:
        """Build the request. Silence is limited by the stopwatch, so httpx limits the connecting alone."""
        return self._client.build_request(
            "POST",
            self._url,
            content=wire.request_body(ask, self._account.folder_id),
            headers=headers | {"Content-Type": "application/json", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(None, connect=self._patience.connect_s),
        )


class _Answer:
    """One answer on its way: turns lines into pieces and remembers what the next one builds on."""

    def __init__(self, response: httpx.Response, account: Account) -> None:
        self._batches = batches(response.aiter_bytes())
        self._request_id = _request_id(response)
        self._account = account
        self._text = ""
        self._error: BackendError | None = None
        self.is_over = False

    async def next_piece(self) -> Piece:
        """Wait for text that is new, or for the end.

        Raises:
            BackendError: the service, or the connection, broke the answer off.
        """
        with amid_the_response():
            while self._error is None:
                batch = await anext(self._batches, None)
                if batch is None:
                    raise ConnectionCut("the stream ended before its last line")
                if (piece := self._newest_piece(batch)) is not None:
                    return piece
        raise self._error

    async def say_farewell(self) -> None:
        """Read up to the end of the body, if it comes soon: only then can the connection be used again."""
        with suppress(TimeoutError, httpx.HTTPError):
            async with asyncio.timeout(_FAREWELL_S):
                async for _ in self._batches:
                    pass

    def _newest_piece(self, batch: list[bytes]) -> Piece | None:
        """Read no more lines than needed; what came before an error is still told."""
        for said in filter(None, map(wire.said_by, reversed(batch))):
            if said.error is None:
                return self._piece(said)
            refusal = Refusal.of_line(said.error)
            self._error = refusal.as_error(self._account.redacted, self._request_id)
        return None

    def _piece(self, said: wire.Said) -> Piece | None:
        """Return what is new; an empty text never replaces one that was there."""
        ending = ending_of(said.status)
        if ending is None and said.text in ("", self._text):
            return None
        self._text = said.text or self._text
        self.is_over = ending is not None
        return Piece(self._text, ending, said.usage, said.model_version)


def _request_id(response: httpx.Response) -> str:
    return response.request.headers[REQUEST_ID]
