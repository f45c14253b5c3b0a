"""The ideal to measure against: a loop that only reads the model's stream, one answer after another.

Run as `python -m tests.bench.bare URL KEY FOLDER QUESTION COUNT`; prints two processor times in ms: of its own
start, and of one answer.
"""

import asyncio
import json
import sys
import time

import httpx


async def read(url: str, key: str, folder: str, question: str, count: int) -> float:
    """Read the stream `count` times; return the processor time of one, in seconds."""
    body = {
        "modelUri": f"gpt://{folder}/yandexgpt/latest",
        "completionOptions": {"stream": True},
        "messages": [{"role": "user", "text": question}],
    }
    async with httpx.AsyncClient(timeout=60, headers={"Authorization": f"Api-Key {key}"}) as client:
        began_s = time.process_time()
        for _ in range(count):
            async with client.stream("POST", f"{url}/foundationModels/v1/completion", json=body) as response:
                async for line in response.aiter_lines():
                    json.loads(line)
        return (time.process_time() - began_s) / count


if __name__ == "__main__":
    start_ms = time.process_time() * 1000
    address, secret, folder_id, asked, times = sys.argv[1:]
    answer_ms = asyncio.run(read(address, secret, folder_id, asked, int(times))) * 1000
    print(start_ms, answer_ms)
