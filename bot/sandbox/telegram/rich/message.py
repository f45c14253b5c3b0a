"""The `rich_message` of a call, as the message will carry it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import Refusal, bad_request
from bot.sandbox.telegram.rich.blocks import Block, blocks_of
from bot.sandbox.telegram.rich.given import given_blocks
from bot.sandbox.telegram.rich.markdown import read_markdown
from bot.sandbox.telegram.rich.markup import read_html
from bot.sandbox.telegram.rich.reading import check_size
from bot.sandbox.telegram.rich.rules import RichRules
from bot.sandbox.telegram.rich.tree import Builder

_FORMS = ("html", "markdown", "blocks")


@dataclass(frozen=True, slots=True)
class RichContent:
    """What a chat shows, and what it was made of."""

    blocks: tuple[Block, ...]
    is_rtl: bool
    source: Mapping[str, Any]
    """The `InputRichMessage`."""

    def as_fields(self) -> dict[str, Any]:
        """The field of a message."""
        direction = {"is_rtl": True} if self.is_rtl else {}
        return {"rich_message": {"blocks": list(self.blocks), **direction}}


def given_rich(params: Params) -> dict[str, Any]:
    """Read the form of a rich message.

    Raises:
        Refusal: there is none, or it is not exactly one of HTML, Markdown and blocks.
    """
    given = params.nested("rich_message", "InputRichMessage")
    if not given:
        raise bad_request("RICH_MESSAGE_CONTENT_REQUIRED")
    if not isinstance(given, dict):
        raise _unreadable("expected an Object")
    forms = [name for name in _FORMS if given.get(name) is not None]
    if len(forms) != 1:
        raise _unreadable("exactly one of the fields html, markdown and blocks must be used")
    if given.get("media"):
        raise bad_request("this stand-in for Telegram does not show media in rich messages")
    kind = list if forms == ["blocks"] else str
    if not isinstance(given[forms[0]], kind):
        raise _unreadable(f'Field "{forms[0]}" must be of type {"Array" if kind is list else "String"}')
    return given


def kept_rich(given: dict[str, Any], rules: RichRules, *, is_draft: bool = False) -> RichContent:
    """Return what a chat shows of it.

    Raises:
        Refusal: it cannot be parsed, holds nothing or too much, or thinks outside of a draft.
    """
    detects = not given.get("skip_entity_detection")
    blocks = _blocks(given, rules, detects=detects)
    if not is_draft and any(block["type"] == "thinking" for block in blocks):
        raise bad_request("RICH_MESSAGE_THINKING_NOT_ALLOWED")
    check_size(blocks, rules)
    return RichContent(tuple(blocks), bool(given.get("is_rtl")), given)


def _blocks(given: dict[str, Any], rules: RichRules, *, detects: bool) -> list[Block]:
    if given.get("blocks") is not None:
        return given_blocks(given["blocks"])
    builder = Builder(is_strict=rules.is_strict)
    if given.get("html") is not None:
        read_html(given["html"], builder)
    else:
        read_markdown(given["markdown"], builder, rules)
    return blocks_of(builder.root.children, detects=detects)


def _unreadable(reason: str) -> Refusal:
    return bad_request(f"Can't parse InputRichMessage: {reason}")
