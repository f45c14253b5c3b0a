"""What stands before the text of a leaf: the signs of its containers, and the blanks that keep their place."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

from bot.replies.entities import Entity, Kind, Rendered, units
from bot.replies.markup.leaves import BULLET, Item, Leaf, Path, Quote
from bot.replies.pieces import Box, Piece


@dataclass(frozen=True, slots=True)
class Lead:
    """The containers of a leaf below those already known.

    The outermost quote is a box; what it stands in stays outside, and quotes within it have a `>`. Boxes keep
    their lines as they are, so a sign before one stands on a line of its own.
    """

    gap: str
    outer: str
    """The signs that stand before the outermost quote, on a line of their own."""
    inner: tuple[str, ...]
    """The signs in it, or all if there is none."""
    pad: str
    owner: Quote | None
    is_new: bool
    """Whether an item begins."""
    is_inner_new: bool

    def ticked(self, sign: str) -> "Lead":
        """Make the item a task."""
        *others, last = self.inner
        mark = last.rstrip()
        return replace(self, inner=(*others, f"{sign} " if mark == BULLET else f"{mark} {sign} "))

    def text(self, body: Rendered, *, is_head: bool = False) -> Piece:
        """Return the text behind its signs, each line at its place."""
        lead = self.outer + "".join(self.inner)
        if not body.text:
            lead = lead.rstrip()
        whole = Rendered(lead).joined("", _padded(body, self.pad))
        return Piece(whole, self.gap, self._quote_box(), is_head=is_head)

    def box(
        self, body: Rendered, owner: object, language: str | None = None, *, is_whole: bool = False
    ) -> Piece:
        """Return the text in a box of its own, below the signs."""
        lead = self.outer
        if self.is_inner_new:
            lead += "".join(self.inner).rstrip() + "\n"
        box = Box(Kind.PRE, owner, units(lead), language)
        return Piece(Rendered(lead).joined("", body), self.gap, (*self._quote_box(), box), is_whole=is_whole)

    def more(self, body: Rendered) -> Piece:
        """Return what directly continues a text."""
        return Piece(_padded(body, self.pad), "", self._quote_box(at=0))

    def more_boxed(self, body: Rendered, owner: object) -> Piece:
        """Return what directly continues a box."""
        return Piece(body, "", (*self._quote_box(at=0), Box(Kind.PRE, owner)))

    def below(self) -> "Lead":
        """Return the lead of what comes below in the same containers."""
        inner = (self.pad,) if self.pad else ()
        return replace(self, gap="\n\n", outer="", inner=inner, is_inner_new=False)

    def _quote_box(self, at: int | None = None) -> tuple[Box, ...]:
        if self.owner is None:
            return ()
        return (Box(Kind.QUOTE, self.owner, units(self.outer) if at is None else at),)


def lead_of(leaf: Leaf, known: Path) -> Lead:
    """Return what stands before a leaf; the signs of `known` containers are shown already."""
    path, depth = leaf.path, _common(leaf.path, known)
    signs = [_sign(container, is_new=at >= depth) for at, container in enumerate(path)]
    quote = next((at for at, container in enumerate(path) if isinstance(container, Quote)), -1)
    owner = path[quote] if quote >= 0 else None
    outer = "".join(signs[: max(quote, 0)]).rstrip() if depth < quote else ""
    return Lead(
        gap="\n\n" if leaf.is_apart else "\n",
        outer=f"{outer}\n" if outer else "",
        inner=tuple(signs[quote + 1 :]),
        pad="".join(map(_pad, path[quote + 1 :])),
        owner=owner if isinstance(owner, Quote) else None,
        is_new=_has_item(path[depth:]),
        is_inner_new=_has_item(path[max(depth, quote + 1) :]),
    )


def _has_item(path: Path) -> bool:
    return any(isinstance(container, Item) for container in path)


def _common(path: Path, known: Path) -> int:
    """Return how many of the containers are known."""
    depth = 0
    for one, other in zip(path, known, strict=False):
        if one is not other:
            break
        depth += 1
    return depth


def _sign(container: Item | Quote, *, is_new: bool) -> str:
    return f"{container.mark} " if is_new and isinstance(container, Item) else _pad(container)


def _pad(container: Item | Quote) -> str:
    return " " * (len(container.mark) + 1) if isinstance(container, Item) else "> "


def _padded(content: Rendered, pad: str) -> Rendered:
    """Put the pad before every line but the first."""
    if not pad or "\n" not in content.text:
        return content
    lines = content.text.split("\n")
    places: list[int] = []
    at = 0
    for number, line in enumerate(lines):
        if number and line:
            lines[number] = pad + line
            places.append(at)
        at += units(line) + 1
    return Rendered("\n".join(lines), tuple(_stretched(one, places, len(pad)) for one in content.entities))


def _stretched(entity: Entity, places: list[int], width: int) -> Entity:
    start = entity.offset + width * bisect_right(places, entity.offset)
    return entity.between(start, entity.end + width * bisect_left(places, entity.end))
