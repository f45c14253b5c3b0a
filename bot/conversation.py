"""The use case: one turn, from a question to the answer's last edit and its place in the history.

Law 9 lives here: question and answer are committed together, after delivery, so that a failed turn leaves no
trace. Law 7 too: whatever the model does, the person reads the answer or one sentence about why there is none.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

import structlog

from bot.errors import BackendError, ConfigError, ConnectionCut, StoreError
from bot.history.window import estimate_tokens
from bot.ports import HistoryStore, LiveReply, ModelBackend, PromptChoices, Replies, Witness
from bot.promptbook import Prompt, PromptBook
from bot.running import RunningTurns, StopSwitch
from bot.types import Ask, DialogueKey, Ending, ModelChoice, Person, Piece, Place, Turn, TurnTrace

log = structlog.get_logger(__name__)

_COMMIT_PAUSES_S = (0.2, *(1.0,) * 60)
"""Between attempts to remember a turn while Redis is away."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person wants to know, and where the answer goes."""

    id: str
    """The same when the same question is handled again after a crash."""
    text: str
    person: Person
    place: Place
    chat_title: str = ""

    @property
    def spoken(self) -> str:
        """The text as the model reads it: in a group with the speaker's name before it."""
        return f"{self.person.name}: {self.text}" if self.place.is_group else self.text


@dataclass(frozen=True, slots=True)
class Stage:
    """What every turn is played on: who the bot is, and which model it takes if a prompt names none."""

    bot_name: str
    default_model: str


@dataclass(slots=True)
class _Course:
    """How a turn is going."""

    started_at: float
    """Of the monotonic clock, in seconds."""
    asked_at: float
    dialogue: DialogueKey
    ask: Ask
    piece: Piece = field(default_factory=lambda: Piece(""))
    first_text_s: float | None = None

    def advance(self, piece: Piece, now: float) -> None:
        if self.first_text_s is None and piece.text:
            self.first_text_s = now - self.started_at
        self.piece = piece


class Conversations:
    """Answers questions; one object for all conversations, which never wait for each other."""

    def __init__(  # noqa: PLR0913 - the one place where the rooms of the house meet
        self,
        *,
        prompts: PromptBook,
        chats: PromptChoices,
        history: HistoryStore,
        model: ModelBackend,
        replies: Replies,
        running: RunningTurns,
        witness: Witness,
        stage: Stage,
        clock: Callable[[], float] = time.time,
        stopwatch: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._prompts = prompts
        self._chats = chats
        self._history = history
        self._model = model
        self._replies = replies
        self._running = running
        self._witness = witness
        self._stage = stage
        self._clock = clock
        self._stopwatch = stopwatch
        self._sleep = sleep

    async def prompt_of(self, place: Place) -> Prompt:
        """Return the prompt that answers there, as it stands on disk now.

        Raises:
            StoreError: Redis is away.
        """
        self._prompts.refresh()
        return self._prompts.get(await self._chats.prompt_of(place.conversation))

    async def answer(self, question: Question) -> None:
        """Play one turn to its end; returns when the last edit has arrived.

        Raises:
            StoreError: Redis was away before the model was asked; nothing was said.
            DeliveryError: Telegram does not take the answer.
        """
        prompt = await self.prompt_of(question.place)
        async with self._replies.open(question.place, question.person, reply_id=question.id) as reply:
            course = self._begin(prompt, question)
            if reply.earlier_answer is not None:
                log.info("answered before")
                course.piece = Piece(reply.earlier_answer)
                await self._commit(question, course)
                return
            try:
                course.ask = await self._compose(prompt, question, course)
                switch = await self._stream(question, reply, course)
            except (BackendError, ConfigError) as error:
                outcome = type(error).__name__
                log.warning("turn failed", error=f"{outcome}: {error}")
                await reply.fail(error)
            else:
                outcome = await self._deliver(reply, course, switch)
                await self._commit(question, course)
        self._report(question, course, reply, outcome)

    def _begin(self, prompt: Prompt, question: Question) -> _Course:
        dialogue = DialogueKey(question.place.conversation, prompt.name)
        empty = Ask(ModelChoice(self._stage.default_model), question.spoken)
        return _Course(self._stopwatch(), self._clock(), dialogue, empty)

    async def _compose(self, prompt: Prompt, question: Question, course: _Course) -> Ask:
        facts = self._prompts.facts(
            question.person,
            bot_name=self._stage.bot_name,
            chat_title=question.chat_title,
            is_group=question.place.is_group,
        )
        history = await self._history.load(course.dialogue, prompt.window, now=course.asked_at)
        return prompt.ask(question.spoken, history, facts, self._stage.default_model)

    async def _stream(self, question: Question, reply: LiveReply, course: _Course) -> StopSwitch:
        place, person = question.place, question.person
        async with (
            self._running.stoppable(place.conversation, person.user_id) as switch,
            aclosing(self._model.stream(course.ask)) as pieces,
        ):
            async for piece in pieces:
                course.advance(piece, self._stopwatch())
                if piece.ending is None and piece.text:
                    reply.show(piece.text)
        if course.piece.ending is None and not switch.is_pressed:
            raise ConnectionCut("the model's answer has no end")
        return switch

    async def _deliver(self, reply: LiveReply, course: _Course, switch: StopSwitch) -> str:
        match course.piece.ending:
            case Ending.TRUNCATED:
                await reply.finish(course.piece.text, is_truncated=True)
            case Ending.COMPLETE:
                await reply.finish(course.piece.text)
            case None:
                await reply.stop()
        return course.piece.ending or ("stopped" if switch.is_pressed else "complete")

    async def _commit(self, question: Question, course: _Course) -> None:
        """Remember what was shown, insisting for a while; after that the answer stands without it."""
        answer = course.piece.text.strip()
        if not answer:
            return
        tokens = estimate_tokens(question.spoken) + estimate_tokens(answer)
        turn = Turn(question.spoken, answer, course.asked_at, tokens)
        for pause_s in (*_COMMIT_PAUSES_S, None):
            try:
                await self._history.append(course.dialogue, turn, turn_id=question.id)
            except StoreError as error:
                if pause_s is None:
                    log.error("turn not remembered", error=str(error))  # noqa: TRY400 - an episode, not a bug
                else:
                    await self._sleep(pause_s)
            else:
                return

    def _report(self, question: Question, course: _Course, reply: LiveReply, outcome: str) -> None:
        usage = course.piece.usage
        trace = TurnTrace(
            dialogue=course.dialogue,
            person=question.person,
            message_ids=reply.message_ids,
            ask=course.ask,
            answer=course.piece.text,
            outcome=outcome,
            usage=usage,
            first_text_s=course.first_text_s,
            total_s=self._stopwatch() - course.started_at,
            asked_at=course.asked_at,
            model_version=course.piece.model_version,
        )
        log.info(
            "turn ended",
            prompt=course.dialogue.prompt,
            outcome=outcome,
            first_text_s=course.first_text_s and round(course.first_text_s, 3),
            total_s=round(trace.total_s, 3),
            tokens=usage.total_tokens if usage else None,
        )
        self._witness.turn_ended(trace)
