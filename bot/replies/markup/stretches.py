"""Where a long paragraph may be given away in stretches, so that a frame never costs a whole one."""

import re

from bot.replies.markup import live

STRETCH = 384
"""Characters of a paragraph from which it is given away in stretches: at a pause where nothing is open."""
_MOST_STRETCHES = 3
"""So long is that place looked for; then any blank will do."""
_TRIES = 3
"""So many pauses of a kind are looked at each time."""
_PAUSES = (re.compile(r"(?<=[.!?…。！？])[ ]|(?=\n)"), re.compile(r"[ ]"))


def safe_cut(text: str) -> int:
    """Return where a long text may be cut without any change to its looks; 0: wait for more."""
    window = text[:STRETCH]
    pauses = [[found.end() for found in pause.finditer(window, 1)][-_TRIES:] for pause in _PAUSES]
    for at in (at for ends in pauses for at in reversed(ends)):
        if not live.is_half(window[:at]):
            return at
    if len(text) <= _MOST_STRETCHES * STRETCH:
        return 0
    return next((ends[-1] for ends in pauses if ends), STRETCH)
