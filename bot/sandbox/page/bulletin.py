"""What happens, told at once to every open page.

Each page has a queue of its own. A page that has stopped reading is let go instead of filling the memory: its
browser connects again and begins with a fresh state.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

QUEUE_SIZE = 2000


class Bulletin:
    """Passes news on to all listeners; nothing is kept for those who come later."""

    def __init__(self, *, queue_size: int = QUEUE_SIZE) -> None:
        self._queue_size = queue_size
        self._queues: set[asyncio.Queue[str | None]] = set()

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[str | None]]:
        """Give a queue of news, each a line of JSON; None means that there will be no more."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(self._queue_size)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    def publish(self, kind: str, **news: Any) -> None:
        """Tell everyone; the news is written down at once, so it may change afterwards."""
        line = json.dumps({"kind": kind, **news}, ensure_ascii=False, default=str)
        for queue in tuple(self._queues):
            if queue.full():
                self._dismiss(queue)
            else:
                queue.put_nowait(line)

    def close(self) -> None:
        """Send every listener away."""
        for queue in tuple(self._queues):
            self._dismiss(queue)

    def _dismiss(self, queue: asyncio.Queue[str | None]) -> None:
        self._queues.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
