"""What Prometheus scrapes: counts of this process, and what waits in Redis for all of them.

Labels are few and known beforehand (states, outcomes, models): never a chat, a person or a text, which would
grow without bound and tell strangers who talks to the bot. Counters are of one process, to be summed over
replicas; what waits is the same whichever replica is asked.
Source: https://prometheus.io/docs/practices/naming/
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.errors import StoreError
from bot.types import Happening, TurnTrace
from bot.updates.backlog import Backlog

log = structlog.get_logger(__name__)

_PATIENCE_S = 2.0
"""With Redis during a scrape; Prometheus itself gives up after ten seconds."""
_FIRST_TEXT_S = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13, 20, 30, 60, 120, 180)
_IN_LINE_S = (0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 180, 300)
_DONE_S = (0.5, 1, 2, 3, 5, 8, 13, 20, 30, 45, 60, 120, 300, 600)
_LATE_S = (5, 10, 30, 60, 120, 300, 600, 1800, 3600, 3 * 3600, 12 * 3600, 24 * 3600, 72 * 3600)
_UPDATES = (
    Happening.RECEIVED,
    Happening.KEPT,
    Happening.KNOWN,
    Happening.REFUSED,
    Happening.DONE,
    Happening.REPLACED,
    Happening.DEAD,
    Happening.HANDED_BACK,
)
_FRAMES = (Happening.FRAME_GRANTED, Happening.FRAME_POSTPONED)


class Metrics:
    """A meter and a witness whose notes can be scraped; a turn costs it a few microseconds."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._waiting = _Waiting()
        registry.register(self._waiting)
        updates = Counter("govorun_updates", "Updates by what became of them.", ["state"], registry=registry)
        frames = Counter(
            "govorun_frames",
            "Calls for frames of growing answers: granted, or postponed until newer text overtakes them.",
            ["outcome"],
            registry=registry,
        )
        self._counters = {
            **{state: updates.labels(state.value) for state in _UPDATES},
            **{outcome: frames.labels(outcome.value) for outcome in _FRAMES},
            Happening.TAKEN_OVER: Counter(
                "govorun_takeovers", "Claims taken from workers without a sign of life.", registry=registry
            ),
            Happening.UNDELIVERED: Counter(
                "govorun_undelivered",
                "Updates whose answer is not shown: the chat is gone, or Telegram refuses it.",
                registry=registry,
            ),
            Happening.FLOODED: Counter(
                "govorun_flood_waits", "Answers 429 of Telegram, each asking for silence.", registry=registry
            ),
        }
        self._replies = Counter(
            "govorun_replies",
            "Answers by outcome: how they ended, or which error.",
            ["outcome"],
            registry=registry,
        )
        self._tokens = Counter(
            "govorun_tokens", "Tokens as the service counted them.", ["kind", "model"], registry=registry
        )
        self._registry = registry
        self._first_text = self._seconds(
            "first_text", "From the start of a turn to the model's first text.", _FIRST_TEXT_S
        )
        self._done = self._seconds("done", "From the start of a turn to the last edit of its answer.", _DONE_S)
        self._late = self._seconds(
            "late", "From a question whose answer was ordered to the delivery of that answer.", _LATE_S
        )
        self._in_line = self._seconds(
            "in_line", "From a question to its seat among the concurrent generations.", _IN_LINE_S
        )

    def _seconds(self, name: str, meaning: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(f"govorun_{name}_seconds", meaning, buckets=buckets, registry=self._registry)

    def count(self, happening: Happening, times: int = 1) -> None:
        """Count; see `bot.ports.Meter`."""
        self._counters[happening].inc(times)

    def seated(self, waited_s: float) -> None:
        """Count a question that has got its seat at the model service."""
        self._in_line.observe(waited_s)

    def watch(self, name: str, meaning: str, look: Callable[[], float]) -> None:
        """Look at something of this process whenever it is scraped; looking must neither wait nor raise."""
        Gauge(f"govorun_{name}", meaning, registry=self._registry).set_function(look)

    def turn_ended(self, trace: TurnTrace) -> None:
        """Count a turn; see `bot.ports.Witness`."""
        self._replies.labels(trace.outcome).inc()
        (self._late if trace.is_late else self._done).observe(trace.total_s)
        if trace.first_text_s is not None:
            self._first_text.observe(trace.first_text_s)
        if trace.usage is not None:
            model = trace.model or trace.ask.model.name
            self._tokens.labels("input", model).inc(trace.usage.input_tokens)
            self._tokens.labels("completion", model).inc(trace.usage.completion_tokens)

    def render(self, backlog: Backlog | None) -> bytes:
        """Return everything as Prometheus reads it; without a backlog, Redis is told to be away."""
        self._waiting.backlog = backlog
        return generate_latest(self._registry)

    async def scraped(self, look: Callable[[], Awaitable[Backlog]]) -> bytes:
        """Ask what waits, for two seconds at most, and return everything."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                backlog = await look()
        except (StoreError, TimeoutError) as error:
            log.debug("scraped without redis", error=repr(error))
            return self.render(None)
        return self.render(backlog)


class _Waiting(Collector):
    """What waits, as it was seen last: a figure that is not known is not told."""

    def __init__(self) -> None:
        self.backlog: Backlog | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        yield _gauge("redis_up", "Whether Redis answered this scrape.", float(self.backlog is not None))
        if (backlog := self.backlog) is None:
            return
        yield _gauge("updates_waiting", "Updates kept and not done yet.", backlog.updates)
        yield _gauge("dead_letters", "Updates that could not be handled.", backlog.dead_letters)
        yield _gauge("late_answers_pending", "Answers ordered and not delivered yet.", backlog.orders)
        conversations = GaugeMetricFamily(
            "govorun_conversations", "Conversations with waiting updates.", labels=["state"]
        )
        conversations.add_metric(["waiting"], backlog.waiting_conversations)
        conversations.add_metric(["claimed"], backlog.claimed_conversations)
        yield conversations
        yield _gauge(
            "oldest_waiting_seconds",
            "How long the conversation that waits longest has waited for a worker.",
            backlog.oldest_waiting_s,
        )
        yield _gauge(
            "oldest_claimed_seconds",
            "How long ago the update that is handled longest was announced.",
            backlog.oldest_claimed_s,
        )


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"govorun_{name}", meaning, value=value)
