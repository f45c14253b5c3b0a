"""How much of a dialogue the model sees: the newest turns that fit together, never a hole between them."""

import re
from collections.abc import Iterable
from dataclasses import replace

from bot.types import Ask, Turn, Window

MOST_PICTURES = 4
"""Of earlier turns, so many pictures are shown again, the newest: each costs as much as a page of text."""
PICTURE_TOKENS = 1000
"""For one of them. Gemma 3 counts 256 tokens for any picture, which it scales to 896 pixels; models that cut it
into squares count more the larger it is: 1200 for a photo of 1280 by 960, if a square has 32 pixels.

Source: https://yandex.cloud/en/docs/ai-studio/concepts/generation/models (Gemma 3)
"""
_LETTERS_PER_TOKEN = 3
_WORDS = re.compile(r"[A-Za-zА-Яа-яЁё\s]+")


def estimate_tokens(text: str) -> int:
    """Estimate what a text costs a model, on the high side; at least 1.

    Three letters of Russian or English make a token here, white space counted as letters, where tokenizers of
    today need one for three and a half to five in running text. Any other character costs its UTF-8 bytes, the
    most that a tokenizer with byte fallback can need. So a window may hold less than it could, but does not
    overflow the model's context.
    """
    rest = _WORDS.sub("", text)
    letters = len(text) - len(rest)
    return max(1, -(-letters // _LETTERS_PER_TOKEN) + len(rest.encode(errors="replace")))


def estimate_picture_tokens(count: int) -> int:
    """Estimate what the pictures of a turn cost when it is shown again."""
    return PICTURE_TOKENS * min(count, MOST_PICTURES)


def newest_that_fit(turns: Iterable[Turn], window: Window, *, now: float) -> tuple[Turn, ...]:
    """Pick from turns, *newest first*, those the window shows, and return them *oldest first*.

    Stops at the first turn that is too much, even if an older and smaller one would fit, and at the first
    silence that is too long; takes no more from `turns` than it needs to know.
    """
    kept: list[Turn] = []
    left_tokens, later = window.max_tokens, now
    for turn in turns:
        left_tokens -= turn.tokens
        if left_tokens < 0 or _is_gap(later - turn.asked_at, window.idle_reset_s):
            break
        kept.append(turn)
        later = turn.asked_at
    return tuple(reversed(kept))


def fitted(ask: Ask) -> Ask:
    """Leave out the oldest turns for which the model has no room, if the list of models tells what it reads."""
    spec = ask.model.spec
    if spec is None or spec.context_tokens is None:
        return ask
    others = sum(estimate_tokens(line.text) for line in replace(ask, history=()).lines())
    room = Window(spec.context_tokens - others - (ask.model.max_tokens or 0), idle_reset_s=None)
    return replace(ask, history=newest_that_fit(reversed(ask.history), room, now=0.0))


def _is_gap(silence_s: float, idle_reset_s: float | None) -> bool:
    return idle_reset_s is not None and silence_s > idle_reset_s
