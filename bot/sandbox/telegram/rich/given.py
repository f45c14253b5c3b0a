"""Blocks as a bot gives them (`InputRichBlock`), as a message carries them (`RichBlock`)."""

from collections.abc import Iterable
from typing import Any

from bot.sandbox.telegram.refusals import bad_request

_NEEDED = {
    "paragraph": ("text",),
    "heading": ("text", "size"),
    "pre": ("text",),
    "footer": ("text",),
    "divider": (),
    "mathematical_expression": ("expression",),
    "anchor": ("name",),
    "list": ("items",),
    "blockquote": ("blocks",),
    "expandable_blockquote": ("text",),
    "pullquote": ("text",),
    "table": ("cells",),
    "details": ("summary", "blocks"),
    "thinking": ("text",),
}
"""The blocks that are played here, and what must be in them."""


def given_blocks(given: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the blocks as the message carries them.

    Raises:
        Refusal: one of them is none, or is not played here.
    """
    return [_block(block) for block in given]


def _block(given: Any) -> dict[str, Any]:
    kind = given.get("type") if isinstance(given, dict) else None
    if kind not in _NEEDED:
        raise bad_request(f"this stand-in for Telegram does not show rich blocks of type {kind!r}")
    for name in _NEEDED[kind]:
        if name not in given:
            raise bad_request(f"Can't parse InputRichBlock: Can't find field \"{name}\"")
    block = dict(given)
    if "blocks" in given:
        block["blocks"] = given_blocks(given["blocks"])
    if kind == "list":
        block["items"] = [_item(item) for item in given["items"]]
    return block


def _item(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise bad_request("Can't parse InputRichBlockListItem: expected an Object")
    label = f"{given['value']}." if "value" in given else "•"
    return {**given, "label": label, "blocks": given_blocks(given.get("blocks", ()))}
