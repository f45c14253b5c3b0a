"""The worker: takes claims from the inbox, handles each conversation's updates in order, shows signs of life.

A crash at any moment leaves the update in Redis and its claim unrenewed; any worker that is sure of it takes it
up. An update that fails again and again ends among the dead letters, with an apology to the person, because one
poisoned update must not silence its conversation for ever.
"""

import asyncio
import functools
import math
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import structlog

from bot.errors import DeliveryTimeout, StoreError
from bot.ports import Meter, Uncounted
from bot.tasks import put_down
from bot.types import Happening
from bot.updates.inbox import Claim, RedisInbox, Silence
from bot.updates.vigil import guarded, in_time, stay_alive

log = structlog.get_logger(__name__)

Handler = Callable[[Sequence[str]], Awaitable[None]]
"""Handles an update, or several as one, given as JSON; an exception means that they were not handled."""
Chooser = Callable[[Claim], Awaitable[Claim | None]]
"""Settles what of the updates that wait is handled as one; None: the claim was lost meanwhile."""

_HELD: ContextVar[Claim | None] = ContextVar("held", default=None)
"""What the task is there for that runs; tasks it begins inherit it."""
_CONTROL_CONCURRENCY = 1000
_UPDATE_ID = re.compile(r'"update_id":(\d+)')
_BATCH = 8
"""How many updates are begun at one go: a beginning is dear, and answers that grow have to wait for it."""
_LOOK_S, _LONGEST_WAY_S = 0.01, 5.0
"""Between two such beginnings if others run, and if there is more to be done than can be."""
_LONGEST_REST_S = 30.0
"""Between two attempts to deliver what Telegram does not take now."""
_SUSPICIONS = 4
"""How often a worker has to look dead, over a quarter of a lease, before its claims are taken over."""
_CLEANUP_S = 5.0
"""How long a reply that is broken off may wait for its call in flight."""


async def the_first(claim: Claim) -> Claim:
    """Choose each update alone."""
    return replace(claim, updates=claim.updates[:1])


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker does with updates."""

    handle: Handler
    apologise: Handler
    """For updates that cannot be handled."""
    choose: Chooser = the_first


@dataclass(frozen=True, slots=True)
class Terms:
    """How a worker works."""

    concurrency: int = 1000
    lease_s: float = 8
    """After so long without a sign of life others take over; much sooner, if the process is gone."""
    attempts: int = 5
    """Of one process, before an update that fails is buried."""
    deaths: int = 20
    """Of processes that held one update alone, before it is taken for the cause; see `scripts.JUDGE`."""
    trial_s: float = 2
    """How long nothing that may end processes is begun after something was taken over."""
    stop_timeout_s: float = 20
    pause_s: float = 0.5
    """Before an update is tried again, growing with every attempt, and before Redis is."""
    wait_ms: int = 500
    """How long to wait in Redis for something to do; a stop takes notice after it."""


class Worker:
    """Works the inbox off until it is told to stop; then lets what runs finish, and hands back the rest."""

    def __init__(
        self,
        inbox: RedisInbox,
        job: Job,
        terms: Terms,
        *,
        strain: Callable[[], float] = lambda: 0.0,
        meter: Meter | None = None,
    ) -> None:
        self._inbox = inbox
        self._strain = strain
        self._meter = meter or Uncounted()
        self._job = job
        self._terms = terms
        self._silence = Silence(round(terms.lease_s * 1000), gone_ms=round(terms.lease_s * 1000 / 4))
        self._places = {inbox.ready: terms.concurrency, inbox.control: _CONTROL_CONCURRENCY}
        self._taken: Counter[str] = Counter()
        self._running: dict[Claim, asyncio.Task[None]] = {}
        self._ending: set[Claim] = set()
        """Those of them that are told to the inbox as done, which may forget them before we hear of it."""
        self._lost: set[Claim] = set()
        """Those of them that somebody else has by now, and that have not noticed yet."""
        self._heard_at = self._asked_at = time.monotonic()
        """When Redis took a sign of life, and when it was last asked in between."""
        self._inherited_at = -math.inf
        """When something was last taken over."""
        self._asking: asyncio.Task[bool] | None = None
        self._stopping = asyncio.Event()

    @property
    def running(self) -> int:
        """How many updates are being handled."""
        return len(self._running)

    def stop(self) -> None:
        """Take nothing more; `run` returns when what runs has finished, or when its time is up."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until `stop`; survives Redis being away. If a part of the worker breaks, all of it ends."""
        alive = asyncio.create_task(
            stay_alive(self._renew, lease_s=self._terms.lease_s, pause_s=self._terms.pause_s)
        )
        takers = [asyncio.create_task(self._take_from(stream)) for stream in self._places]
        heir = asyncio.create_task(self._inherit())
        try:
            await asyncio.wait([alive, heir, *takers], return_when=asyncio.FIRST_COMPLETED)
            self.stop()
            await asyncio.gather(heir, *takers)
            if alive.done():
                alive.result()
            await self._finish()
        except asyncio.CancelledError:
            await put_down(heir, *takers)
            await self._give_back()
            raise
        finally:
            await put_down(alive, heir, *takers, *self._running.values(), again_after_s=_CLEANUP_S)

    async def _finish(self) -> None:
        if self._running:
            log.info("finishing", updates=self.running, timeout_s=self._terms.stop_timeout_s)
            await asyncio.wait(self._running.values(), timeout=self._terms.stop_timeout_s)
        await self._give_back()

    async def _give_back(self) -> None:
        """Break off what runs, and let others have it at once."""
        left = dict(self._running)
        await put_down(*left.values(), again_after_s=_CLEANUP_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLEANUP_S):
                for claim in left:
                    log.warning("handed back", **_named(claim))
                    await guarded(self._release(claim))

    async def _take_from(self, stream: str) -> None:
        while not self._stopping.is_set():
            if self._free(stream) <= 0:
                await asyncio.wait(
                    self._running.values(),
                    timeout=self._terms.wait_ms / 1000,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                continue
            count = min(self._free(stream), _BATCH)
            if not await guarded(self._take(stream, count)):
                await asyncio.sleep(self._terms.pause_s)
            if stream == self._inbox.ready:
                await self._give_way()

    async def _take(self, stream: str, count: int) -> None:
        self._begin_all(await self._inbox.claim(stream, count, wait_ms=self._terms.wait_ms))

    async def _give_way(self) -> None:
        """Let answers that grow go first while this process is strained; those not begun are late by less.

        The pause grows faster than the strain, because what is begun now strains most when its text has grown.
        """
        pause_s, degree = _LOOK_S if len(self._running) > _BATCH else 0.0, self._strain()
        await asyncio.sleep(pause_s + degree / (1 + 1 / _LONGEST_WAY_S - degree))

    async def _renew(self) -> None:
        began_at = time.monotonic()
        for claim in await self._inbox.renew(list(self._running)):
            if (task := self._running.get(claim)) and claim not in self._ending:
                log.warning("claim lost", **_named(claim))
                self._lost.add(claim)
                task.cancel()
        self._heard_at = began_at

    async def confirm(self) -> None:
        """See that what the task holds that runs is still ours, before it says anything to anybody.

        A process that stood still for longer than a lease goes on in the middle of an answer that somebody else
        has finished meanwhile. It costs nothing as long as signs of life are heard. While Redis is away nobody
        knows, and the answer goes on.

        Raises:
            CancelledError: it is somebody else's.
        """
        claim = _HELD.get()
        if claim is not None and time.monotonic() - self._heard_at > self._terms.lease_s / 2:
            await self._ask()
        if claim in self._lost:
            raise asyncio.CancelledError

    async def _ask(self) -> None:
        """Show a sign of life now and wait for its answer, but not for long, nor again soon if none comes.

        Many who want to know ask once.
        """
        now, lease_s = time.monotonic(), self._terms.lease_s
        if self._asking is None or now - self._asked_at > lease_s / 2:
            self._asked_at = now
            self._asking = asyncio.create_task(guarded(in_time(self._renew(), lease_s / 8)))
        await asyncio.shield(self._asking)

    async def _inherit(self) -> None:
        """Take over what is stale, again and again; apart from the signs of life, which must not wait.

        After Redis was away or stood still for longer than a lease, the claims of everybody look stale. So
        nothing is taken from anybody before it looked so for as long as those who live need to show it.
        """
        every_s = self._terms.lease_s / 4 / _SUSPICIONS
        suspicions: dict[str, Counter[str]] = {stream: Counter() for stream in self._places}
        while not self._stopping.is_set():
            for stream in self._places:
                began_s = time.monotonic()
                is_seen = await guarded(self._look_at(stream, suspicions[stream]))
                if not is_seen or time.monotonic() - began_s > self._terms.lease_s / 4:
                    suspicions[stream].clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), every_s)

    async def _look_at(self, stream: str, suspicions: Counter[str]) -> None:
        stale = await self._inbox.stale(stream, self._silence)
        for cleared in suspicions.keys() - stale:
            del suspicions[cleared]
        suspicions.update(stale)
        if dead := [holder for holder in stale if suspicions[holder] > _SUSPICIONS]:
            await self._inbox.judge(stream, dead, self._silence)
            await self._take_over(stream, dead)

    async def _take_over(self, stream: str, holders: Collection[str]) -> None:
        """Take over all that is stale: a process that died may have held a thousand claims.

        What may end workers waits for a while after whatever was begun here, and is begun bit by bit.
        """
        while (count := min(self._free(stream), _BATCH)) > 0 and not self._stopping.is_set():
            running = self._entries()  # what ends meanwhile is over, and not abandoned
            trial = count if time.monotonic() > self._inherited_at + self._terms.trial_s else 0
            claims = await self._inbox.take_over(stream, count, holders, self._silence, trial)
            if not claims:
                return
            self._inherited_at = time.monotonic()
            self._begin_all(claims, besides=running)
            await self._give_way()

    def _entries(self) -> set[tuple[str, str]]:
        return {(claim.stream, claim.entry) for claim in self._running}

    def _free(self, stream: str) -> int:
        return self._places[stream] - self._taken[stream]

    def _begin_all(self, claims: Sequence[Claim], *, besides: Collection[tuple[str, str]] = ()) -> None:
        """Begin what was claimed, save what runs here already: late signs of life make it look abandoned."""
        running = self._entries().union(besides)
        for claim in claims:
            if (claim.stream, claim.entry) in running:
                continue
            if claim.deliveries > 1:
                self._meter.count(Happening.TAKEN_OVER)
                told = {"deliveries": claim.deliveries, "blame": claim.blame, "is_suspect": claim.is_suspect}
                log.warning("taken over", **_named(claim), **told)
            task = asyncio.create_task(self._work(claim), name=f"update {claim.slug} {claim.entry}")
            self._running[claim] = task
            self._taken[claim.stream] += 1
            task.add_done_callback(functools.partial(self._end, claim))

    def _end(self, claim: Claim, _task: asyncio.Task[None]) -> None:
        self._taken[claim.stream] -= 1
        del self._running[claim]
        self._lost.discard(claim)
        self._ending.discard(claim)

    async def _work(self, claim: Claim) -> None:
        """Handle one claim to its end, and tell the inbox until it listens."""
        _HELD.set(claim)
        with structlog.contextvars.bound_contextvars(**_named(claim)):
            try:
                chosen = await self._chosen(claim)
                if chosen is None:
                    log.warning("claim lost before it was handled")
                    return
                with structlog.contextvars.bound_contextvars(**_named(chosen)):
                    end = functools.partial(self._settle, chosen, await self._why_dead(chosen))
            except StoreError as error:
                log.debug("redis is away", error=str(error))
                end = functools.partial(self._hand_back, claim, self._terms.pause_s)
            except DeliveryTimeout as error:
                log.debug("delivery put off", error=str(error), retry_after_s=error.retry_after_s)
                pause_s = min(_LONGEST_REST_S, max(self._terms.pause_s, error.retry_after_s))
                end = functools.partial(self._hand_back, claim, pause_s)
            self._ending.add(claim)
            await self._insist(end)

    async def _chosen(self, claim: Claim) -> Claim | None:
        """Return what is handled as one: the head alone, if that cannot be told."""
        if not (claim.slug and claim.update) or claim.is_taken:
            return claim
        if claim.blame >= self._terms.deaths:
            return await the_first(claim)  # perhaps they died of telling
        try:
            return await self._job.choose(claim)
        except StoreError:
            raise
        except Exception:  # whatever it is, it must not silence the conversation for ever
            log.exception("what is handled as one cannot be told")
            return await the_first(claim)

    async def _insist(self, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            if await guarded(step()):
                return
            await asyncio.sleep(self._terms.pause_s)

    async def _settle(self, claim: Claim, why_dead: str) -> None:
        if await self._inbox.done(claim, why_dead=why_dead):
            self._meter.count(Happening.DEAD if why_dead else Happening.DONE, len(claim.updates))
        else:
            log.warning("somebody else has taken this over")

    async def _hand_back(self, claim: Claim, pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        await self._release(claim)

    async def _release(self, claim: Claim) -> None:
        await self._inbox.release(claim)
        self._meter.count(Happening.HANDED_BACK)

    async def _why_dead(self, claim: Claim) -> str:
        """Try until it works; return an empty string, or why it never did."""
        if not claim.update:
            return ""
        if claim.blame >= self._terms.deaths:
            why = "the bot died each time it handled this"
        else:
            why = await self._tried(claim)
        if why:
            await self._bury(claim, why)
        return why

    async def _tried(self, claim: Claim) -> str:
        why = ""
        for attempt in range(1, self._terms.attempts + 1):
            try:
                await self._job.handle(claim.updates)
            except (StoreError, DeliveryTimeout):
                raise
            except Exception as error:  # whatever it is, it must not silence the conversation for ever
                log.exception("update failed", attempt=attempt)
                why = f"{type(error).__name__}: {error}"
                await asyncio.sleep(self._terms.pause_s * attempt)
            else:
                return ""
        return why

    async def _bury(self, claim: Claim, why: str) -> None:
        log.error("update buried", why=why)
        try:
            await self._job.apologise(claim.updates)
        except (StoreError, DeliveryTimeout):
            raise
        except Exception:
            log.exception("apology failed")


def _named(claim: Claim) -> dict[str, Any]:
    """Return what the log is told of a claim: its first update, and all if several are handled as one."""
    named: dict[str, Any] = {"conversation": claim.slug, "update_id": _update_id(claim.update)}
    if claim.is_taken and len(claim.updates) > 1:
        named["update_ids"] = [*map(_update_id, claim.updates)]
    return named


def _update_id(update: str) -> int | None:
    found = _UPDATE_ID.search(update)
    return int(found[1]) if found else None
