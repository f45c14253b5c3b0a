"""The use case of classifying with all around it: a real Redis, a scripted classifier, written replies."""

import csv
import io
from pathlib import Path

from redis.asyncio import Redis

from bot.classifying import Classifications, Pile, Rules
from bot.history import ChatState, RedisVerdicts
from bot.promptbook import PromptBook
from bot.running import RunningTurns
from bot.types import ConversationKey, File, Person, Place
from tests.tools.classifiers import ScriptedClassifier
from tests.tools.clock import FakeClock
from tests.tools.parrot_room import Purse
from tests.tools.replies import WrittenReplies, WrittenReply

HERE = Place(ConversationKey(42, 1))
ANNA = Person(1, "Anna", "en")
TONE = "kind: classifier\ntitle: Tone\ntask: Tell the tone\nlabels: [good, bad]\n"
TOPIC = "kind: classifier\ntitle: Topic\ntask: Tell the topic\nlabels: [money, love]\nmodel: yandexgpt\n"


class SortingRoom:
    """One process; others may share its Redis and its folder."""

    def __init__(
        self,
        redis: Redis,
        folder: Path,
        classifier: ScriptedClassifier | None = None,
        *,
        rules: Rules | None = None,
    ) -> None:
        (folder / "assistant.yaml").write_text("system: Help.\n", "utf-8")
        (folder / "tone.yaml").write_text(TONE, "utf-8")
        (folder / "topic.yaml").write_text(TOPIC, "utf-8")
        self.folder = folder
        self.book = PromptBook(folder)
        self.book.load()
        self.classifier = classifier or ScriptedClassifier()
        self.verdicts = RedisVerdicts(redis, 42)
        self.chats = ChatState(redis)
        self.replies = WrittenReplies()
        self.running = RunningTurns()
        self.accounts = Purse()
        self.clock = FakeClock()
        self.classifications = Classifications(
            prompts=self.book,
            classifier=self.classifier,
            verdicts=self.verdicts,
            choices=self.chats,
            replies=self.replies,
            running=self.running,
            rules=rules or Rules(at_once=1),
            accounts=self.accounts,
            clock=self.clock,
            stopwatch=self.clock,
        )

    async def sort(self, *texts: str, is_list: bool | None = None, classifier: str = "tone") -> WrittenReply:
        """Classify texts; more than one are a list."""
        is_list = len(texts) > 1 if is_list is None else is_list
        await self.classifications.classify(Pile("1", texts, classifier, ANNA, HERE, is_list=is_list))
        return self.replies.opened["1"]

    def stop(self) -> None:
        """Press Stop."""
        switch = self.running.switch_of(HERE.conversation)
        assert switch is not None
        switch.press()


def rows_in(file: File | None) -> list[dict[str, str]]:
    """Read the table that came back."""
    assert file is not None
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
