"""What a service says when it refuses, and which of our errors that is.

One table, read from top to bottom; the first row that fits wins, and what fits none is `Rejected`. Yandex asks
to look at codes rather than messages, so messages decide only within code 400, and where there is no code.

Sources: https://yandex.cloud/en/docs/ai-studio/troubleshooting/error-codes and
https://platform.openai.com/docs/guides/error-codes
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
    BlindModel,
    ContentFiltered,
    ContextTooLong,
    Overloaded,
    QuotaExceeded,
    Rejected,
    UnknownModel,
)

_MESSAGE_CHARACTERS = 300
_HTTP_OF_GRPC = {"3": 400, "4": 504, "5": 404, "7": 403, "8": 429, "12": 501, "13": 500, "14": 503, "16": 401}
_HTTP_OF_WORD = {
    "InvalidArgument": 400,
    "FailedPrecondition": 400,
    "Unauthenticated": 401,
    "PermissionDenied": 403,
    "NotFound": 404,
    "ResourceExhausted": 429,
    "Internal": 500,
    "Unimplemented": 501,
    "Unavailable": 503,
    "DeadlineExceeded": 504,
    "invalid_api_key": 401,
    "model_not_found": 404,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
}
"""Codes that are words: of gRPC, and of the OpenAI dialect."""
_RPC_ERROR = re.compile(r"\brpc error: code = (\w+)")
"""Yandex says so in plain text, whatever the status of HTTP is."""
_BAD_REQUEST, _BROKEN = 400, 500
"""What an error without a code is taken for: the first if its words are known to go with it."""
_STATUS = re.compile(r"\d{3,4}")


class _Row(NamedTuple):
    """Which answers mean what; the first row that fits counts."""

    statuses: Container[int]
    words: str
    error: type[BackendError]


_UNHEARD = (429, 503)
"""With these the service turns a request away before it does anything."""
_TOO_LONG = (
    r"number of input tokens must be no more|text length is .* outside the range"
    r"|maximum context length|context_length_exceeded|exceeds? the available context"
    r"|prompt .*size \d+ exceeds limit"
)
_NO_MODEL = r"model[_ ]?uri|retired|deprecated|no longer (available|supported)|model .* does not exist"
_BLIND = r"not a multimodal model|image input is not supported|does not support (image|vision)"
_FILTERED = r"violate the terms of use|content_filter|content management policy"
_TABLE = (
    _Row((401,), "", BadCredentials),
    _Row((403,), "", AccessDenied),
    _Row((404,), "", UnknownModel),
    _Row((429,), "", QuotaExceeded),
    _Row((413,), "", ContextTooLong),
    _Row((400,), _TOO_LONG, ContextTooLong),
    _Row((400, 422, 500, 501), _BLIND, BlindModel),
    _Row((400,), _NO_MODEL, UnknownModel),
    _Row((400,), _FILTERED, ContentFiltered),
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
        return cls(_by_rpc(message) or status, message, _seconds(retry_after))

    @classmethod
    def of_line(cls, error: Any) -> "Refusal":
        """Read what stands under `error` in a response, or in a line of a stream, that had begun well."""
        codes, message = error if isinstance(error, dict) else {}, _message({"error": error})
        return cls(_by_rpc(message) or _by_codes(codes) or _by_words(message), message)

    @classmethod
    def of_text(cls, text: str) -> "Refusal | None":
        """Read plain text in place of an answer; None if it is no refusal that anybody knows."""
        status = _by_rpc(text)
        return cls(status, text) if status else None

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


def _by_rpc(message: str) -> int:
    """Return the status that a gRPC error in words means; 0: it is none, or an unknown one."""
    found = _RPC_ERROR.search(message)
    return _HTTP_OF_WORD.get(found[1], 0) if found else 0


def _by_codes(codes: dict[str, Any]) -> int:
    """Return the status that the codes of an error mean, each of which may be missing; 0: no code is known."""
    code = str(codes.get("grpcCode", codes.get("code")))
    by_table = _HTTP_OF_GRPC.get(code) or _HTTP_OF_WORD.get(code, 0)
    return _number(codes.get("httpCode")) or by_table or _number(code)


def _number(code: Any) -> int:
    return int(code) if _STATUS.fullmatch(str(code)) else 0


def _by_words(message: str) -> int:
    """Return the status that a message goes with, if it has no code."""
    spoken = (row.statuses for row in _TABLE if row.words and _speaks_of(row, message))
    return _BAD_REQUEST if any(_BAD_REQUEST in statuses for statuses in spoken) else _BROKEN


def _speaks_of(row: _Row, message: str) -> bool:
    return re.search(row.words, message, re.IGNORECASE) is not None


def _message(said: Any) -> str:
    """Find the sentence in any of the shapes: `{"error": {…}}`, `{"error": "…", "code": …}`, anything else."""
    if not isinstance(said, dict):
        return str(said)
    error = said.get("error")
    if isinstance(error, dict):
        message, code = str(error.get("message") or error.get("error") or error), error.get("code")
        return f"{message} ({code})" if isinstance(code, str) and not code.isdecimal() else message
    return str(error or said.get("message") or said)


def _seconds(retry_after: str | None) -> float | None:
    """Read `Retry-After` in seconds; a date is not understood, because the service has never sent one."""
    return float(retry_after) if retry_after and retry_after.strip().isdecimal() else None
