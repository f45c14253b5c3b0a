"""What piles of texts have brought so far, in Redis: whoever takes one up again after a crash goes on with it.

One hash for each pile: the classifier with which it was begun, and a verdict for each text, by a name of the
text. It is deleted when nobody can ask for it any more; a group that moves takes it along, because its name
does not depend on where the answer goes.
"""

import json
from typing import Any

import structlog
from redis.asyncio import Redis

from bot.store import key_prefix, store_errors
from bot.types import Verdict

log = structlog.get_logger(__name__)

KEEP_S = 2 * 24 * 3600
"""Longer than Telegram keeps an update that was not fetched; begins anew with each verdict."""
KEEP_CONCLUDED_S = 600
"""Longer than it takes until nobody can take up a pile that was delivered."""
_CLASSIFIER = "classifier"

_BEGIN = """
-- KEYS pile; ARGV seconds to keep it, field of the classifier, classifier
redis.call('HSETNX', KEYS[1], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[1])
return redis.call('HGETALL', KEYS[1])
"""

_KEEP = """
-- KEYS pile; ARGV seconds to keep it, name of the text, verdict
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return redis.call('EXPIRE', KEYS[1], ARGV[1])
"""


class RedisVerdicts:
    """The port `Verdicts`. Needs a client that decodes responses."""

    def __init__(self, redis: Redis, bot_id: int) -> None:
        self._redis = redis
        self._prefix = key_prefix(bot_id)
        self._begin = redis.register_script(_BEGIN)
        self._keep = redis.register_script(_KEEP)

    async def begin(self, pile_id: str, classifier: str) -> tuple[str, dict[str, Verdict]]:
        """Begin a pile, or take it up; see `bot.ports.Verdicts`."""
        with store_errors():
            found = await self._begin(keys=[self._key(pile_id)], args=[KEEP_S, _CLASSIFIER, classifier])
        fields = dict(zip(found[::2], found[1::2], strict=True))
        begun_with = fields.pop(_CLASSIFIER)
        verdicts = {name: verdict for name, raw in fields.items() if (verdict := load_verdict(raw))}
        return begun_with, verdicts

    async def keep(self, pile_id: str, name: str, verdict: Verdict) -> None:
        """Keep the verdict on a text."""
        with store_errors():
            await self._keep(keys=[self._key(pile_id)], args=[KEEP_S, name, dump_verdict(verdict)])

    async def conclude(self, pile_id: str) -> None:
        """Let the pile be forgotten soon."""
        with store_errors():
            await self._redis.expire(self._key(pile_id), KEEP_CONCLUDED_S)

    def _key(self, pile_id: str) -> str:
        return f"{self._prefix}:pile:{pile_id}"


def dump_verdict(verdict: Verdict) -> str:
    """Return the JSON."""
    fields = {"c": verdict.confidences, "n": verdict.input_tokens, "v": verdict.model_version}
    return json.dumps(fields, separators=(",", ":"))


def load_verdict(raw: str) -> Verdict | None:
    """Return the verdict; None if it is corrupt: then it is asked for again."""
    try:
        match json.loads(raw):
            case {"c": list(confidences), "n": int(tokens), "v": str(version)}:
                return Verdict(tuple(map(_confidence, confidences)), tokens, version)
    except (ValueError, TypeError):
        pass
    log.warning("corrupt verdict skipped", size_bytes=len(raw))
    return None


def _confidence(pair: Any) -> tuple[str, float]:
    label, number = pair
    return str(label), float(number)
