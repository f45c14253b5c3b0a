"""The ideal to measure against: a loop that only reads the model's stream, some answers at a time.

Run as `python -m tests.bench.bare URL TOKENS TOGETHER ROUNDS`; prints two processor times in ms: of its own
start, and of one answer.
"""

import asyncio
import json
import sys
import time

import httpx

from tests.bench.model import wish


async def read(client: httpx.AsyncClient, url: str, tokens: int) -> None:
    """Read one stream."""
    body = {"messages": [{"role": "user", "text": wish(tokens, 1, 0)}]}
    async with client.stream("POST", f"{url}/foundationModels/v1/completion", json=body) as response:
        async for line in response.aiter_lines():
            json.loads(line)


async def cost(url: str, tokens: int, together: int, rounds: int) -> float:
    """Return the processor time of one answer, in seconds."""
    async with httpx.AsyncClient(timeout=60) as client:
        began_s = time.process_time()
        for _ in range(rounds):
            await asyncio.gather(*(read(client, url, tokens) for _ in range(together)))
        return (time.process_time() - began_s) / together / rounds


if __name__ == "__main__":
    start_ms = time.process_time() * 1000
    address, *numbers = sys.argv[1:]
    answer_ms = asyncio.run(cost(address, *map(int, numbers))) * 1000
    print(start_ms, answer_ms)
