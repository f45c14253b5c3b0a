"""The use case: texts are classified, and the outcome delivered: a verdict as text, those of a list as a file.

What was found is kept as it comes, so that a pile which is taken up after a crash goes on where it was and pays
for nothing twice. Law 7 lives here too: whatever breaks a pile off, the person gets what was found so far, and
one sentence about why there is no more.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import structlog

from bot.classifying.outcome import file_of, outcome_of, progress_of
from bot.classifying.pile import Pile, Tally
from bot.classifying.rules import Rules
from bot.errors import (
    AccessDenied,
    BackendError,
    BadCredentials,
    ConfigError,
    ContentFiltered,
    ContextTooLong,
    Rejected,
    StoreError,
    UnknownModel,
)
from bot.ports import Accounts, Classifier, ClassifierChoices, LiveReply, Replies, Unbooked, Verdicts
from bot.presses import tag_of
from bot.promptbook import Classifier as WrittenClassifier
from bot.promptbook import PromptBook
from bot.running import Growing, RunningTurns, StopSwitch
from bot.types import ConversationKey, Expense, Manner, Transport, Usage, Verdict, Work

log = structlog.get_logger(__name__)

_OF_ALL_TEXTS = (BadCredentials, AccessDenied, UnknownModel)
"""Refusals that no other text will escape."""
_MANNER = Manner(Transport.EDIT, is_bare=True)
"""Not as a draft, which is gone after half a minute."""


class Classifications:
    """Classifies piles of texts; one object for all conversations, which never wait for each other."""

    def __init__(  # noqa: PLR0913 - where the rooms of this feature meet
        self,
        *,
        prompts: PromptBook,
        classifier: Classifier,
        verdicts: Verdicts,
        choices: ClassifierChoices,
        replies: Replies,
        running: RunningTurns,
        rules: Rules,
        accounts: Accounts = Unbooked(),  # noqa: B008 - it holds nothing
        clock: Callable[[], float] = time.time,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self.rules = rules
        self._prompts = prompts
        self._classifier = classifier
        self._verdicts = verdicts
        self._choices = choices
        self._replies = replies
        self._running = running
        self._accounts = accounts
        self._clock = clock
        self._stopwatch = stopwatch

    def offered(self) -> tuple[WrittenClassifier, ...]:
        """Return what people may choose from, as the files are now."""
        self._prompts.refresh()
        return self._prompts.classifiers()

    def named(self, name: str) -> WrittenClassifier | None:
        """Return the classifier of this name, also one that is kept out of the menu; None: there is none."""
        self._prompts.refresh()
        return self._prompts.classifier(name)

    async def in_use(self, conversation: ConversationKey) -> WrittenClassifier | None:
        """Return the classifier that was chosen there, or the first one; None: there is none.

        Raises:
            StoreError: Redis is away.
        """
        chosen = await self._choices.classifier_of(conversation)
        return self.named(chosen or "") or next(iter(self.offered()), None)

    async def choose(self, conversation: ConversationKey, name: str) -> WrittenClassifier | None:
        """Use a classifier there from now on, and return it; None: there is none of this name.

        Raises:
            StoreError: Redis is away.
        """
        if chosen := self.named(name):
            await self._choices.choose_classifier(conversation, name)
        return chosen

    async def classify(self, pile: Pile) -> None:
        """Classify a pile to its end; returns when the outcome has arrived.

        Raises:
            ConfigError: there is no classifier any more.
            StoreError: Redis was away before anything was asked; nothing was said.
            DeliveryError: Telegram does not take the outcome.
        """
        tally = await self._begun(pile)
        async with self._replies.open(pile.place, pile.person, reply_id=pile.id, manner=_MANNER) as reply:
            if reply.earlier_answer is not None:
                log.info("classified before")
                return
            if reply.undelivered and reply.undelivered.text:
                log.info("delivering what was found before")
                await self._deliver(tally, reply, reply.undelivered.text)
            else:
                await self._play(tally, reply)
        with suppress(StoreError):
            await self._verdicts.conclude(pile.id)

    async def _begun(self, pile: Pile) -> Tally:
        """Begin or take up, with the classifier of the beginning; if that is gone, with the first one."""
        name, verdicts = await self._verdicts.begin(pile.id, pile.classifier)
        written = self.named(name) or next(iter(self.offered()), None)
        if written is None:
            raise ConfigError
        scheme = written.with_model(self.rules.default_model, self._prompts.catalogue)
        tally = Tally(pile, written.name, written.title.in_(pile.person.language), scheme, verdicts)
        for text in pile.texts:
            if len(text) > self.rules.most_characters:
                tally.refusals[tally.names[text]] = ContextTooLong(f"{len(text)} characters")
        return tally

    async def _play(self, tally: Tally, reply: LiveReply) -> None:
        tally.start(self._stopwatch())
        error: BackendError | None = None
        is_stopped = False
        try:
            is_stopped = await self._classify(tally, reply)
        except BackendError as failure:
            error = failure
        await self._note(tally)
        self._report(tally, error, is_stopped=is_stopped)
        if is_stopped and not tally.pile.is_list:
            await reply.stop()
        elif not (tally.verdicts or is_stopped):
            await reply.fail(error or next(iter(tally.refusals.values())))
        else:
            await self._deliver(tally, reply, outcome_of(tally, error, is_stopped=is_stopped))

    async def _deliver(self, tally: Tally, reply: LiveReply, text: str) -> None:
        await reply.finish(text, file=file_of(tally))

    async def _classify(self, tally: Tally, reply: LiveReply) -> bool:
        """Ask about all texts that are left, several at a time; return whether the person has stopped it."""
        pile = tally.pile
        growing = Growing(pile.person.user_id, tag_of(pile.id))
        left = tally.left()
        async with self._running.stoppable(pile.place.conversation, growing) as switch:
            self._show(tally, reply)
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(min(self.rules.at_once, len(tally.names))):
                        group.create_task(self._ask_about(left, tally, reply, switch))
            except ExceptionGroup as errors:
                raise errors.exceptions[0] from errors
        return switch.is_pressed and tally.done < tally.total

    async def _ask_about(
        self, texts: Iterator[str], tally: Tally, reply: LiveReply, switch: StopSwitch
    ) -> None:
        """Ask about one text after another; others take theirs from the same row."""
        asker_id = tally.pile.person.user_id
        for text in texts:
            # Python 3.11 may lose the cancellation that a press is.
            if switch.is_pressed:
                return
            try:
                verdict = await self._classifier.classify(text, tally.scheme, asker_id=asker_id)
            except (ContentFiltered, Rejected) as error:
                if isinstance(error, _OF_ALL_TEXTS) or not tally.survives(text, error):
                    raise
                log.info("text refused", error=f"{type(error).__name__}: {error}")
            else:
                tally.take(text, verdict)
                await self._note(tally)
            self._show(tally, reply)

    def _show(self, tally: Tally, reply: LiveReply) -> None:
        if tally.pile.is_list and tally.done < tally.total:
            reply.show(progress_of(tally, self._stopwatch()))

    async def _note(self, tally: Tally) -> None:
        """Keep and book what was found; what Redis does not take now, it is given with the next verdict.

        Kept first, because a verdict that is not kept is paid for twice.
        """
        with suppress(StoreError):
            for name, verdict in tuple(tally.unnoted.items()):
                await self._verdicts.keep(tally.pile.id, name, verdict)
                await self._book(tally, name, verdict)
                tally.unnoted.pop(name, None)

    async def _book(self, tally: Tally, name: str, verdict: Verdict) -> None:
        expense = Expense(
            tally.pile.person,
            tally.classifier,
            tally.scheme.model,
            Work.CLASSIFICATION,
            self._clock(),
            Usage(input_tokens=verdict.input_tokens),
        )
        await self._accounts.book(expense, expense_id=f"{tally.pile.id}:{name}")

    def _report(self, tally: Tally, error: BackendError | None, *, is_stopped: bool) -> None:
        outcome = "stopped" if is_stopped else type(error).__name__ if error else "complete"
        tell = log.warning if error else log.info
        tell(
            "texts classified",
            classifier=tally.classifier,
            outcome=outcome,
            error=str(error) if error else None,
            done=tally.done,
            total=tally.total,
            refused=tally.refused,
            total_s=round(self._stopwatch() - tally.started_at, 3),
        )
