"""Rich messages without a world around them."""

from typing import Any

from bot.sandbox.telegram.refusals import Refusal
from bot.sandbox.telegram.rich.message import kept_rich
from bot.sandbox.telegram.rich.reading import reading
from bot.sandbox.telegram.rich.rules import RichRules


def made(rules: RichRules | None = None, *, is_draft: bool = False, **given: Any) -> list[dict[str, Any]]:
    """Return the blocks of an `InputRichMessage`."""
    return list(kept_rich(given, rules or RichRules(), is_draft=is_draft).blocks)


def read(**given: Any) -> str:
    """Return what a person reads in it."""
    return reading({"blocks": made(**given)})


def refusal(rules: RichRules | None = None, **given: Any) -> str:
    """Return why it is refused."""
    try:
        blocks = made(rules, **given)
    except Refusal as refused:
        return refused.description
    raise AssertionError(f"not refused: {blocks}")
