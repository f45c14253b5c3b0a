"""Who is asked: the way from a model to the adapter that reaches it.

A model of Yandex is asked in its own dialect, but with pictures in the OpenAI-compatible one, because the
native request has no place for them. A model that no list knows is taken for one of Yandex, or, where there is
no account, for one of the operator's own server; a full URI is Yandex's in any case, because it names a folder.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from bot.errors import UnknownModel
from bot.ports import ModelBackend
from bot.types import Ask, Dialect, ModelChoice, Piece, Server


class Nobody:
    """The `ModelBackend` where there is no server: it refuses, and says what is not set."""

    def __init__(self, lack: str) -> None:
        self._lack = lack

    async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Refuse.

        Raises:
            UnknownModel: always.
        """
        for piece in self._refused(ask):
            yield piece

    def _refused(self, ask: Ask) -> tuple[Piece, ...]:
        raise UnknownModel(f"{ask.model.label} cannot be asked: {self._lack}")


@dataclass(frozen=True, slots=True)
class ModelRouter:
    """A `ModelBackend` made of one for each way to ask."""

    native: ModelBackend
    openai: ModelBackend
    own: ModelBackend
    is_own_alone: bool = False
    """Whether there is no account at Yandex."""

    def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Ask whoever has the model."""
        return self._backend(ask).stream(ask)

    def _backend(self, ask: Ask) -> ModelBackend:
        if self._server(ask.model) is Server.OWN:
            return self.own
        if ask.model.dialect is Dialect.OPENAI or any(line.pictures for line in ask.lines()):
            return self.openai
        return self.native

    def _server(self, model: ModelChoice) -> Server:
        is_guessed = model.spec is None and "://" not in model.name
        return Server.OWN if is_guessed and self.is_own_alone else model.server
