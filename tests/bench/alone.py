"""What one reply and a start cost the bot's own process, beside a loop that only reads."""

import asyncio
import sys
import time

from tests.bench.process import ROOT, cpu_s, peak_mib
from tests.bench.stage import staged
from tests.bench.table import Row

TOKENS, REPLIES, CHAT = 200, 5, 1


async def rows() -> list[Row]:
    """Measure replies one after another."""
    began_s = time.perf_counter()
    async with staged() as stage:
        start_s, start_cpu_s = stage.started_at - began_s, stage.start_cpu_s
        bare_start_ms, bare_ms = await bare(stage.model_url, TOKENS, 1, REPLIES)
        before_s, calls = cpu_s(stage.pid), 0
        for _ in range(REPLIES):
            stage.ask([CHAT], TOKENS)
            await stage.finished([CHAT])
            calls += stage.calls(CHAT)
            await asyncio.sleep(0.3)
        reply_ms = (cpu_s(stage.pid) - before_s) / REPLIES * 1000
        return [
            Row(f"one reply of {TOKENS} tokens: CPU; ideal: only reading it", reply_ms, bare_ms, "ms"),
            Row("  calls to Telegram", calls / REPLIES, unit="calls", promise="<= 8"),
            Row("start: CPU; ideal: a start of Python and httpx", start_cpu_s * 1000, bare_start_ms, "ms"),
            Row("  time to the first poll, with a Redis of its own", start_s, unit="s"),
            Row("  peak memory, without Redis", peak_mib(stage.pid), unit="MiB"),
        ]


async def bare(url: str, tokens: int, together: int, rounds: int) -> tuple[float, float]:
    """Return the processor time in ms of a bare loop's start, and of one answer."""
    numbers = map(str, (tokens, together, rounds))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.bare", url, *numbers, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    start_ms, answer_ms = map(float, printed.split())
    return start_ms, answer_ms
