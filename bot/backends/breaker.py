"""A model that fails again and again is left alone for a while, around any `ModelBackend`.

So people are told at once instead of waiting for one timeout after another, fallbacks are asked at once, and a
service that struggles is not pushed further. Each process sees for itself.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from enum import Enum, auto

import structlog

from bot import errors
from bot.errors import BackendError, ServiceDown
from bot.ports import ModelBackend
from bot.types import Ask, ModelChoice, Piece, Server

log = structlog.get_logger(__name__)


class _Sign(Enum):
    """What an outcome tells of the service."""

    ALIVE = auto()
    AILING = auto()
    NONE = auto()


_SIGNS: dict[type[BaseException], _Sign] = {
    errors.ContentFiltered: _Sign.ALIVE,  # it has an opinion
    errors.Rejected: _Sign.ALIVE,  # it has read the request, which is wrong
    errors.QuotaExceeded: _Sign.NONE,  # the operator's own limit: others may be served well
    errors.BackendError: _Sign.AILING,
}
"""By the nearest class in the tree."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much is borne before a model is left alone, and for how long."""

    failures: int = 5
    """In a row."""
    window_s: float = 60
    """A failure that is older is forgotten."""
    pause_s: float = 5
    """Until one ask tries whether the model is there again; doubled after each trial that fails."""
    longest_pause_s: float = 60


class Breaker:
    """The same backend, which fails at once while a model is left alone. Times are seconds of the clock.

    A first piece proves that a model is there, whatever becomes of the rest.
    """

    def __init__(
        self,
        backend: ModelBackend,
        tolerance: Tolerance = Tolerance(),
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._backend = backend
        self._tolerance = tolerance
        self._clock = clock
        self._circuits: dict[tuple[Server, str], _Circuit] = {}

    @property
    def open_circuits(self) -> int:
        """How many models are left alone."""
        return sum(circuit.is_open for circuit in self._circuits.values())

    async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Yield the answer, if the model is asked at all.

        Raises:
            ServiceDown: it is not.
            BackendError: as the backend.
        """
        circuit = self._circuit_of(ask.model)
        is_trial = circuit.enter()
        has_begun = False
        try:
            async with aclosing(self._backend.stream(ask)) as pieces:
                async for piece in pieces:
                    if not has_begun and not piece.waiting:
                        has_begun = True
                        circuit.heal()
                    yield piece
        except BackendError as error:
            circuit.note(_sign_of(error), is_trial=is_trial and not has_begun)
            raise
        finally:
            if is_trial:
                circuit.end_trial()

    def _circuit_of(self, model: ModelChoice) -> "_Circuit":
        key = (model.server, model.address)
        if key not in self._circuits:
            self._circuits[key] = _Circuit(model.label, self._tolerance, self._clock)
        return self._circuits[key]


class _Circuit:
    """What is known of one model: closed, its asks go through; open, one trial does after each pause."""

    def __init__(self, label: str, tolerance: Tolerance, clock: Callable[[], float]) -> None:
        self._log = log.bind(model=label)
        self._tolerance = tolerance
        self._clock = clock
        self._failed_at: list[float] = []
        self._pause_s = 0.0
        self._asked_again_at = 0.0
        self._is_tried = False
        self.is_open = False

    def enter(self) -> bool:
        """Let an ask through; return whether it is the trial of an open circuit.

        Raises:
            ServiceDown: it is not let through.
        """
        if not self.is_open:
            return False
        left_s = self._asked_again_at - self._clock()
        if left_s > 0 or self._is_tried:
            wait_s = max(left_s, self._tolerance.pause_s if self._is_tried else 0.0)
            raise ServiceDown(f"it failed again and again; asked again in {wait_s:.0f} s", wait_s)
        self._is_tried = True
        return True

    def heal(self) -> None:
        """Take note that the model is there."""
        self._failed_at.clear()
        if self.is_open:
            self.is_open = False
            self._log.info("model is back")

    def note(self, sign: _Sign, *, is_trial: bool) -> None:
        """Take note of how an ask failed."""
        match sign:
            case _Sign.ALIVE:
                self.heal()
            case _Sign.AILING if is_trial and self.is_open:
                self._open(min(2 * self._pause_s, self._tolerance.longest_pause_s))
            case _Sign.AILING if not self.is_open:
                self._count()

    def end_trial(self) -> None:
        """Let another ask try, when it is time."""
        self._is_tried = False

    def _count(self) -> None:
        now = self._clock()
        recent = now - self._tolerance.window_s
        self._failed_at = [*(at for at in self._failed_at if at > recent), now]
        if len(self._failed_at) >= self._tolerance.failures:
            self._log.warning("model is left alone", failures=len(self._failed_at))
            self._open(self._tolerance.pause_s)

    def _open(self, pause_s: float) -> None:
        self.is_open = True
        self._pause_s = pause_s
        self._asked_again_at = self._clock() + pause_s


def _sign_of(error: BackendError) -> _Sign:
    return next(_SIGNS[kind] for kind in type(error).__mro__ if kind in _SIGNS)
