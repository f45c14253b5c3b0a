"""Messages that arrived although nobody told us their ids: looked for between those that we know, and deleted.

If the answer to a send gets lost, the send is repeated, because a possible duplicate is better than a lost
tail. The duplicate most probably stands right below the newest message that was known when it was sent: after a
crash the repetition comes seconds later, and other chats have taken many ids by then. So looks go from both of
these inwards, two from above for each from below; each is an edit, which Telegram refuses for whatever is not
the bot's. What else must be said in the chat does not wait for many looks; the next question in it may.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice

import structlog

from bot.errors import DeliveryError
from bot.replies.journal import Doubt
from bot.replies.ledger import MOST_KEPT
from bot.replies.outbox import Outbox, Sent
from bot.replies.pace import Importance
from bot.replies.refusals import Lost, Postponed
from bot.replies.wire import Frame

log = structlog.get_logger(__name__)

_MOST_LOOKS = 40
"""Other people write in the same chat; in private ones the ids are shared by all, but most others are known."""
_INSISTENT_LOOKS = 5
"""So many are final calls; those after them give way to everything else. As often it is said what is left."""
_LONGEST_S = 45.0
"""After which no more looks begin but the insistent ones."""
_LEAST_WAIT_S = 0.2


@dataclass(slots=True)
class _Loss:
    """What was sent without our hearing of it."""

    frame: Frame | None
    """None: a file, or nobody remembers."""
    times: int | None
    """How many such messages there may be; None: nobody remembers."""


class Search:
    """The sends of one reply, or of one notice; `doubts` are those that an earlier attempt left."""

    def __init__(self, outbox: Outbox, doubts: Iterable[Doubt] = ()) -> None:
        self._outbox = outbox
        self._chat_id = outbox.spot.chat_id
        self._losses = {doubt: _Loss(None, None) for doubt in doubts}
        self._seen: set[int] = set()
        """What was looked at."""
        self._left: tuple[Doubt, ...] = ()
        """What is left to be looked at of the doubt that is being cleared, once that takes long."""

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Where messages may be that nobody told us of."""
        return (*self._losses, *self._left)

    def forget(self) -> None:
        """Look for nothing: in the chat that a group has become, ids count anew."""
        self._chat_id = self._outbox.spot.chat_id
        self._losses.clear()
        self._seen.clear()
        self._left = ()

    async def sent(self, doubt: Doubt, frame: Frame | None, send: Callable[[], Awaitable[Sent]]) -> int:
        """Send, keep in mind what may have arrived besides, and return the id; raises as the sending."""
        try:
            sent = await send()
        except Lost:
            self._lose(doubt, frame, 1)
            raise
        if self._outbox.spot.chat_id != self._chat_id:
            self.forget()
            return sent.message_id
        for above in sent.lost_above:
            self._lose(Doubt(max(doubt.above, above)), frame, 1)
        self._losses = {
            Doubt(one.above, one.below or sent.message_id): loss for one, loss in self._losses.items()
        }
        return sent.message_id

    async def clear(self, when_less: Callable[[], Awaitable[None]] | None = None) -> None:
        """Delete what has arrived without our hearing of it; at once if there is no doubt.

        In a long search it is said now and then that there is less to look at, and who is broken off goes on
        there: an answer that began its search anew each time would not end where processes do not live long.
        """
        deadline = self._outbox.timer.clock() + _LONGEST_S
        while self._losses:
            doubt, loss = self._losses.popitem()
            await self._look(doubt, loss, deadline, when_less)
            self._left = ()

    def _lose(self, doubt: Doubt, frame: Frame | None, times: int) -> None:
        before = self._losses.get(doubt, _Loss(frame, 0)).times
        self._losses[doubt] = _Loss(frame, None if before is None else before + times)

    async def _suspects(self, doubt: Doubt) -> Sequence[int]:
        """Return the ids that a lost message may have, the most probable ones first; none of a known one."""
        above = doubt.above
        if above and doubt.below == above + 1:
            return ()
        known = await self._outbox.known()
        if known is None:
            return ()
        if len(known) >= MOST_KEPT or not above:
            # Below the oldest that is known there may be others of the bot's.
            above = max(above, min(known, default=0))
        if not above:
            return ()
        spared = known | self._seen | await self._outbox.others(above, doubt.below)
        return tuple(
            islice((one for one in _from_both_ends(above, doubt.below) if one not in spared), _MOST_LOOKS)
        )

    async def _look(
        self, doubt: Doubt, loss: _Loss, deadline: float, when_less: Callable[[], Awaitable[None]] | None
    ) -> None:
        is_found = False
        suspects = await self._suspects(doubt)
        for number, message_id in enumerate(suspects):
            if number and number % _INSISTENT_LOOKS == 0:
                if is_found and loss.times is None:
                    return  # nobody remembers how many there are: most probably one
                if when_less:
                    self._left = (_narrowed(doubt, suspects, number),)
                    await when_less()
            importance = Importance.FINAL if number < _INSISTENT_LOOKS else Importance.TYPING
            is_ours = await self._is_ours(message_id, loss.frame, importance, deadline)
            if is_ours is None:
                log.info("lost_message_not_found", looks=number)
                return
            self._seen.add(message_id)
            if is_ours:
                log.info("lost_message_found", message_id=message_id)
                await self._outbox.delete(message_id)
                is_found = True
                loss.times = loss.times and loss.times - 1
            if loss.times == 0 or self._outbox.spot.chat_id != self._chat_id:
                return

    async def _is_ours(
        self, message_id: int, frame: Frame | None, importance: Importance, deadline: float
    ) -> bool | None:
        """Ask until Telegram tells, because what lost the message may go on; None: it does not in time."""
        while importance is Importance.FINAL or await self._is_granted(deadline):
            try:
                return await self._outbox.is_ours(message_id, frame, importance)
            except Postponed as error:
                log.debug("look_postponed", message_id=message_id, error=repr(error))
            except DeliveryError as error:
                log.info("lost_message_not_looked_for", message_id=message_id, error=repr(error))
                return None
        return None

    async def _is_granted(self, deadline: float) -> bool:
        """Wait until the chat can spare a call; False: it cannot in time."""
        timer = self._outbox.timer
        while timer.clock() <= deadline:
            wait_s = await self._outbox.admission(Importance.TYPING)
            if wait_s <= 0:
                return True
            await timer.sleep(min(max(wait_s, _LEAST_WAIT_S), deadline - timer.clock() + _LEAST_WAIT_S))
        return False


def _narrowed(doubt: Doubt, suspects: Sequence[int], looks: int) -> Doubt:
    """Return where to go on after so many looks.

    If not all that lie between the two known messages are suspects, that is right below the upper one: what is
    left of both ends has no room in one doubt, and the whole between them would be no end.
    """
    left = suspects[looks:]
    lowest = max(left)
    if doubt.below is not None and len(suspects) == _MOST_LOOKS:
        lowest = max(one for one in left if one <= (min(left) + lowest) // 2)
    return Doubt(min(left) - 1, lowest + 1)


def _from_both_ends(above: int, below: int | None) -> Iterator[int]:
    """Yield the ids between two messages, two from above for each from below; for ever if the one is new."""
    if below is None:
        yield from count(above + 1)
        return
    low, high = above + 1, below - 1
    while low <= high:
        yield low
        if low < high - 1:
            yield low + 1
        if low < high:
            yield high
        low, high = low + 2, high - 1
