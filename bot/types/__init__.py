"""The values that travel between the rooms: frozen, without I/O, known to everyone.

The vocabulary is used everywhere with one meaning: a *turn* is a question with its answer, an *ask* is what
the model gets, a *piece* is what it yields, a *frame* is what the person sees meanwhile, a *conversation* is a
chat with its topic, and a *dialogue* is what was said in a conversation under one prompt.
"""

from bot.types.asks import (
    Ask,
    Ending,
    ImageOrder,
    Line,
    Picture,
    Piece,
    Ratio,
    Role,
    Sample,
    Scheme,
    Usage,
    Verdict,
    mime_type_of,
)
from bot.types.drawings import Drawing, Standing, Wish
from bot.types.models import (
    Ability,
    Dialect,
    Mode,
    ModelChoice,
    ModelSpec,
    Price,
    Server,
)
from bot.types.notes import (
    Expense,
    Happening,
    TurnTrace,
    Work,
)
from bot.types.places import (
    Button,
    Buttons,
    ConversationKey,
    DialogueKey,
    File,
    Format,
    Manner,
    Person,
    Place,
    Transport,
    WhileBusy,
)
from bot.types.turns import (
    Example,
    Exchange,
    Part,
    Turn,
    Window,
)

__all__ = [
    "Ability",
    "Ask",
    "Button",
    "Buttons",
    "ConversationKey",
    "Dialect",
    "DialogueKey",
    "Drawing",
    "Ending",
    "Example",
    "Exchange",
    "Expense",
    "File",
    "Format",
    "Happening",
    "ImageOrder",
    "Line",
    "Manner",
    "Mode",
    "ModelChoice",
    "ModelSpec",
    "Part",
    "Person",
    "Picture",
    "Piece",
    "Place",
    "Price",
    "Ratio",
    "Role",
    "Sample",
    "Scheme",
    "Server",
    "Standing",
    "Transport",
    "Turn",
    "TurnTrace",
    "Usage",
    "Verdict",
    "WhileBusy",
    "Window",
    "Wish",
    "Work",
    "mime_type_of",
]
