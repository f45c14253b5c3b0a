"""What happens in the world, for whoever watches: the page of `play`, tests.

The world never waits for a watcher: who does not keep up loses the oldest events.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_BACKLOG = 1000


@dataclass(frozen=True, slots=True)
class Event:
    """Something visible happened in a chat.

    Kinds and payloads: `message` and `edited` (the message), `deleted` (`message_id`), `action` (`action`,
    `message_thread_id`), `draft` (`draft_id`, `text` and `entities` or `rich_message`, `can_stop`,
    `is_animated`, `is_stopped`, `message_thread_id`, `ttl_s`), `draft_gone` (`draft_id`, `message_thread_id`),
    `callback_answered` (`callback_query_id`, `text`, `show_alert`), `upgraded` (`migrate_to_chat_id`), `status`
    (the bot's new `status` in the chat), `commands` (chat 0).
    """

    kind: str
    chat_id: int
    payload: dict[str, Any]


class Watch(AsyncIterator[Event]):
    """The events since this was made, without end; `close()` when done."""

    def __init__(self, watches: set["Watch"]) -> None:
        self._queue: asyncio.Queue[Event] = asyncio.Queue(_BACKLOG)
        self._watches = watches
        watches.add(self)

    def offer(self, event: Event) -> None:
        """Add an event, in place of the oldest one if there are too many."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(event)

    async def __anext__(self) -> Event:
        try:
            return await self._queue.get()
        except asyncio.CancelledError:
            self.close()
            raise

    def close(self) -> None:
        """Stop watching."""
        with suppress(KeyError):
            self._watches.remove(self)


class Broadcast:
    """Hands every event to every watcher."""

    def __init__(self) -> None:
        self._watches: set[Watch] = set()

    def watch(self) -> Watch:
        """Begin to watch."""
        return Watch(self._watches)

    def publish(self, kind: str, chat_id: int, payload: dict[str, Any]) -> None:
        """Tell everyone; costs nothing when nobody watches."""
        if self._watches:
            event = Event(kind, chat_id, payload)
            for watch in self._watches:
                watch.offer(event)
