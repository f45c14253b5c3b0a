"""The use case: one turn, from a question to the answer's last edit and its place in the history.

Law 9 lives here: question and answer are committed together, after delivery, so that a failed turn leaves no
trace. Law 7 too: whatever the model does, the person reads the answer or one sentence about why there is none.
An answer that is given anew replaces the earlier one only if it brings any text; else that one is put back.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from functools import partial

import structlog

from bot.course import Course, log_turn
from bot.errors import (
    BackendError,
    BlindModel,
    ConfigError,
    ConnectionCut,
    DeliveryError,
    GovorunError,
    NothingNew,
    PhotoLost,
    StoreError,
)
from bot.history.window import fitted
from bot.ordering import Ordering
from bot.ports import (
    Accounts,
    Exchanges,
    HistoryStore,
    LiveReply,
    ModelBackend,
    Photos,
    PromptChoices,
    Replies,
    Unbooked,
    Witness,
)
from bot.presses import tag_of
from bot.promptbook import Prompt, PromptBook, Selection
from bot.question import Question
from bot.running import Growing, RunningTurns, StopSwitch
from bot.sight import Sight
from bot.texts import PHRASES
from bot.types import (
    Ask,
    Buttons,
    ConversationKey,
    DialogueKey,
    Ending,
    Mode,
    ModelChoice,
    Piece,
    Place,
    Turn,
    WhileBusy,
    Window,
)

log = structlog.get_logger(__name__)

_COMMIT_PAUSES_S = (0.2, *(1.0,) * 60)
"""Between attempts to remember a turn while Redis is away."""
_ONE_TURN = Window(max_tokens=32_000)
"""What a continuation may read of the dialogue at least, however small the window of the prompt is."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What every turn is played on: who the bot is, and which model it takes if a prompt names none."""

    bot_name: str
    default_model: str
    while_busy: WhileBusy = WhileBusy.MERGE
    """For prompts that say nothing of it."""


class Conversations:
    """Answers questions; one object for all conversations, which never wait for each other."""

    def __init__(  # noqa: PLR0913 - the one place where the rooms of the house meet
        self,
        *,
        prompts: PromptBook,
        chats: PromptChoices,
        history: HistoryStore,
        exchanges: Exchanges,
        model: ModelBackend,
        photos: Photos,
        replies: Replies,
        running: RunningTurns,
        witness: Witness,
        stage: Stage,
        accounts: Accounts = Unbooked(),  # noqa: B008 - it holds nothing
        ordering: Ordering | None = None,
        clock: Callable[[], float] = time.time,
        stopwatch: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._prompts = prompts
        self._chats = chats
        self._history = history
        self._exchanges = exchanges
        self._model = model
        self._sight = Sight(photos, prompts, stage.default_model)
        self._replies = replies
        self._running = running
        self._witness = witness
        self._stage = stage
        self._accounts = accounts
        self._ordering = ordering
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

    async def choose_prompt(self, place: Place, name: str) -> Prompt | None:
        """Let a prompt answer there from now on, and return it; None: there is none of this name.

        Raises:
            StoreError: Redis is away.
        """
        self._prompts.refresh()
        if name not in self._prompts.names:
            return None
        await self._chats.choose_prompt(place.conversation, name)
        return self._prompts.get(name)

    async def models_of(self, prompt: Prompt, conversation: ConversationKey) -> Selection:
        """Return the models that may answer there under this prompt, and the one that does.

        Raises:
            StoreError: Redis is away.
        """
        dialogue = DialogueKey(conversation, prompt.name)
        chosen = await self._chats.model_of(dialogue) if prompt.models else None
        return self._prompts.selection(prompt, self._stage.default_model, chosen)

    async def while_busy(self, conversation: ConversationKey) -> WhileBusy:
        """Return what happens there to messages that come while an answer grows.

        Raises:
            StoreError: Redis is away.
        """
        return self._policy(await self.prompt_of(Place(conversation)))

    def _policy(self, prompt: Prompt) -> WhileBusy:
        return prompt.while_busy or self._stage.while_busy

    async def is_in_sight(self, place: Place, message_id: int) -> bool:
        """Whether a message of the bot is the newest answer, so that the model reads it with the next question.

        Raises:
            StoreError: Redis is away.
        """
        exchange = await self._exchanges.newest(place.conversation)
        if exchange is None or message_id not in exchange.message_ids:
            return False
        prompt = await self.prompt_of(place)
        silence_s, longest_s = self._clock() - exchange.asked_at, prompt.window.idle_reset_s
        return prompt.name == exchange.prompt and (longest_s is None or silence_s <= longest_s)

    async def asked_in(
        self, place: Place, message_id: int, *, reply_id: str, chat_title: str
    ) -> Question | None:
        """Return a question there, to be asked anew: one of this message, if its answer is on its way.

        Else the newest one, whose message it may be; None: nothing was asked.

        Raises:
            StoreError: Redis is away.
        """
        order = await self._ordering.asked_in(place.conversation, message_id) if self._ordering else None
        if order is not None:
            return order.anew(reply_id)
        exchange = await self._exchanges.newest(place.conversation)
        if exchange is None:
            return None
        return Question.again(exchange, place, reply_id=reply_id, chat_title=chat_title)

    async def go_on(self, reply_id: str) -> bool:
        """Go on where the bot died while it ordered an answer; False: it did not, and nothing was done.

        Raises:
            StoreError: Redis is away.
            DeliveryError: Telegram does not take what is told.
        """
        return self._ordering is not None and await self._ordering.go_on(reply_id)

    async def answer(self, question: Question) -> None:
        """Play one turn to its end; returns when the last edit has arrived, or the answer is ordered for later.

        Raises:
            StoreError: Redis was away before the model was asked; nothing was said.
            DeliveryError: Telegram does not take the answer.
        """
        question = replace(question, wordless=PHRASES[question.person.language].photos_alone)
        prompt = await self._prompt_for(question)
        course = self._begin(prompt, question)
        if await self._is_ordered(prompt, course):
            return
        manner = replace(prompt.manner, in_place=question.in_place)
        async with self._replies.open(
            question.place, question.person, reply_id=question.id, manner=manner
        ) as reply:
            if reply.earlier_answer is not None:
                await self._recover(course, reply, reply.earlier_answer)
                return
            if reply.undelivered is not None:
                log.info("delivering what was said before")
                course.take_up(reply.undelivered)
                await self._deliver(course, reply)
            else:
                await self._play(prompt, course, reply)
            ended_at = self._stopwatch()
            await self._commit(course, reply)
        trace = course.trace(reply.message_ids, ended_at)
        log_turn(trace)
        self._witness.turn_ended(trace)

    async def _is_ordered(self, prompt: Prompt, course: Course) -> bool:
        """Whether the answer comes later: it has been ordered, or the person was told why not."""
        if self._ordering is None:
            return False
        if await self.go_on(course.question.id):  # whatever prompt is in use by now
            return True
        compose = partial(self._compose, prompt, course)
        is_wordy = not course.question.photos  # no model that answers later sees pictures
        if prompt.mode is Mode.ASYNC and is_wordy and await self._ordering.order(course, compose):
            return True
        if course.question.instead_of_order:
            await self._ordering.cancel(course.question.instead_of_order)
        return False

    async def _prompt_for(self, question: Question) -> Prompt:
        """Return the prompt that the question asks for, or the one in use, if that is gone."""
        self._prompts.refresh()
        if question.prompt in self._prompts.names:
            return self._prompts.get(question.prompt)
        return await self.prompt_of(question.place)

    def _begin(self, prompt: Prompt, question: Question) -> Course:
        dialogue = DialogueKey(question.place.conversation, prompt.name)
        empty = Ask(ModelChoice(self._stage.default_model), question.spoken)
        return Course(question, dialogue, empty, self._stopwatch(), self._clock())

    async def _recover(self, course: Course, reply: LiveReply, answer: str) -> None:
        """Remember what an earlier attempt has delivered, but died too early to remember."""
        log.info("answered before")
        # Only the buttons know whether it was truncated: if it was not, there is no Continue to be pressed.
        course.piece = Piece(answer, Ending.TRUNCATED)
        await self._commit(course, reply, is_repeated=True)

    async def _play(self, prompt: Prompt, course: Course, reply: LiveReply) -> None:
        try:
            await self._stream(prompt, course, reply)
        except (BackendError, ConfigError, PhotoLost) as error:
            await self._book_at_once(course)
            course.is_failed, course.outcome = True, type(error).__name__
            log.warning("turn failed", error=f"{course.outcome}: {error}")
            await self._fail(error, prompt, course, reply)
        except DeliveryError:  # nobody will read it, but it was paid for
            await self._book_at_once(course)
            raise
        else:
            await self._book_at_once(course)
            course.take_up(course.piece)
            await self._deliver(course, reply)

    async def _fail(self, error: GovorunError, prompt: Prompt, course: Course, reply: LiveReply) -> None:
        """Say what went wrong; if pictures were not seen, offer those who would see them."""
        offers: Buttons = ()
        if isinstance(error, BlindModel):
            course.is_unseen = True
            error, offers = self._sight.way_out(error, prompt, course.question)
        await reply.fail(error, kept=course.question.earlier_answer, offers=offers)

    async def _stream(self, prompt: Prompt, course: Course, reply: LiveReply) -> None:
        """Ask the model and show what it says, until it ends or is stopped; Stop works from the beginning."""
        question, here = course.question, course.dialogue.conversation
        growing = Growing(question.person.user_id, tag_of(question.id))
        gives_way = self._policy(prompt) is WhileBusy.REPLACE
        async with self._running.stoppable(here, growing, question.said, gives_way=gives_way) as switch:
            course.ask = await self._compose(prompt, course)
            # Python 3.11 may lose the cancellation that a press is.
            if not switch.is_pressed:
                await self._follow(course, reply, switch)
        if switch.is_pressed and not course.piece.text and switch.said:
            # An attempt that died had said it, and the messages still show it.
            course.piece = Piece(switch.said)
            _show(course, reply)
        if course.piece.ending is None and not switch.is_pressed:
            raise ConnectionCut("the model's answer has no end")

    async def _follow(self, course: Course, reply: LiveReply, switch: StopSwitch) -> None:
        if course.ask.model.reasoning:
            reply.think()
        async with aclosing(self._model.stream(course.ask)) as pieces:
            async for piece in pieces:
                if switch.is_pressed:  # for the same reason
                    break
                is_its_turn = bool(course.piece.waiting) and not piece.waiting
                course.advance(piece, self._stopwatch())
                switch.said = piece.text or switch.said
                _show(course, reply, is_its_turn=is_its_turn)

    async def _compose(self, prompt: Prompt, course: Course) -> Ask:
        question = course.question
        facts = self._prompts.facts(
            question.person,
            bot_name=self._stage.bot_name,
            chat_title=question.chat_title,
            is_group=question.place.is_group,
        )
        history = await self._load(course, prompt.window)
        if question.is_continuation and not history:
            history = (await self._load(course, _ONE_TURN))[-1:]
        models = await self.models_of(prompt, course.dialogue.conversation)
        prompt = prompt.answered_by(models.in_use.name)
        ask = prompt.ask(question.spoken, history, facts, self._stage.default_model)
        model = self._prompts.catalogue.choice(ask.model)
        ask = replace(ask, model=model, photos=question.photos, asker_id=question.person.user_id)
        shown = ask if question.is_continuation else fitted(ask)
        return await self._sight.shown(shown, question.person.language)

    async def _load(self, course: Course, window: Window) -> tuple[Turn, ...]:
        without = course.question.replaced_id
        return await self._history.load(course.dialogue, window, now=course.asked_at, without=without)

    async def _deliver(self, course: Course, reply: LiveReply) -> None:
        is_stopped, earlier = course.piece.ending is None, course.question.earlier_answer
        if earlier and not course.answer and is_stopped:
            await reply.finish(earlier.text, is_truncated=earlier.ending is Ending.TRUNCATED)
        elif earlier and not course.answer:
            await reply.fail(NothingNew("the model ended without a word"), kept=earlier)
        elif is_stopped:
            await reply.stop()
        else:
            await reply.finish(course.piece.text, is_truncated=course.is_truncated)

    async def _book(self, course: Course) -> None:
        """Write down what the model was paid for; raises `StoreError`."""
        if not course.is_booked and (expense := course.expense()):
            await self._accounts.book(expense, expense_id=course.question.id)
            course.is_booked = True

    async def _book_at_once(self, course: Course) -> None:
        """Book before the answer is delivered, because only this attempt knows what the service counted."""
        with suppress(StoreError):  # then it is tried again with the rest that is remembered
            await self._book(course)

    async def _commit(self, course: Course, reply: LiveReply, *, is_repeated: bool = False) -> None:
        """Remember what was shown, insisting for a while; after that the answer stands without it."""
        exchange = course.exchange(reply.message_ids)
        for pause_s in (*_COMMIT_PAUSES_S, None):
            try:
                if is_repeated and await self._is_kept(course):
                    return
                if course.answer:
                    question_id, replaced_id = course.question.id, course.question.replaced_id
                    await self._history.append(
                        course.dialogue, course.turn(), turn_id=question_id, instead_of=replaced_id
                    )
                await self._exchanges.keep(course.dialogue.conversation, exchange)
                await self._book(course)
            except StoreError as error:
                if pause_s is None:
                    log.error("turn not remembered", error=str(error))  # noqa: TRY400 - an episode, not a bug
                else:
                    await self._sleep(pause_s)
            else:
                return

    async def _is_kept(self, course: Course) -> bool:
        known = await self._exchanges.newest(course.dialogue.conversation)
        return known is not None and known.turn_id == course.question.id


def _show(course: Course, reply: LiveReply, *, is_its_turn: bool = False) -> None:
    """Show the newest piece: its text, or as long as there was none its thought, or its place in the line."""
    piece = course.piece
    if piece.text and piece.ending is None:
        reply.show(piece.text)
    elif piece.waiting:
        reply.stand_in_line(piece.waiting)
    elif course.first_text_s is None and (piece.thought or is_its_turn):
        reply.think(piece.thought)
