"""`make bench`: one table of what live replies cost and how soon they are seen, beside the ideal.

The bot runs as in production, as a process of its own; the stand-ins of Telegram and of the model run here, so
that their work is not counted. The ideal of processor time is a loop that only reads (`tests/bench/bare.py`).
"""

import asyncio
import logging

import structlog

from tests.bench import alone, archive, crowd, durability, frames, manners, posts, quotas, reading
from tests.bench.table import HEAD

_MEASURES = (
    reading.rows,
    alone.rows,
    crowd.sixty,
    manners.rows,
    quotas.rows,
    crowd.thousand,
    posts.rows,
    archive.rows,
    durability.rows,
)


async def main() -> None:
    """Print every row as soon as it is measured, and nothing of what bots in this process log."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(HEAD)
    for row in frames.rows():
        print(row, flush=True)
    for measure in _MEASURES:
        for row in await measure():
            print(row, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
