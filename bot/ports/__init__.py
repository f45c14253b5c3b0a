"""The sockets of the house: whoever fits one of these Protocols can be plugged in.

A new model service implements `ModelBackend`, another database implements `HistoryStore`; `bot/app/` is where
the plug is put in. Retry, fallback and concurrency are wrappers *around* a port, never options of an adapter.
"""

from bot.ports.chat import (
    Canvas,
    Gallery,
    LiveReply,
    Notices,
    Replies,
)
from bot.ports.models import (
    Classifier,
    ImageBackend,
    LaterModel,
    ModelBackend,
)
from bot.ports.stores import (
    Accounts,
    ClassifierChoices,
    Drawings,
    Exchanges,
    HistoryStore,
    Photos,
    PromptChoices,
    StyleChoices,
    Unbooked,
    Verdicts,
)
from bot.ports.watching import (
    Meter,
    Uncounted,
    Witness,
)

__all__ = [
    "Accounts",
    "Canvas",
    "Classifier",
    "ClassifierChoices",
    "Drawings",
    "Exchanges",
    "Gallery",
    "HistoryStore",
    "ImageBackend",
    "LaterModel",
    "LiveReply",
    "Meter",
    "ModelBackend",
    "Notices",
    "Photos",
    "PromptChoices",
    "Replies",
    "StyleChoices",
    "Unbooked",
    "Uncounted",
    "Verdicts",
    "Witness",
]
