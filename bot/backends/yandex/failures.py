"""What the service says when it refuses, and which of our errors that is.

One table, read from top to bottom; the first row that fits wins, and what fits none is `Rejected`. The
service asks to look at codes rather than messages, so messages decide only within code 400.

Source: https://yandex.cloud/en/docs/ai-studio/troubleshooting/error-codes
"""

import json
import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any, NamedTuple

from bot.errors import (
    AccessDenied,
    BackendError,
    BadCredentials,
    ContentFiltered,
    ContextTooLong,
    Overloaded,
    QuotaExceeded,
    Rejected,
    UnknownModel,
)

_MESSAGE_CHARACTERS = 300
_HTTP_OF_GRPC = {"3": 400, "4": 504, "5": 404, "7": 403, "8": 429, "12": 501, "13": 500, "14": 503, "16": 401}


class _Row(NamedTuple):
    """Which answers mean what; the first row that fits counts."""

    statuses: Container[int]
    words: str
    error: type[BackendError]


_UNHEARD = (429, 503)
"""With these the service turns a request away before it does anything."""
_TOO_LONG = r"number of input tokens must be no more|text length is .* outside the range"
_NO_MODEL = r"model[_ ]?uri|retired|deprecated|no longer (available|supported)"
_TABLE = (
    _Row((401,), "", BadCredentials),
    _Row((403,), "", AccessDenied),
    _Row((404,), "", UnknownModel),
    _Row((429,), "", QuotaExceeded),
    _Row((413,), "", ContextTooLong),
    _Row((400,), _TOO_LONG, ContextTooLong),
    _Row((400,), _NO_MODEL, UnknownModel),
    _Row((400,), "violate the terms of use", ContentFiltered),
    _Row((408, 500, *range(502, 600)), "", Overloaded),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the service said, whatever shape it came in."""

    status: int
    """As HTTP has it, also when only a gRPC code was given."""
    message: str
    retry_after_s: float | None = None

    @classmethod
    def of_response(cls, status: int, body: bytes, retry_after: str | None) -> "Refusal":
        """Read a response other than 200: JSON of any known shape, or plain text."""
        text = body.decode(errors="replace").strip()
        try:
            message = _message(json.loads(text))
        except (ValueError, RecursionError):
            message = text
        return cls(status, message, _seconds(retry_after))

    @classmethod
    def of_line(cls, error: Any) -> "Refusal":
        """Read what stands under `error` in a line of a stream that had begun well."""
        codes = error if isinstance(error, dict) else {}
        status = str(codes.get("httpCode"))
        by_grpc = _HTTP_OF_GRPC.get(str(codes.get("grpcCode", codes.get("code"))), 500)
        return cls(int(status) if status.isdecimal() else by_grpc, _message({"error": error}))

    def as_error(self, redacted: Callable[[str], str], request_id: str) -> BackendError:
        """Return the error of ours; its message passes through `redacted`, is short, and fits one line.

        The request's id goes along, because the service's support asks for it.
        """
        rows = (row for row in _TABLE if self.status in row.statuses and _speaks_of(row, self.message))
        kind = next((row.error for row in rows), Rejected)
        words = " ".join(redacted(self.message).split())[:_MESSAGE_CHARACTERS] or "no explanation"
        message = f"HTTP {self.status}: {words} (request {request_id})"
        if not issubclass(kind, Overloaded):
            return kind(message)
        return kind(message, self.retry_after_s, was_unheard=self.status in _UNHEARD)


def _speaks_of(row: _Row, message: str) -> bool:
    return re.search(row.words, message, re.IGNORECASE) is not None


def _message(said: Any) -> str:
    """Find the sentence in any of the shapes: `{"error": {…}}`, `{"error": "…", "code": …}`, anything else."""
    if not isinstance(said, dict):
        return str(said)
    error = said.get("error")
    if isinstance(error, dict):
        return str(error.get("message") or error.get("error") or error)
    return str(error or said.get("message") or said)


def _seconds(retry_after: str | None) -> float | None:
    """Read `Retry-After` in seconds; a date is not understood, because the service has never sent one."""
    return float(retry_after) if retry_after and retry_after.strip().isdecimal() else None
