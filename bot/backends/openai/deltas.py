"""An answer of the OpenAI dialect, summed up: its chunks bring what is new, a piece is the whole so far."""

from bot.backends.failures import Refusal
from bot.backends.lines import is_done
from bot.backends.openai import wire
from bot.backends.openai.thoughts import Sieve
from bot.errors import BackendError, ContentFiltered, Rejected
from bot.types import Ending, Piece, Usage

_MOST_STRAY_BYTES = 1 << 22
_FIELDS = (b"data:", b":", b"event:", b"id:", b"retry:")
"""How lines of a stream begin. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html"""


class Deltas:
    """Reads the lines of one answer; with a sieve, thoughts are looked for in the text as well.

    The chunk that names the ending is not the last: one with usage may follow, and then `[DONE]`. A server may
    also answer at once and whole, in one line or in many, although it was asked for a stream.
    """

    def __init__(self, sieve: Sieve | None = None) -> None:
        self.is_over = False
        self.failure: Refusal | BackendError | None = None
        self._sieve = sieve
        self._text = ""
        self._thought = ""
        self._ending: Ending | None = None
        self._usage: Usage | None = None
        self._model = ""
        self._has_begun = False
        self._is_told = False
        """Whether nothing is missing any more."""
        self._stray = bytearray()
        """Lines that are no chunks: those of a whole answer, or of an error in plain text."""

    @property
    def is_ending(self) -> bool:
        """Whether the text is whole."""
        return self._ending is not None

    def read(self, block: bytes) -> Piece | None:
        """Return the newest piece: all chunks that came together make one."""
        text, thought = "", ""
        for line in block.split(b"\n"):
            if not line:
                continue
            said = wire.said_by(line)
            if said is None:
                self._pass_over(line)
            elif self._takes(said):
                text += said.text
                thought += said.thought
            if self._is_told or self.failure is not None:
                break
        has_news = self._grow(text, thought)
        if self._is_told:
            return self._last()
        return Piece(self._text, None, None, self._model, self._thought) if has_news else None

    def end(self) -> Piece | None:
        """Return the last piece if the text is whole; otherwise `failure` may say why it is not."""
        if self._stray and not self._has_begun:
            self._read_stray()
        return None if self._ending is None or self.failure else self._last()

    def _takes(self, said: wire.Said) -> bool:
        """Note what a chunk says besides text; return whether its text belongs to the answer."""
        self._has_begun = True
        if said.error is not None or said.finish:
            self.failure = _failure(said)
            if self.failure is not None:
                return False
        if said.finish or said.is_whole:
            self._ending = Ending.TRUNCATED if said.finish == wire.LENGTH else Ending.COMPLETE
        self._model = said.model or self._model
        if said.raw_usage:
            self._usage = said.usage
            self._is_told = self._ending is not None
        return True

    def _pass_over(self, line: bytes) -> None:
        if self._has_begun and is_done(line):
            self._ending = self._ending or Ending.COMPLETE
            self._is_told = True
        elif not line.startswith(_FIELDS) and len(self._stray) < _MOST_STRAY_BYTES:
            self._stray += line + b"\n"

    def _grow(self, text: str, thought: str) -> bool:
        """Add to the answer and the thoughts; return whether either has grown."""
        if self._sieve and text:
            text, also_thought = self._sieve.sift(text)
            thought += also_thought
        if text:
            self._text += text
        if thought:
            self._thought += thought
        return bool(text or thought)

    def _read_stray(self) -> None:
        said = wire.said_by(bytes(self._stray))
        if said is None:
            self.failure = Refusal.of_text(self._stray.decode(errors="replace"))
        elif self._takes(said):
            self._grow(said.text, said.thought)

    def _last(self) -> Piece:
        text, thought = self._sieve.rest() if self._sieve else ("", "")
        self.is_over = True
        return Piece(self._text + text, self._ending, self._usage, self._model, self._thought + thought)


def _failure(said: wire.Said) -> Refusal | BackendError | None:
    if said.error is not None:
        return Refusal.of_line(said.error)
    if said.finish == wire.FILTERED:
        return ContentFiltered("the ethics of the service refused the question or the answer")
    if said.finish in wire.TOOLS:
        return Rejected("the model asked for a tool, although it was given none")
    return None
