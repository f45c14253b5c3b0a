"""How one turn is going, and what is written down of it: for the history, for another try, for the witness."""

from dataclasses import dataclass, field, replace

import structlog

from bot.history.window import PICTURE_TOKENS, estimate_picture_tokens, estimate_tokens
from bot.question import Question
from bot.types import (
    Ask,
    DialogueKey,
    Ending,
    Exchange,
    Expense,
    ModelChoice,
    Piece,
    Turn,
    TurnTrace,
    Usage,
    Work,
)

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Course:
    """The state of one turn."""

    question: Question
    dialogue: DialogueKey
    ask: Ask
    started_at: float
    """Of the monotonic clock, in seconds."""
    asked_at: float
    """Unix time in seconds."""
    piece: Piece = field(default_factory=lambda: Piece(""))
    first_text_s: float | None = None
    outcome: str = ""
    is_failed: bool = False
    is_unseen: bool = False
    """Whether it failed because the model reads no pictures."""
    is_booked: bool = False
    """Whether it is written down what it has cost."""

    def advance(self, piece: Piece, now: float) -> None:
        """Take the model's newest piece."""
        if self.first_text_s is None and piece.text:
            self.first_text_s = now - self.started_at
        self.piece = piece

    def take_up(self, piece: Piece) -> None:
        """End with this piece; one without an ending was stopped."""
        self.piece = piece
        self.outcome = str(piece.ending or "stopped")

    @property
    def is_truncated(self) -> bool:
        """Whether the answer was cut by its limit."""
        return self.piece.ending is Ending.TRUNCATED

    @property
    def answer(self) -> str:
        """What is worth remembering; empty if the model failed, or said nothing."""
        return "" if self.is_failed else self.piece.text.strip()

    def turn(self) -> Turn:
        """Return what the history keeps."""
        spoken, answer = self.question.spoken, self.answer
        tokens = estimate_tokens(spoken) + estimate_tokens(answer)
        photos = self.question.photos
        return Turn(spoken, answer, self.asked_at, tokens + estimate_picture_tokens(len(photos)), photos)

    def expense(self) -> Expense | None:
        """Return what the answer has cost so far; None: nothing.

        Where the service tells no usage, as of an answer that was stopped, it is estimated on the high side.
        """
        piece, ask = self.piece, self.ask
        if not (piece.text or piece.usage):
            return None
        costs = (estimate_tokens(line.text) + PICTURE_TOKENS * len(line.pictures) for line in ask.lines())
        usage = piece.usage or Usage(sum(costs), estimate_tokens(piece.text))
        who, prompt = self.question.person, self.dialogue.prompt
        return Expense(who, prompt, self._writer, Work.TEXT, self.asked_at, usage)

    @property
    def _writer(self) -> ModelChoice:
        """Which model writes: the one that was asked, or the one that stood in for it."""
        models = (self.ask.model, *self.ask.model.fallbacks)
        return next((model for model in models if model.label == self.piece.model), self.ask.model)

    def exchange(self, message_ids: tuple[int, ...]) -> Exchange:
        """Return what another try builds on: the new answer, or the earlier one if there is no new one."""
        question = self.question
        if question.instead_of and not self.answer:
            earlier = question.instead_of
            return replace(
                earlier,
                prompt="" if self.is_unseen and not earlier.answer else earlier.prompt,
                turn_id=question.id,
                question=question.text,
                message_ids=message_ids,
                parts=question.parts,
                photos=question.photos,
            )
        return Exchange(
            turn_id=question.id,
            prompt="" if self.is_unseen else self.dialogue.prompt,
            question=question.text,
            question_id=question.message_id,
            asker=question.person,
            message_ids=message_ids,
            answer=self.answer,
            is_truncated=self.is_truncated and bool(self.answer),
            chat_id=self.dialogue.conversation.chat_id,
            quote=question.quote,
            is_continuation=question.is_continuation,
            remembered_id=question.id if self.answer else "",
            asked_at=self.asked_at,
            parts=question.parts,
            photos=question.photos,
        )

    def trace(self, message_ids: tuple[int, ...], now: float) -> TurnTrace:
        """Return what is told to whoever watches."""
        return TurnTrace(
            dialogue=self.dialogue,
            person=self.question.person,
            message_ids=message_ids,
            ask=self.ask,
            answer=self.piece.text,
            outcome=self.outcome,
            usage=self.piece.usage,
            first_text_s=self.first_text_s,
            total_s=now - self.started_at,
            asked_at=self.asked_at,
            model_version=self.piece.model_version,
            model=self._writer.name,
        )


def log_turn(trace: TurnTrace) -> None:
    """Log how a turn ended."""
    log.info(
        "turn ended",
        prompt=trace.dialogue.prompt,
        outcome=trace.outcome,
        first_text_s=trace.first_text_s and round(trace.first_text_s, 3),
        total_s=round(trace.total_s, 3),
        tokens=trace.usage.total_tokens if trace.usage else None,
    )
