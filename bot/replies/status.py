"""What stands in the place of an answer while a model thinks: for how long, and the newest of its thoughts.

Source: https://core.telegram.org/bots/api#messageentity (`expandable_blockquote` is shown collapsed).
"""

from bot.replies.entities import Entity, Kind, Rendered, units
from bot.replies.markup.source import clean
from bot.replies.voice import ReplyWords

_MOST_CHARS = 900
"""Of the thoughts: more is not read while it changes."""


def status(words: ReplyWords, seconds: float, thought: str) -> Rendered:
    """Return a line about the time, and below it the end of the thoughts as a collapsed quote."""
    line = f"💭 {words.thinking.format(seconds=round(seconds))}"
    shown = Rendered(line, (Entity(Kind.ITALIC, 0, units(line)),))
    end = clean(thought).strip()
    if not end:
        return shown
    if len(end) > _MOST_CHARS:
        end = "…" + end[-_MOST_CHARS:].lstrip()
    return shown.joined("\n\n", Rendered(end, (Entity(Kind.EXPANDABLE, 0, units(end)),)))
