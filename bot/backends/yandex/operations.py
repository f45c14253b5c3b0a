"""Operations: what the service does in its own time, looked at until it is done.

A finished one may lack almost any field, so only a code above zero counts as a failure.
Source: https://github.com/yandex-cloud/cloudapi yandex/cloud/operation/operation.proto
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bot.backends.failures import Refusal
from bot.backends.yandex.rest import YandexRest
from bot.errors import BackendError, ConnectionCut, OperationLost, UnknownModel


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

    async def look(self, operation_id: str) -> Operation:
        """Return how it stands.

        Raises:
            OperationLost: the service does not know it, or not any more.
            BackendError: it failed, or nobody can tell how it stands; if `is_transient`, look again.
        """
        operation = await self.state(operation_id)
        if failure := self.failure_of(operation):
            raise failure
        return operation

    async def state(self, operation_id: str) -> Operation:
        """Return how it stands, failed or not.

        Raises:
            OperationLost: the service does not know it, or not any more.
            BackendError: nobody can tell how it stands.
        """
        try:
            return parsed(await self._rest.get(f"{self._url}/operations/{quote(operation_id)}"))
        except UnknownModel as error:  # what 404 means of every other address
            raise OperationLost(str(error)) from error

    def failure_of(self, operation: Operation) -> BackendError | None:
        """Return why it failed; None: it did not."""
        if operation.error is None:
            return None
        refusal = Refusal.of_line(operation.error)
        return refusal.as_error(self._rest.account.redacted, f"operation {operation.id}")

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
