"""Whether a replica lives: it listens to a channel of its own, and Redis knows who listens to what.

The connections of a process that dies are closed at once, long before its leases run out; one that is merely
busy still listens, and so does, for a while, one whose machine has died. Who cannot hear itself, as after a
restart of Redis, concludes nothing about others.
"""

from bot.store import key_prefix


def channel_of(bot_id: int, replica: str) -> str:
    """Return the channel to which this replica listens as long as it lives; nothing is ever told there."""
    return f"{key_prefix(bot_id)}:alive:{replica}"
