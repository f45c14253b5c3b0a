"""Sockets for models: those that write, draw and tell texts apart."""

from collections.abc import AsyncGenerator
from typing import Protocol

from bot.types import Ask, ImageOrder, Picture, Piece, Scheme, Verdict


class ModelBackend(Protocol):
    """A model that writes."""

    def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Yield the growing answer: each piece holds the whole text so far, the last one an ending.

        Closing the generator closes the connection, which stops the paid work: consume it under
        `contextlib.aclosing`.

        Raises:
            BackendError: before the first piece or between two; after it, what was yielded stays valid.
        """
        ...


class LaterModel(Protocol):
    """A model that answers later and cheaper. Every method raises `BackendError`."""

    async def order(self, ask: Ask) -> str:
        """Ask, and return the id of the operation. What it costs is owed from now on: ask once.

        After an error only one that `was_unheard` may be asked again.
        """
        ...

    async def outcome(self, operation_id: str) -> Piece | None:
        """Return the whole answer with its ending and usage; None: it is not ready.

        Raises:
            OperationLost: nobody will ever know the answer.
            BackendError: there will be none; or, if `is_transient`, nobody can tell now: look again.
        """
        ...

    async def cancel(self, operation_id: str) -> None:
        """Ask the service to give the operation up; whether it does, it does not say."""
        ...


class ImageBackend(Protocol):
    """A model that draws. Every method raises `BackendError`; a refusal of its ethics is `ContentFiltered`."""

    async def order(self, order: ImageOrder) -> Picture | str:
        """Order a picture: return it, or the id of the operation that draws it. Order once: each one costs."""
        ...

    async def outcome(self, operation_id: str) -> Picture | None:
        """Return the picture of an operation; None: it is not ready.

        Raises:
            OperationLost: nobody will ever see the picture.
        """
        ...

    async def cancel(self, operation_id: str) -> None:
        """Ask the service to give the operation up; whether it does, it does not say."""
        ...


class Classifier(Protocol):
    """A model that tells texts apart."""

    async def classify(self, text: str, scheme: Scheme, *, asker_id: int = 0) -> Verdict:
        """Return one confidence for each label; waits for its turn where the service wants a pace.

        `asker_id` is who is served fairly among others who wait; 0: nobody in particular.

        Raises:
            BackendError: there is no verdict.
        """
        ...
