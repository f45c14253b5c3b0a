"""How Telegram says no: a code, a text, and sometimes parameters. Texts are Telegram's own."""

from typing import Any

_PREFIXES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}


class Refusal(Exception):
    """A call was refused; `str()` of it is the description."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def refused(code: int, reason: str, **parameters: Any) -> Refusal:
    """Word a reason as the server does: a prefix by code, a small first letter unless it is a constant."""
    is_constant = len(reason) > 1 and (reason[1] == "_" or "A" <= reason[1] <= "Z")
    worded = reason if is_constant else reason[:1].lower() + reason[1:]
    return Refusal(code, f"{_PREFIXES[code]}: {worded}", **parameters)


def bad_request(reason: str, **parameters: Any) -> Refusal:
    """The call makes no sense, or not there."""
    return refused(400, reason, **parameters)


def forbidden(reason: str) -> Refusal:
    """The bot may not."""
    return refused(403, reason)


def conflict(reason: str) -> Refusal:
    """Somebody else is receiving the updates."""
    return refused(409, reason)


def too_many_requests(retry_after_s: int) -> Refusal:
    """Flood control."""
    return Refusal(429, f"Too Many Requests: retry after {retry_after_s}", retry_after=retry_after_s)
