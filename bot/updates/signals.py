"""What replicas tell each other of answers that grow: that one was stopped, or that something newer waits.

A channel tells it at once, but forgets whatever nobody heard. So whoever writes an answer looks at its record
and at what waits: when it begins, each time the channel was lost, and every few seconds.

Fails open: while Redis is away an answer goes on, and can be stopped in its own process. An error that nobody
foresaw costs one signal and not the listening and looking: without those, nothing could be stopped from afar.
"""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

import structlog
from aiogram.types import User
from redis.asyncio import Redis

from bot.errors import StoreError
from bot.running import Growing, StopSwitch
from bot.tasks import put_down
from bot.types import ConversationKey
from bot.updates.arrivals import Arrival, channel
from bot.updates.ear import Ear
from bot.updates.newer import is_outdated, may_outdate
from bot.updates.presence import channel_of
from bot.updates.records import Records

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 5.0
_FAREWELL_S = 2.0
_PAUSE_S = 0.5
_END_PAUSES_S = (0.2, 1.0, 3.0, 8.0, 20.0, 30.0)
"""After attempts to tell of an end while Redis is away; when the last is over, its record is gone anyway."""
_CALM_S = 60.0
"""After so long without an error that nobody foresaw, the next one is told again."""


@dataclass(slots=True)
class _Post:
    """An answer that grows here."""

    slug: str
    switch: StopSwitch
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while something is written of it, so that its end is written last."""
    is_told: bool = False
    """Whether it is known what an earlier attempt had said."""


class Signals:
    """The port `bot.running.Board`, in Redis.

    As a context manager it listens, which shows others that `replica` lives.
    """

    def __init__(
        self,
        redis: Redis,
        bot_id: int,
        me: User,
        *,
        replica: str,
        look_every_s: float = LOOK_EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._me = me
        self._records = Records(redis, bot_id)
        channels = (channel(bot_id), channel_of(bot_id, replica))
        self._ear = Ear(redis, channels, when_open=self._look_beside, when_told=self._heed)
        self._look_every_s = look_every_s
        self._clock = clock
        self._surprised_at = -math.inf
        self._posts: dict[str, _Post] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._duties: tuple[asyncio.Task[None], ...] = ()

    async def __aenter__(self) -> Self:
        duties = {"ear": self._listen(), "signals": self._look_now_and_then()}
        self._duties = tuple(asyncio.create_task(duty, name=name) for name, duty in duties.items())
        return self

    async def __aexit__(self, *_: object) -> None:
        await put_down(*self._duties)
        if self._errands:
            await asyncio.wait(self._errands, timeout=_FAREWELL_S)
        await put_down(*self._errands)

    def post(self, conversation: ConversationKey, switch: StopSwitch) -> None:
        """Let others find the answer; the answer does not wait for that."""
        post = self._posts[conversation.slug] = _Post(conversation.slug, switch)
        self._send(self._tell(post))

    def remove(self, conversation: ConversationKey, switch: StopSwitch, *, is_interrupted: bool) -> None:
        """Let nobody find it any more, unless it was interrupted and will be taken up again."""
        post = self._posts.get(conversation.slug)
        if post and post.switch is switch:
            del self._posts[post.slug]
            if not is_interrupted:
                self._send(self._end(post))

    async def find(self, conversation: ConversationKey) -> Growing | None:
        """Return the answer that grows there; see `bot.running.Board`."""
        return await self._records.find(conversation.slug)

    async def press(self, conversation: ConversationKey, tag: int) -> bool:
        """Stop that answer; False: it does not grow any more.

        True if it comes to its own end at this moment too: then there was nothing left to be stopped.
        """
        slug = conversation.slug
        return await self._records.press(slug, tag, told=_stop(slug, tag))

    def note_press(self, conversation: ConversationKey, tag: int) -> None:
        """Keep a press of this process, if Redis is there."""

        async def note() -> None:
            await self.press(conversation, tag)

        self._send(note())

    def _send(self, errand: Coroutine[Any, Any, None]) -> None:
        """Do something beside the answer; without Redis it is let be."""

        async def run() -> None:
            with suppress(StoreError), self._surprises():
                await errand

        task = asyncio.create_task(run(), name="signal")
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _tell(self, post: _Post) -> None:
        """Tell that the answer grows, unless it is over, and look whether it still should."""
        switch = post.switch
        async with post.lock:
            if switch.is_over:
                return
            news = await self._records.tell(post.slug, switch.growing, switch.said)
        switch.said, post.is_told = switch.said or news.said, True
        if news.is_stopped:
            switch.press()
        elif is_outdated(switch, news.waiting, self._me, last=news.last) and switch.press():
            log.info("answer gives way to what is newer", conversation=post.slug)

    async def _end(self, post: _Post) -> None:
        """Insist for as long as others would find it; if it is begun anew meanwhile, the next look tells so."""
        for pause_s in _END_PAUSES_S:
            with suppress(StoreError):
                async with post.lock:
                    await self._records.end(post.slug, post.switch.growing.tag)
                return
            await asyncio.sleep(pause_s)

    async def _listen(self) -> None:
        while True:
            with self._surprises():
                await self._ear.listen()
            await asyncio.sleep(_PAUSE_S)

    async def _look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._look_every_s)
            with suppress(StoreError):
                await self._look()

    def _look_beside(self) -> None:
        self._send(self._look())

    async def _look(self) -> None:
        """Look at all answers, one by one: whatever else this process does goes on meanwhile."""
        for post in tuple(self._posts.values()):
            with self._surprises():
                await self._tell(post)

    def _heed(self, text: str) -> None:
        """Do what was told on the channel, if it is about an answer that grows here."""
        _, slug, *_ = *text.split(" "), ""
        post = self._posts.get(slug)
        if post is None:
            return
        is_stop = text == _stop(slug, post.switch.growing.tag)
        if is_stop and post.is_told:
            post.switch.press()
        elif is_stop:
            self._send(self._tell(post))  # which finds the stop written down
        elif (arrival := Arrival.parse(text)) and may_outdate(arrival, post.switch):
            self._send(self._tell(post))

    @contextmanager
    def _surprises(self) -> Iterator[None]:
        """Survive an error that nobody foresaw, and tell of it once an episode."""
        try:
            yield
        except StoreError:
            raise
        except Exception:
            if self._clock() - self._surprised_at >= _CALM_S:
                log.exception("signals of other replicas may be missed")
            self._surprised_at = self._clock()


def _stop(slug: str, tag: int) -> str:
    return f"stop {slug} {tag}"
