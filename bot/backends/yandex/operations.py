"""Operations: what the service does in its own time, looked at until it is done.

A finished one may lack almost any field, so only a code above zero counts as a failure.
Source: https://github.com/yandex-cloud/cloudapi yandex/cloud/operation/operation.proto
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bot.backends.failures import Refusal
from bot.backends.yandex.rest import YandexRest
from bot.errors import BackendError, ConnectionCut, OperationLost, Overloaded, UnknownModel


@dataclass(frozen=True, slots=True)
class Operation:
    """How an operation stands."""

    id: str
    is_done: bool = False
    response: dict[str, Any] = field(default_factory=dict)
    error: Any = None
    """What the service says of a failure; None: there is none."""


class Operations:
    """The operations of one account; `url` is their server's, without a slash at its end."""

    def __init__(self, rest: YandexRest, url: str) -> None:
        self._rest = rest
        self._url = url.rstrip("/")

    async def finished(self, operation_id: str) -> Operation | None:
        """Return what has come to a good end; None: it is not done.

        Raises:
            OperationLost: the service does not know it, or not any more.
            BackendError: it failed; or, if `is_transient`, nobody can tell how it stands, whatever the reason:
                a key that has expired will be replaced, and what was paid for is still there then.
        """
        try:
            operation = parsed(await self._rest.get(f"{self._url}/operations/{quote(operation_id)}"))
        except UnknownModel as error:  # what 404 means of every other address
            raise OperationLost(str(error)) from error
        except BackendError as error:
            raise Overloaded(f"nobody can tell how the operation stands: {error}") from error
        if operation.error is not None:
            raise self._failure_of(operation)
        return operation if operation.is_done else None

    def _failure_of(self, operation: Operation) -> BackendError:
        refusal = Refusal.of_line(operation.error)
        failure = refusal.as_error(self._rest.account.redacted, f"operation {operation.id}")
        failure.is_transient = False  # to look again would find the same
        return failure

    async def cancel(self, operation_id: str) -> None:
        """Ask for it to be given up, by GET as the service wants it; raises `BackendError`."""
        await self._rest.get(f"{self._url}/operations/{quote(operation_id)}:cancel")


def parsed(said: dict[str, Any]) -> Operation:
    """Read an operation, whatever it lacks.

    Raises:
        ConnectionCut: it has no id.
    """
    operation_id, error, response = said.get("id"), said.get("error"), said.get("response")
    if not isinstance(operation_id, str) or not operation_id:
        raise ConnectionCut("the service named no operation")
    is_failed = isinstance(error, dict) and str(error.get("code", 0)) not in {"0", ""}
    return Operation(
        operation_id,
        is_done=said.get("done") is True,
        response=response if isinstance(response, dict) else {},
        error=error if is_failed else None,
    )
