"""Another model in place of one that fails, around any `ModelBackend`.

Only before the first piece: afterwards the person has seen text, and another model would tell another story. A
place in a line is no beginning.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import structlog

from bot import errors
from bot.errors import BackendError
from bot.ports import ModelBackend
from bot.types import Ask, ModelChoice, Piece

log = structlog.get_logger(__name__)

_IS_WORTH_ANOTHER: dict[type[BaseException], bool] = {
    errors.Unreachable: True,
    errors.ConnectionCut: True,
    errors.BackendTimeout: True,
    errors.Overloaded: True,  # quotas and services that are down among them: the other may have its own
    errors.BadCredentials: True,  # of one server
    errors.AccessDenied: True,  # to one model
    errors.UnknownModel: True,  # retired
    errors.BlindModel: True,  # the other may see
    errors.ContextTooLong: True,  # the other may read more
    errors.Rejected: False,  # the request is wrong, and would be so elsewhere
    errors.ContentFiltered: False,  # nobody goes shopping for a model without scruples
    errors.BackendError: False,
}
"""Whether an error is a reason to ask another model, by the nearest class in the tree."""


class FallingBack:
    """The same backend, which asks the next of `ask.model.fallbacks` if a model fails before its first piece.

    Whoever consumes it notices nothing, save that the pieces of a fallback carry its label as their `model`.
    """

    def __init__(self, backend: ModelBackend) -> None:
        self._backend = backend

    async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Yield the first answer that begins.

        Raises:
            BackendError: if none does, that of the model that was asked for; but if the ethics of another one
                refuse, that, because the person can do something about it.
        """
        told: BackendError | None = None
        models = (ask.model, *ask.model.fallbacks)
        for model, other in zip(models, (*models[1:], None), strict=True):
            has_begun = False
            try:
                async with aclosing(self._backend.stream(replace(ask, model=model))) as pieces:
                    async for piece in pieces:
                        has_begun = has_begun or not piece.waiting
                        yield piece if model is ask.model else _signed(piece, model)
            except BackendError as error:
                if has_begun or isinstance(error, errors.ContentFiltered):
                    raise
                told = told or error
                if other is None or not _is_worth_another(told):
                    raise told from None
                log.warning(
                    "another model is asked", model=other.label, instead_of=model.label, error=_described(error)
                )
            else:
                return


def _is_worth_another(error: BackendError) -> bool:
    return next(_IS_WORTH_ANOTHER[kind] for kind in type(error).__mro__ if kind in _IS_WORTH_ANOTHER)


def _signed(piece: Piece, model: ModelChoice) -> Piece:
    return piece._replace(model=model.label)


def _described(error: BackendError) -> str:
    return f"{type(error).__name__}: {error}"
