"""Token buckets in this process: what the governor falls back on while Redis is away."""

from dataclasses import dataclass

from bot.replies.pace import RECOVERY_S, SLOWER, SLOWEST, Quota

_ALL = "all"
_MOST_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    """What a chat, or all of them, may still spend; `at` is the time up to which tokens have come in."""

    tokens: float
    at: float
    deadline: float = 0.0
    slowness: float = 1.0

    def recover(self, now: float) -> float:
        """Let slowness halve every `RECOVERY_S`; return the seconds since the last look."""
        passed = max(0.0, now - self.at)
        self.slowness = 1 + (self.slowness - 1) * 0.5 ** (passed / RECOVERY_S)
        return passed

    def refill(self, quota: Quota, now: float) -> None:
        """Add what has come in since the last look."""
        passed = self.recover(now)
        self.tokens = min(quota.size, self.tokens + passed * quota.rate / self.slowness)
        self.at = max(now, self.at)

    def lack_s(self, quota: Quota) -> float:
        """Return the seconds until the bucket holds what is needed."""
        return max(0.0, (quota.need - self.tokens) * self.slowness / quota.rate)


class Buckets:
    """The same rules as the script in Redis, for one process; times are seconds of any one clock."""

    def __init__(self) -> None:
        self._buckets: dict[int | str, _Bucket] = {}

    def admit(self, chat_id: int, in_chat: Quota, overall: Quota, now: float) -> float:
        """Take a token from the chat's bucket and from the common one, or return the seconds to wait.

        Ask `closed_s` first: a penalty is not looked at here.
        """
        chosen = [(self._bucket(chat_id, in_chat, now), in_chat)]
        if overall.rate > 0:
            chosen.append((self._bucket(_ALL, overall, now), overall))
        wait_s = max(bucket.lack_s(quota) for bucket, quota in chosen)
        if wait_s > 0:
            return wait_s
        for bucket, _ in chosen:
            bucket.tokens -= 1
        return 0.0

    def penalise(self, chat_id: int, retry_after_s: float, now: float) -> None:
        """Close the chat until the deadline, and slow it down afterwards."""
        self._forget_idle(now)
        bucket = self._buckets.setdefault(chat_id, _Bucket(1, now))
        bucket.recover(now)
        bucket.deadline = max(bucket.deadline, now + retry_after_s)
        bucket.slowness = min(SLOWEST, bucket.slowness * SLOWER)
        bucket.tokens, bucket.at = 1, bucket.deadline

    def closed_s(self, chat_id: int, now: float) -> float:
        """Return the seconds until the chat's penalty ends."""
        bucket = self._buckets.get(chat_id)
        return max(0.0, bucket.deadline - now) if bucket else 0.0

    def _bucket(self, key: int | str, quota: Quota, now: float) -> _Bucket:
        self._forget_idle(now)
        bucket = self._buckets.setdefault(key, _Bucket(quota.size, now))
        bucket.refill(quota, now)
        return bucket

    def _forget_idle(self, now: float) -> None:
        if len(self._buckets) <= _MOST_BUCKETS:
            return
        self._buckets = {key: one for key, one in self._buckets.items() if one.at > now - RECOVERY_S}
