"""How old the text on a screen is: the model's times beside those of Telegram's calls."""

from itertools import pairwise

from tests.bench.model import Story, words
from tests.bench.telegram import Call, Screen


def waits_s(screen: Screen, story: Story) -> list[float]:
    """Return for every frame but the last how long newer text waited while it was the newest on the screen."""
    shown = _shown(screen)
    return [
        later - max(at, story.written_at[story.piece_of(word + 1)])
        for (at, word), (later, _) in pairwise(shown)
        if word + 1 < story.tokens
    ]


def first_bubble_s(screen: Screen, story: Story) -> float:
    """Return how long the first text waited to be seen."""
    return screen.frames[0].at - story.written_at[0]


def _shown(screen: Screen) -> list[tuple[float, int]]:
    """Return when the chat changed, and the newest word that it showed from then on."""
    messages: dict[int, Call] = {}
    found = []
    for call in screen.frames:
        messages[call.message_id] = call
        newest = words(messages[max(messages)].text) or words(messages[min(messages)].text)
        found.append((call.at, newest[-1] if newest else -1))
    return found
