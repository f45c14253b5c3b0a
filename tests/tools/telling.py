"""One long answer told to its end before the Telegram of the sandbox, and what the chat must show then."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.errors import ChatGone, DeliveryError
from bot.types import Format, Manner, Transport
from tests.tools.world_session import Killed
from tests.tools.world_stage import Home, Process, WorldStage

WORDS = [f"слово{number:04}" for number in range(930)]
_PARAGRAPHS = [WORDS[start : start + 30] for start in range(0, len(WORDS), 30)]
ANSWER = "\n\n".join(" ".join([f"**{first}**", *rest]) for first, *rest in _PARAGRAPHS)
"""Three messages of text with a little formatting; every word tells its place."""
SILENCE_S, GROWTH_S, PIECES = 1.0, 6.0, 24
Misfortune = Callable[[WorldStage], None]


def words_of(text: str) -> list[str]:
    """The words of the answer that a text has."""
    return re.findall(r"слово\d{4}", text)


@dataclass(frozen=True)
class Scene:
    """Where and by which way an answer grows."""

    home: Home
    transport: Transport
    format: Format

    def __str__(self) -> str:
        return f"{self.home}-{self.format}-{self.transport}"

    @property
    def manner(self) -> Manner:
        """How the prompt wants it."""
        return Manner(self.transport, self.format)


SCENES = [
    *(Scene(Home.PRIVATE, transport, look) for transport in Transport for look in Format),
    *(Scene(home, Transport.EDIT, look) for home in (Home.GROUP, Home.FORUM) for look in Format),
]


@dataclass
class Telling:
    """One answer, told by one process after the other, and what became of it."""

    stage: WorldStage
    scene: Scene
    misfortunes: Mapping[int, Misfortune] = field(default_factory=dict)
    """By the number of the call that they come before, counted over all processes."""
    dies: Sequence[tuple[int, bool]] = ()
    """At which call each process is killed, and whether that call is applied; those after them live."""
    most_attempts: int = 3
    """How often a worker tries."""
    error: DeliveryError | None = None
    attempts: int = 0
    """How often the last process took the answer up."""
    calls: int = 0
    logs: list[EventDict] = field(default_factory=list)

    def run(self) -> None:
        """Tell the answer, in virtual time."""
        with capture_logs() as self.logs:
            asyncio.run(self.stage.time.run(self._told()))

    async def _told(self) -> None:
        for number, is_applied in self.dies:
            process = self.stage.process(before_call=self._strike)
            if is_applied:
                process.session.dies_after = number
            else:
                process.session.before_call = _dying_at(process, number, self._strike)
            try:
                await self._insist(process)
            except Killed:
                continue
            break
        else:
            await self._insist(self.stage.process(before_call=self._strike))
        self.calls = self.stage.made
        await self.stage.time.sleep(100)

    async def _insist(self, process: Process) -> None:
        """Answer as a worker does: what failed for good is tried again."""
        while self.attempts < self.most_attempts:
            self.attempts += 1
            self.error = None
            try:
                await self._answer(process)
            except DeliveryError as error:
                self.error = error
            if self.error is None or isinstance(self.error, ChatGone):
                return

    async def _answer(self, process: Process) -> None:
        """Let a model write, if nobody did so to the end before."""
        async with self.stage.open(process, manner=self.scene.manner) as reply:
            if reply.earlier_answer is not None:
                return
            await self.stage.time.sleep(SILENCE_S)
            for number in range(1, PIECES):
                reply.show(ANSWER[: len(ANSWER) * number // PIECES])
                await self.stage.time.sleep(GROWTH_S / PIECES)
                if process.session.is_dead:
                    raise Killed
            await reply.finish(ANSWER)

    def _strike(self, _: int) -> None:
        if misfortune := self.misfortunes.get(self.stage.made - 1):
            misfortune(self.stage)

    @property
    def shown(self) -> list[str]:
        """The words in the chat, from top to bottom."""
        return words_of("\n".join(self.stage.texts()))

    def assert_whole(self) -> None:
        """Check that the chat shows the answer and nothing else, with the buttons of an end."""
        self.assert_shows(WORDS)

    def assert_shows(self, words: Sequence[str]) -> None:
        """Check that the chat shows these words of the answer and nothing else, with the buttons of an end."""
        stage = self.stage
        assert self.error is None
        assert self.shown == words, f"{len(self.shown)} words, in messages of {[*map(len, stage.texts())]}"
        assert all(map(words_of, self._texts)), "a message that is no part of the answer"
        assert [data.partition(":")[0] for data in stage.buttons()] == ["again"]
        assert stage.world.draft(stage.home_id, stage.topic_id) is None

    @property
    def _texts(self) -> list[str]:
        return [text for text in self.stage.texts() if text != "(whole)"]

    def assert_quiet(self) -> None:
        """Check that nobody knocked within a wait, called twice at once, or called after the end."""
        stage = self.stage
        assert stage.knocks == 0
        assert max(process.session.most_in_flight for process in stage.processes) == 1
        assert stage.made == self.calls
        is_broken = [line for line in self.logs if line["log_level"] in {"error", "critical"}]
        assert not is_broken or self.dies, is_broken
        stage.judge()


def _dying_at(process: Process, number: int, strike: Callable[[int], None]) -> Callable[[int], None]:
    def before_call(current: int) -> None:
        if current == number:
            process.session.die()
        else:
            strike(current)

    return before_call
