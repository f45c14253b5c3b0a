"""The accounts: what answers, pictures and classifications have cost, by person, prompt, model and day."""

from bot.accounts.prices import cost_rub
from bot.accounts.store import Entry, RedisAccounts

__all__ = ["Entry", "RedisAccounts", "cost_rub"]
