"""Many people at once: whether all get their answers, how soon, and what that costs the bot's process."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path

from redis.asyncio import Redis

from bot.backends.seats import Seats
from bot.backends.ticket import Ticket
from bot.embedded import EmbeddedRedis
from bot.sandbox.models.twin import ModelsTwin
from bot.sandbox.telegram.world import Account, Chat
from tests.bench.alone import bare
from tests.bench.model import Story, ideal_s
from tests.bench.process import cpu_s, resident_mib
from tests.bench.screens import first_bubble_s, waits_s
from tests.bench.stage import Stage, staged
from tests.bench.table import Row
from tests.tools.house import ANNA, KEY, House
from tests.tools.street import a_street

_IN_LINE, _PLACES, _HAND_OVERS = range(101, 131), 10, 20


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


async def in_line() -> list[Row]:
    """Let thirty people ask two copies of the bot at once, where the service writes ten answers at a time."""
    twin = ModelsTwin(api_key=KEY, folder_id="folder", first_token_s=0.3, token_s=0.02)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = await stack.enter_async_context(EmbeddedRedis(folder))
        street = await stack.enter_async_context(a_street(redis.url, twin))
        for user_id in _IN_LINE:
            street.house.world.add_person(Account(user_id, f"N{user_id}", "en"))
            street.house.world.add_chat(Chat(user_id, "private", members={user_id}))
        for _ in range(2):
            await stack.enter_async_context(street.replica())
        await street.house.until(lambda: street.telegram.polls)
        one_s = await asked_s(street.house, [ANNA])
        all_s = await asked_s(street.house, _IN_LINE)
        rounds = len(_IN_LINE) / _PLACES
        return [
            Row("30 people, 10 places, two copies: all done", all_s, rounds * one_s, "s", "<= 1.2x"),
            Row("  most answers open at once", twin.most_open_requests, _PLACES, promise="never more"),
            Row("  refusals by the service", twin.refused_by_quota.total(), promise="none"),
            *await handed_over(redis.url),
        ]


async def asked_s(house: House, people: Iterable[int]) -> float:
    """Let people ask at once; return how long it takes until the last answer is there."""
    asked, before, began_at = list(people), len(house.notebook.traces), time.perf_counter()
    for user_id in asked:
        house.world.say(user_id, user_id, "200 words")
    await house.until(lambda: len(house.notebook.traces) == before + len(asked), 120)
    return time.perf_counter() - began_at


async def handed_over(url: str) -> list[Row]:
    """Let two copies hand one seat over, among themselves and to each other."""
    async with (
        Redis.from_url(url, decode_responses=True) as redis,
        Seats(redis, 1, 1) as one,
        Seats(redis, 1, 1) as other,
    ):
        here_ms = [await hand_over_ms(one, one) for _ in range(_HAND_OVERS)]
        there_ms = [await hand_over_ms(one, other) for _ in range(_HAND_OVERS)]
        return [
            Row("  a seat handed over in one copy (median)", statistics.median(here_ms), unit="ms"),
            Row("  to another copy (median)", statistics.median(there_ms), unit="ms"),
            Row("  at most", max(there_ms), unit="ms", promise="~ 100"),
        ]


async def hand_over_ms(giver: Seats, taker: Seats) -> float:
    """Return how long a seat is nobody's between two questions."""
    holder = giver.ask(1)
    await seated(holder)
    waiter = taker.ask(2)
    await asyncio.sleep(0.25)
    began_s = time.perf_counter()
    giver.leave(holder)
    await seated(waiter)
    took_s = time.perf_counter() - began_s
    taker.leave(waiter)
    return took_s * 1000


async def seated(ticket: Ticket) -> None:
    """Wait for the seat."""
    while not await ticket.seated():
        pass


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
