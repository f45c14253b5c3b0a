"""Many people at once: whether all get their answers, how soon, and what that costs the bot's process."""

import statistics
import time

from tests.bench.alone import bare
from tests.bench.model import Story, ideal_s
from tests.bench.process import cpu_s, resident_mib
from tests.bench.screens import first_bubble_s, waits_s
from tests.bench.stage import Stage, staged
from tests.bench.table import Row


async def sixty() -> list[Row]:
    """Let sixty people ask for two hundred tokens, one a piece."""
    chats, tokens = range(1, 61), 200
    async with staged() as stage:
        _, bare_ms = await bare(stage.model_url, tokens, len(chats), 1)
        before_s = cpu_s(stage.pid)
        stage.ask(chats, tokens)
        await stage.finished(chats)
        spent_s = cpu_s(stage.pid) - before_s
        done_s = statistics.quantiles((stage.done_s(chat) for chat in chats), n=20)
        return [
            Row("60 at once: half of them done", done_s[9], ideal_s(tokens), "s", "<= 1.15x"),
            Row("  19 of 20 done", done_s[18], ideal_s(tokens), "s", "<= 1.3x"),
            Row(
                "  calls to Telegram an answer, at most",
                max(map(stage.calls, chats)),
                unit="calls",
                promise="<= 8",
            ),
            Row("  CPU of all; ideal: only reading them", spent_s, bare_ms * len(chats) / 1000, "s", "<= 3 s"),
            Row("  answers that are whole", whole(stage, chats, tokens), len(chats)),
        ]


async def thousand() -> list[Row]:
    """Let a thousand people ask for a thousand tokens, ten a piece."""
    chats, tokens, per_piece = range(1, 1001), 1000, 10
    async with staged() as stage:
        before_s, before_mib, own_s = cpu_s(stage.pid), resident_mib(stage.pid), time.process_time()
        stage.ask(chats, tokens, per_piece)
        most_mib = await stage.finished(chats, 120)
        spent_s, own_s = cpu_s(stage.pid) - before_s, time.process_time() - own_s
        stories = [stage.story_of(chat) for chat in chats]
        pieces = sum(len(story.written_at) for story in stories)
        waited = [wait for story in stories for wait in waits_s(stage.telegram.screens[story.chat_id], story)]
        bubbles = [first_bubble_s(stage.telegram.screens[story.chat_id], story) for story in stories]
        live = most_live(stage, stories)
        return [
            Row("1,000 at once: answers that are whole", whole(stage, chats, tokens), len(chats)),
            Row("  all done", max(stage.done_s(chat) for chat in chats), ideal_s(tokens), "s"),
            Row("  most that were live at the same time", live, len(chats)),
            Row("  calls to Telegram an answer", statistics.mean(map(stage.calls, chats)), unit="calls"),
            Row("  memory a live reply", (most_mib - before_mib) * 1024 / live, unit="KiB"),
            Row("  CPU for 1,000 pieces of ten tokens", spent_s / pieces * 1000, unit="s"),
            Row("  newer text waited for a frame, at most", max(waited), unit="s", promise="<= 3 s"),
            Row("  and 99 of 100 times", statistics.quantiles(waited, n=100)[98], unit="s"),
            Row("  first text waited for a bubble, at most", max(bubbles), unit="s"),
            Row("  CPU of the stand-ins, beside that of the bot", own_s, spent_s, "s"),
        ]


def whole(stage: Stage, chats: range, tokens: int) -> int:
    """Return how many chats show the answer whole, in order, once."""
    return sum(stage.is_whole(chat, tokens) for chat in chats)


def most_live(stage: Stage, stories: list[Story]) -> int:
    """Return how many answers at most were under way at one time."""
    steps = [(story.began_at, 1) for story in stories]
    steps += [(stage.telegram.screens[story.chat_id].done_at or 0.0, -1) for story in stories]
    live = most = 0
    for _, step in sorted(steps):
        live += step
        most = max(most, live)
    return most
