"""The queue of updates: numbered, filtered when they are created, kept until they are confirmed or too old."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

DAY_S = 24 * 60 * 60
QUERY_S = 150
"""How long a callback query waits. Source: tdlib/telegram-bot-api."""

KINDS = frozenset(
    {
        "message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
        "business_message", "edited_business_message", "deleted_business_messages", "message_reaction",
        "message_reaction_count", "inline_query", "chosen_inline_result", "callback_query", "shipping_query",
        "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member",
        "chat_join_request", "chat_boost", "removed_chat_boost", "guest_message", "managed_bot", "subscription",
        "stopped_message_generation",
    }
)  # fmt: skip
BY_DEFAULT = KINDS - {"chat_member", "message_reaction", "message_reaction_count"}

_FIRST_ID = 100_000_001
_CALLBACK_LANE = 3 << 33


@dataclass(frozen=True, slots=True)
class Queued:
    """An update that waits; those of one lane are delivered to a webhook one after the other."""

    update_id: int
    update: dict[str, Any]
    expires_at: float
    lane: int


def callback_lane(user_id: int) -> int:
    """The lane of a person's callback queries, which do not wait for the messages of their chat."""
    return user_id + _CALLBACK_LANE


class UpdateQueue:
    """What the bot has not yet heard or confirmed, oldest first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._queue: deque[Queued] = deque()
        self._listeners: set[Callable[[], None]] = set()
        self.allowed = BY_DEFAULT
        self.next_id = _FIRST_ID

    def __len__(self) -> int:
        return len(self._queue)

    def __reversed__(self) -> Iterator[Queued]:
        return reversed(self._queue)

    @property
    def is_choosy(self) -> bool:
        """Whether the bot has said which kinds it wants."""
        return self.allowed != BY_DEFAULT

    def put(self, kind: str, payload: dict[str, Any], *, lane: int, lifetime_s: float = DAY_S) -> int | None:
        """Add an update and return its number; None if the bot does not want its kind."""
        if kind not in self.allowed:
            return None
        update_id = self.next_id
        self.next_id += 1
        update = {"update_id": update_id, kind: payload}
        self._queue.append(Queued(update_id, update, self._clock() + lifetime_s, lane))
        for listener in tuple(self._listeners):
            listener()
        return update_id

    def allow(self, kinds: Any) -> None:
        """Keep to these kinds from now on; an empty list: the usual ones; None: as before."""
        if isinstance(kinds, list):
            self.allowed = (KINDS & {str(kind).lower() for kind in kinds}) or BY_DEFAULT

    def confirm(self, offset: int) -> None:
        """Forget updates as `getUpdates` does: below a positive offset, or all but the last of a negative one.

        An offset that lies in the future means nothing.
        """
        if offset < 0:
            offset = self._queue[offset].update_id if -offset <= len(self._queue) else 0
        if offset > self.next_id:
            return
        while self._queue and self._queue[0].update_id < offset:
            self._queue.popleft()

    def remove(self, queued: Queued) -> None:
        """Forget one update that a webhook took."""
        self._queue.remove(queued)

    def clear(self) -> None:
        """Forget all of them."""
        self._queue.clear()

    def oldest(self, limit: int) -> list[dict[str, Any]]:
        """Return the first updates that are not too old."""
        self._expire()
        now = self._clock()
        return list(islice((queued.update for queued in self._queue if queued.expires_at > now), limit))

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener at every new update; returns what stops that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def _expire(self) -> None:
        now = self._clock()
        while self._queue and self._queue[0].expires_at <= now:
            self._queue.popleft()
