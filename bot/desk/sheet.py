"""The inbox on paper: aligned, narrow, the answer first, because it is read at night."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.desk.desk import Letter, Queue, Sight

_LONGEST_WHY = 80
_SILENT_S = 5.0
"""A worker that is well shows a sign of life more often."""
_MANY = 5
"""Attempts that make one wonder."""
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def as_text(sight: Sight) -> str:
    """Return what waits, then what died."""
    return "\n".join((*_waiting(sight), "", *_dead(sight)))


def as_json(sight: Sight) -> str:
    """Return the same for machines: ages in seconds, times in Unix seconds."""
    backlog = sight.backlog
    document = {
        "updates": backlog.updates,
        "conversations": backlog.waiting_conversations + backlog.claimed_conversations,
        "dead_letters": backlog.dead_letters,
        "waiting": [_queue_facts(queue) for queue in sight.queues],
        "dead": [_letter_facts(letter) for letter in sight.letters],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _queue_facts(queue: Queue) -> dict[str, Any]:
    return {
        "conversation": queue.conversation,
        "updates": queue.updates,
        "age_s": queue.age_s,
        "update_id": queue.update_id,
        "holder": queue.holder or None,
        "silent_s": queue.silent_s if queue.holder else None,
        "deliveries": queue.deliveries,
    }


def _letter_facts(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.entry,
        "died_at": letter.died_at,
        "conversation": letter.conversation,
        "update_id": letter.update_id,
        "why": letter.why,
    }


def _waiting(sight: Sight) -> Iterator[str]:
    backlog = sight.backlog
    waiting, claimed = backlog.waiting_conversations, backlog.claimed_conversations
    if not backlog.updates and not waiting + claimed:
        yield "Nothing waits."
        return
    yield (
        f"Waiting: {_counted(backlog.updates, 'update')}, {_counted(waiting + claimed, 'conversation')}, "
        f"{claimed} of them in the hands of workers."
    )
    if sight.queues:
        head = ("CONVERSATION", "UPDATES", "AGE", "OLDEST UPDATE", "HELD BY")
        yield ""
        yield from _table([head, *map(_queue_row, sight.queues)])
        yield from _rest(waiting + claimed - len(sight.queues))
    if any(queue.deliveries >= _MANY for queue in sight.queues):
        yield ""
        yield "Many attempts: perhaps an update ends its workers. Go on without: inbox bury --conversation=…"


def _dead(sight: Sight) -> Iterator[str]:
    count = sight.backlog.dead_letters
    if not count:
        yield "No dead letters."
        return
    yield f"Dead letters: {count}. Try again: inbox replay ID|--all; throw away: inbox drop ID|--all."
    yield ""
    yield from _table([("ID", "DIED (UTC)", "CONVERSATION", "UPDATE", "WHY"), *map(_letter_row, sight.letters)])
    yield from _rest(count - len(sight.letters))


def _queue_row(queue: Queue) -> tuple[str, ...]:
    oldest = "" if queue.update_id is None else str(queue.update_id)
    return queue.conversation, str(queue.updates), _lasting(queue.age_s), oldest, _held(queue)


def _held(queue: Queue) -> str:
    if not queue.holder:
        return "nobody"
    silence = f", silent for {_lasting(queue.silent_s)}" if queue.silent_s >= _SILENT_S else ""
    again = f", attempt {queue.deliveries}" if queue.deliveries > 1 else ""
    return f"{queue.holder}{silence}{again}"


def _letter_row(letter: Letter) -> tuple[str, ...]:
    died = datetime.fromtimestamp(letter.died_at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    update = "" if letter.update_id is None else str(letter.update_id)
    why = " ".join(letter.why.split())
    short = why if len(why) <= _LONGEST_WHY else f"{why[: _LONGEST_WHY - 1]}…"
    return letter.entry, died, letter.conversation or "(press)", update, short


def _rest(count: int) -> Iterator[str]:
    if count > 0:
        yield f"… and {count} more; --most N shows more of them."


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _lasting(seconds: float) -> str:
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), (1, "s"))
    return f"{int(seconds / size)} {unit}"
