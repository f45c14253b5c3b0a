"""What an operator can set, by environment or `.env`: one frozen model per concern, nested by `__`.

`TELEGRAM__TOKEN=…` is `Settings().telegram.token`. Names carry their units. Only `bot.app` and `bot.__main__`
read this; every other room gets plain values.
"""

from bot.settings.conduct import (
    Access,
    Conversations,
    History,
    Http,
    Log,
    Photos,
    Policy,
    Prompts,
    Replies,
    Role,
    Workers,
)
from bot.settings.everything import (
    Settings,
    misplaced,
    read_settings,
)
from bot.settings.services import (
    Delivery,
    OpenAi,
    Redis,
    Telegram,
    Yandex,
)

__all__ = [
    "Access",
    "Conversations",
    "Delivery",
    "History",
    "Http",
    "Log",
    "OpenAi",
    "Photos",
    "Policy",
    "Prompts",
    "Redis",
    "Replies",
    "Role",
    "Settings",
    "Telegram",
    "Workers",
    "Yandex",
    "misplaced",
    "read_settings",
]
