"""People who ask one question after another without waiting, and who know what the answers should be."""

import asyncio
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields

from tests.chaos.chats import Chat
from tests.chaos.model import WORD, ChaosModel, Word, wish, words_in
from tests.chaos.telegram import ChaosTelegram

_LENGTHS = ((10, 40), (10, 40), (10, 40), (40, 120), (40, 120), (120, 250))
_LONG = (650, 800)
"""Words of an answer that needs two messages."""
_LONG_ONES = 0.03
_CALM_S = 1.0


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, and by which update."""

    number: int
    words: int
    update_id: int

    @property
    def answer(self) -> list[Word]:
        """The words of the whole answer."""
        return [(self.number, word) for word in range(self.words)]


@dataclass(slots=True)
class Verdict:
    """How many questions, or conversations, are not as they should be."""

    asked: int = 0
    lost: int = 0
    """Questions without a word of an answer."""
    unfinished: int = 0
    """Some words are missing, or seem to grow for ever."""
    doubled: int = 0
    """Some words are shown twice."""
    disordered: int = 0
    """Conversations in which not everything stands in its order."""
    foreign: int = 0
    """Conversations that show what is no answer, as a sentence about a failure."""
    misremembered: int = 0
    """Questions that came to the model with a dialogue that was not so."""
    asked_again: int = 0
    """Questions that the model was asked more than once: they cost money, and are no fault after a kill."""

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


class Crowd:
    """All people of one run; each has a private chat, whose id is theirs."""

    def __init__(self, telegram: ChaosTelegram, model: ChaosModel, chance: random.Random) -> None:
        self.dialogues: defaultdict[int, list[Question]] = defaultdict(list)
        self._telegram = telegram
        self._model = model
        self._chance = chance
        self._count = 0

    def ask(self, chat_id: int, words: int) -> None:
        """Let somebody ask for an answer of so many words."""
        update_id = self._telegram.say(chat_id, wish(self._count, words, chat_id))
        self.dialogues[chat_id].append(Question(self._count, words, update_id))
        self._count += 1

    async def converse(self, chat_id: int, questions: int, longest_pause_s: float = 2.5) -> None:
        """Let somebody ask several questions, the next one while the answer to the last one grows."""
        for _ in range(questions):
            self.ask(chat_id, self._length())
            await asyncio.sleep(self._chance.uniform(0.2, longest_pause_s))

    def _length(self) -> int:
        is_long = self._chance.random() < _LONG_ONES
        return self._chance.randint(*(_LONG if is_long else self._chance.choice(_LENGTHS)))

    async def answered(self, patience_s: float, chat_ids: Collection[int] = ()) -> None:
        """Wait until all answers are there, or those to some; or until nothing has happened for so long."""
        loop = asyncio.get_running_loop()
        news, news_at = 0, loop.time()
        while not all(map(self.is_done, chat_ids or self.dialogues)) and loop.time() - news_at < patience_s:
            await asyncio.sleep(0.2)
            if (touches := sum(len(chat.touches) for chat in self._telegram.chats.by_id.values())) != news:
                news, news_at = touches, loop.time()
        await asyncio.sleep(_CALM_S)

    def is_done(self, chat_id: int) -> bool:
        """Whether the chat shows all answers to their ends; something else may be there too."""
        shown = _finished(self._chat(chat_id))
        return all(shown.issuperset(question.answer) for question in self.dialogues[chat_id])

    def verdict(self) -> Verdict:
        """Look at all chats."""
        verdict = Verdict()
        for chat_id in self.dialogues:
            verdict += self._judged(chat_id)
        return verdict

    def lost_of(self, is_ours: Callable[[Question], bool]) -> int:
        """Return how many of some questions are not answered to their end."""
        return sum(
            not _finished(self._chat(chat_id)).issuperset(question.answer)
            for chat_id, questions in self.dialogues.items()
            for question in questions
            if is_ours(question)
        )

    def _judged(self, chat_id: int) -> Verdict:
        chat, questions = self._chat(chat_id), self.dialogues[chat_id]
        shown = _words(chat)
        counts, finished = Counter(shown), _finished(chat)
        first_seen = list(dict.fromkeys(shown))
        verdict = Verdict(
            asked=len(questions),
            disordered=int(first_seen != sorted(first_seen)),
            foreign=int(any(re.sub(WORD, "", text).strip() for text in chat.shown)),
            misremembered=sum(
                self._is_misremembered(question, [one.number for one in questions[:at]])
                for at, question in enumerate(questions)
            ),
            asked_again=sum(self._model.asked[question.number] > 1 for question in questions),
        )
        for question in questions:
            found = [counts[word] for word in question.answer]
            verdict.lost += not any(found)
            verdict.unfinished += any(found) and not finished.issuperset(question.answer)
            verdict.doubled += max(found) > 1
        return verdict

    def _is_misremembered(self, question: Question, earlier: list[int]) -> bool:
        """Whether the model was told of other turns than the newest before, or of none."""
        told = self._model.recalled.get(question.number)
        return told is not None and (told != earlier[-len(told) :] if told else bool(earlier))

    def _chat(self, chat_id: int) -> Chat:
        return self._telegram.chats.by_id[chat_id]


def _finished(chat: Chat) -> set[Word]:
    """Return the words of messages that grow no more."""
    return {
        word for message in chat.messages.values() if not message.is_growing for word in words_in(message.text)
    }


def _words(chat: Chat) -> list[Word]:
    return [word for text in chat.shown for word in words_in(text)]
