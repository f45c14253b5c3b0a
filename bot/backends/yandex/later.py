"""Answers that come later and cost less: the asynchronous completion of Yandex Foundation Models.

An order is answered by an operation, which is looked at until it is done; the service keeps its result for
three days. Whether a cancelled operation really stops, it does not say.

Source: https://yandex.cloud/en/docs/ai-studio/operations/generation/async-request
"""

from bot.backends.yandex import wire
from bot.backends.yandex.endings import ending_of
from bot.backends.yandex.operations import Operation, Operations, parsed
from bot.backends.yandex.rest import YandexRest
from bot.errors import OperationLost
from bot.types import Ask, Ending, Piece


class YandexLater:
    """The `LaterModel` of Yandex's own text models."""

    def __init__(self, rest: YandexRest, operations: Operations, *, api_url: str) -> None:
        self._rest = rest
        self._operations = operations
        self._url = f"{api_url.rstrip('/')}/foundationModels/v1/completionAsync"

    async def order(self, ask: Ask) -> str:
        """Ask, and return the id of the operation.

        Raises:
            BackendError: there is no id; if `was_unheard`, nothing was ordered, else nobody knows.
        """
        body = wire.request(ask, self._rest.account.folder_id, is_streamed=False)
        return parsed(await self._rest.post(self._url, body)).id

    async def outcome(self, operation_id: str) -> Piece | None:
        """Return the whole answer; None: it is not ready.

        Raises:
            OperationLost: nobody will ever know the answer.
            BackendError: there will be none; or, if `is_transient`, nobody can tell how it stands.
        """
        operation = await self._operations.finished(operation_id)
        return _answer(operation) if operation else None

    async def cancel(self, operation_id: str) -> None:
        """Ask for it to be given up; raises `BackendError`."""
        await self._operations.cancel(operation_id)


def _answer(operation: Operation) -> Piece:
    """Read what a finished operation says; one without a status is taken for whole, because it is done."""
    said = wire.said_in(operation.response)
    if said is None:
        raise OperationLost("the operation has ended without an answer")
    ending = ending_of(said.status) or Ending.COMPLETE
    return Piece(said.text, ending, said.usage, said.model_version)
