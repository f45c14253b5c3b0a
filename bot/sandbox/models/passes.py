"""Tokens that the pretended service issues and takes back when their time is over."""

import secrets


class Passes:
    """The IAM tokens of one service account; times are Unix times in seconds."""

    def __init__(self, life_s: float) -> None:
        self.life_s = life_s
        """Of those that are issued from now on."""
        self.issued: dict[str, float] = {}
        """Until when each of them is good."""

    def issue(self, now: float) -> tuple[str, float]:
        """Return a new token and the end of its life."""
        token = f"t1.{secrets.token_urlsafe(24)}"
        self.issued[token] = now + self.life_s
        return token, self.issued[token]

    def is_good(self, token: str, now: float) -> bool:
        """Whether it was issued and its time is not over."""
        return now < self.issued.get(token, now)

    def expire(self) -> None:
        """Take back all that were issued."""
        self.issued = dict.fromkeys(self.issued, 0.0)
