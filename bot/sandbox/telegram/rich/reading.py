"""What a person reads in a rich message, and how large it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.rich.rules import RichRules
from bot.sandbox.telegram.rich.text import RichText

_TEXTS = ("text", "credit", "summary", "caption")
_INSIDE = ("blocks", "items")


def plain(text: RichText) -> str:
    """Return a rich text without its looks."""
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(map(plain, text))
    return str(text["expression"]) if "expression" in text else plain(text.get("text", ""))


def reading(message: Mapping[str, Any]) -> str:
    """Return the plain text of a `RichMessage`: cells apart by ` | `, items of lists behind their labels."""
    return "\n\n".join(filter(None, map(_read, message["blocks"])))


def _read(block: Mapping[str, Any]) -> str:
    match block["type"]:
        case "list":
            return "\n".join(map(_read_item, block["items"]))
        case "table":
            rows = (" | ".join(plain(cell.get("text", "")) for cell in row) for row in block["cells"])
            return "\n".join([plain(block.get("caption", "")), *rows]).strip("\n")
        case "mathematical_expression":
            return str(block["expression"])
    own = plain(block.get("summary", "")) or plain(block.get("text", ""))
    return "\n".join(filter(None, [own, *map(_read, block.get("blocks", ())), plain(block.get("credit", ""))]))


def _read_item(item: Mapping[str, Any]) -> str:
    box = ("☑ " if item.get("is_checked") else "☐ ") if item.get("has_checkbox") else ""
    inner = "\n".join(map(_read, item["blocks"])).replace("\n", "\n  ")
    return f"{item['label']} {box}{inner}"


@dataclass(frozen=True, slots=True)
class Size:
    """What the limits count."""

    characters: int = 0
    blocks: int = 0
    nesting: int = 0
    columns: int = 0

    def beside(self, other: "Size") -> "Size":
        """Both, one after the other."""
        nesting, columns = max(self.nesting, other.nesting), max(self.columns, other.columns)
        return Size(self.characters + other.characters, self.blocks + other.blocks, nesting, columns)

    def deeper(self, *, blocks: int = 0, columns: int = 0) -> "Size":
        """The same within one more block or style."""
        columns = max(columns, self.columns)
        return Size(self.characters, self.blocks + blocks, self.nesting + 1, columns)


def size_of(blocks: Iterable[Mapping[str, Any]]) -> Size:
    """Measure blocks."""
    return _sum(map(_block_size, blocks))


def check_size(blocks: Iterable[Mapping[str, Any]], rules: RichRules) -> None:
    """Let only pass what Telegram takes; how it words the rest is not known.

    Raises:
        Refusal: there is nothing in it, or too much of something.
    """
    size = size_of(blocks)
    if not size.blocks:
        raise bad_request("RICH_MESSAGE_CONTENT_REQUIRED")
    if size.characters > rules.characters:
        raise bad_request("RICH_MESSAGE_TOO_LONG")
    if size.blocks > rules.blocks:
        raise bad_request("RICH_MESSAGE_BLOCKS_TOO_MUCH")
    if size.nesting > rules.nesting:
        raise bad_request("RICH_MESSAGE_NESTING_TOO_DEEP")
    if size.columns > rules.columns:
        raise bad_request("RICH_MESSAGE_COLUMNS_TOO_MUCH")


def _sum(sizes: Iterable[Size]) -> Size:
    total = Size()
    for size in sizes:
        total = total.beside(size)
    return total


def _block_size(block: Mapping[str, Any]) -> Size:
    texts = [_text_size(block[name]) for name in _TEXTS if name in block]
    inner = [_block_size(one) for name in _INSIDE for one in block.get(name, ())]
    rows = block.get("cells", ())
    cells = [_text_size(cell.get("text", "")).deeper() for row in rows for cell in row]
    formula = Size(len(block.get("expression", "")))
    whole = _sum([*texts, *inner, *cells, formula])
    return whole.deeper(blocks=1 + len(rows), columns=max(map(_columns, rows), default=0))


def _columns(row: Iterable[Mapping[str, Any]]) -> int:
    return sum(cell.get("colspan", 1) for cell in row)


def _text_size(text: RichText) -> Size:
    if isinstance(text, str):
        return Size(len(text))
    if isinstance(text, list):
        return _sum(map(_text_size, text))
    return Size(len(text.get("expression", ""))).beside(_text_size(text.get("text", ""))).deeper()
