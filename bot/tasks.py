"""How tasks are ended: a cancellation can get lost, so it is repeated."""

import asyncio
from typing import Any


async def put_down(*tasks: "asyncio.Task[Any] | None", again_after_s: float = 1.0) -> None:
    """Cancel tasks and return when all have ended, however they ended.

    Python 3.11's `wait_for`, in which redis-py writes, swallows a cancellation that comes just when the writing
    is done; the task would then go on for ever. A task that cleans up for longer than `again_after_s` is
    interrupted in that too. Source: https://github.com/python/cpython/issues/86296
    """
    left = {task for task in tasks if task is not None and not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=again_after_s)
