"""A worker that takes over at once what looks stale, without the patience of the real one."""

from bot.updates.inbox import Claim, RedisInbox, Silence


async def take_over(
    box: RedisInbox, stream: str, count: int, *, stale_ms: int, gone_ms: int | None = None, soon_ms: int = 0
) -> list[Claim]:
    """Take over from whomever looks dead; who does not listen is given no less time unless it is said."""
    silence = Silence(stale_ms, stale_ms if gone_ms is None else gone_ms, soon_ms)
    stale = await box.stale(stream, silence)
    await box.judge(stream, stale, silence)
    return await box.take_over(stream, count, stale, silence, trial=count)
