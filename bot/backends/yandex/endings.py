"""How a completion ends: what the service's statuses mean, whichever way they came."""

from bot.backends.yandex import wire
from bot.errors import BackendError, ContentFiltered, Rejected
from bot.types import Ending

_ENDINGS = {wire.FINAL: Ending.COMPLETE, wire.TRUNCATED: Ending.TRUNCATED}
_REFUSALS: dict[str, tuple[type[BackendError], str]] = {
    wire.FILTERED: (ContentFiltered, "the ethics of the service refused the question or the answer"),
    wire.TOOLS: (Rejected, "the model asked for a tool, although it was given none"),
}


def ending_of(status: str) -> Ending | None:
    """Return how an answer of this status has ended; None: it goes on.

    Raises:
        ContentFiltered: it was refused, and its text is not the model's.
        Rejected: it is a call for a tool.
    """
    if status in _REFUSALS:
        kind, message = _REFUSALS[status]
        raise kind(message)
    return _ENDINGS.get(status)
