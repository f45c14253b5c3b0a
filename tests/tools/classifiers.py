"""A classifier that finds what it was told to find: the in-memory twin of every `Classifier`."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from bot.errors import BackendError
from bot.types import Scheme, Verdict

SURE = 0.75


class ScriptedClassifier:
    """Is sure of the first label, or of the one that `labels` has for a text.

    Each of the `troubles` ends one call, in order; texts of `refused` are refused whenever they come.
    """

    def __init__(
        self,
        labels: Mapping[str, str] | None = None,
        *,
        troubles: Iterable[BackendError] = (),
        refused: Mapping[str, BackendError] | None = None,
        takes_s: float = 0.0,
        clock: Callable[[], float] = lambda: 0.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.labels = labels or {}
        self.troubles = list(troubles)
        self.refused = refused or {}
        self.takes_s = takes_s
        self.asked: list[tuple[float, str, int]] = []
        """When, about which text and for whom."""
        self.schemes: list[Scheme] = []
        self.most_at_once = 0
        self._at_once = 0
        self._clock = clock
        self._sleep = sleep

    @property
    def texts(self) -> list[str]:
        return [text for _, text, _ in self.asked]

    async def classify(self, text: str, scheme: Scheme, *, asker_id: int = 0) -> Verdict:
        self.asked.append((self._clock(), text, asker_id))
        self.schemes.append(scheme)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await self._sleep(self.takes_s)
            return self._verdict(text, scheme)
        finally:
            self._at_once -= 1

    def _verdict(self, text: str, scheme: Scheme) -> Verdict:
        if self.troubles:
            raise self.troubles.pop(0)
        if error := self.refused.get(text):
            raise error
        best, rest = self.labels.get(text, scheme.labels[0]), len(scheme.labels) - 1
        sure = tuple((label, SURE if label == best else (1 - SURE) / rest) for label in scheme.labels)
        return Verdict(sure, input_tokens=7, model_version="scripted")
