"""Thoughts that a model writes into its answer: `<think>…</think>` at the very beginning.

Some servers leave models that reason as they are, instead of telling their thoughts apart. Only a mark that
opens the answer counts: later the model may speak *of* such marks.
"""

from enum import Enum, auto

_OPEN, _CLOSE = "<think>", "</think>"


class _State(Enum):
    BEGINNING = auto()
    THINKING = auto()
    BETWEEN = auto()
    """The thoughts are over, and no word of the answer has come."""
    ANSWERING = auto()


class Sieve:
    """Tells thoughts from the answer, however both are cut; what may be a mark is held back."""

    def __init__(self) -> None:
        self._state = _State.BEGINNING
        self._held = ""

    def sift(self, more: str) -> tuple[str, str]:
        """Take what the model goes on with; return what of it is the answer and what is thought."""
        if self._state is _State.ANSWERING:
            return more, ""
        said, self._held = self._held + more, ""
        match self._state:
            case _State.BEGINNING:
                return self._begin(said)
            case _State.THINKING:
                return self._think(said)
        return self._answer(said.lstrip()), ""

    def rest(self) -> tuple[str, str]:
        """Return what was held back, now that nothing more comes."""
        held, self._held = self._held, ""
        return ("", held) if self._state is _State.THINKING else (held, "")

    def _begin(self, said: str) -> tuple[str, str]:
        opening = said.lstrip()
        if opening.startswith(_OPEN):
            self._state = _State.THINKING
            return self._think(opening.removeprefix(_OPEN))
        if _OPEN.startswith(opening):
            self._held = said
            return "", ""
        self._state = _State.ANSWERING
        return said, ""

    def _think(self, said: str) -> tuple[str, str]:
        thought, mark, answer = said.partition(_CLOSE)
        if mark:
            self._state = _State.BETWEEN
            return self._answer(answer.lstrip()), thought
        kept = next(size for size in range(len(_CLOSE) - 1, -1, -1) if said.endswith(_CLOSE[:size]))
        self._held = said[len(said) - kept :]
        return "", said[: len(said) - kept]

    def _answer(self, said: str) -> str:
        if said:
            self._state = _State.ANSWERING
        return said
