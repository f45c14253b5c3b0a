r"""The structure of Markdown, line by line: a state that each line moves on, so no line is read twice.

CommonMark's own way of parsing (its appendix describes it), with what models add to Markdown, and bent so that
nothing is lost:

* a line of dashes under a paragraph is a rule, and one of `=` is text: models do not mean a heading by it;
* `[1]: https://…` is text: a definition would vanish, and could change what was shown long before;
* HTML is text; the lines from `$$` or `\[` to the closing sign, or to a blank line, are a formula;
* a table keeps the cells that its head has no column for.

A leaf is given away as soon as more lines cannot change it, and a long paragraph in stretches.

Source: https://spec.commonmark.org/0.31.2/#appendix-a-parsing-strategy
"""

from copy import copy
from dataclasses import dataclass, replace

from bot.replies.markup import table
from bot.replies.markup.leaves import Item, Leaf, Path, Quote, Shape
from bot.replies.markup.starts import (
    CODE_INDENT,
    CONTAINERS,
    FENCE,
    HEADING,
    HEADING_END,
    QUOTE,
    RULE,
    SIGNS_ONLY,
    container_at,
    formula_closer,
    indent_of,
    is_fence_end,
    is_start,
)
from bot.replies.markup.stretches import STRETCH, safe_cut

_INLINE = frozenset({Shape.TEXT, Shape.HEADING})
_HELD = frozenset({Shape.ROW, Shape.FORMULA})
_MOST_HELD = 2048
"""Characters of a row or a formula from which it is no longer waited for."""


@dataclass(frozen=True, slots=True)
class _Open:
    """The leaf that the next line may continue."""

    shape: Shape
    number: int
    text: str
    is_apart: bool
    info: str = ""
    closer: str = ""
    """What ends a fence or a formula; nothing ends indented code but its lack."""
    indent: int = 0
    is_begun: bool = False
    """Whether some of it was given away."""
    patience: int = STRETCH
    """The length at which a stretch of it may be given away."""


class Blocks:
    """Reads lines and gives leaves away, in `done`; a copy reads on without touching the original."""

    def __init__(self) -> None:
        self.done: list[Leaf] = []
        self._path: Path = ()
        self._leaf: _Open | None = None
        self._number = 0
        self._is_bare = False
        self._is_blank = False
        self._is_apart: bool | None = None

    def copy(self) -> "Blocks":
        """Return the same state with nothing in `done`."""
        twin = copy(self)
        twin.done = []
        return twin

    def read(self, line: str) -> None:
        """Read a complete line, or the beginning of one that is too long to wait for."""
        rest, depth = self._inside(line)
        if self._leaf and self._leaf.shape is Shape.HEADING:
            self._close()
        if depth < len(self._path) or not self._continued(rest):
            if rest.strip():
                self._begin(rest, depth)
            else:
                self._leave(depth)
        self._is_blank = not CONTAINERS.sub("", line, count=1)

    def read_more(self, stretch: str) -> None:
        """Read more of the line that was read last."""
        leaf = self._leaf
        if leaf is None or (leaf.shape in _HELD and len(leaf.text) > _MOST_HELD):
            self._close()
            self._open(Shape.TEXT, stretch.lstrip())
        elif leaf.shape is Shape.CODE:
            self._write_code(stretch)
        else:
            self._leaf = replace(leaf, text=leaf.text + stretch)
            if leaf.shape is Shape.FORMULA and leaf.closer in stretch:
                self._close()

    def read_half(self, line: str) -> bool:
        """Read the beginning of a line for a frame; return whether it means something yet, else it waits."""
        rest, depth = self._inside(line)
        leaf = self._leaf
        if leaf and leaf.closer and depth == len(self._path):
            is_sign = set(rest.strip()) <= set(leaf.closer)
        else:
            is_sign = bool(SIGNS_ONLY.fullmatch(line))
        if not is_sign:
            self.read(line)
        return not is_sign

    def give_stretches(self) -> None:
        """Give away the beginning of a paragraph that has become long."""
        while (leaf := self._leaf) and leaf.shape in _INLINE and len(leaf.text) > leaf.patience:
            cut = safe_cut(leaf.text)
            if cut:
                self._give(leaf, leaf.text[:cut])
                self._leaf = replace(leaf, text=leaf.text[cut:], is_begun=True, patience=STRETCH)
            else:
                self._leaf = replace(leaf, patience=len(leaf.text) + STRETCH // 2)

    def end(self, *, is_open: bool) -> list[Leaf]:
        """End the text and return what is left; `is_open` says that more may come."""
        self._close(is_open=is_open)
        if self._is_bare and not is_open:
            self._give_nothing()
        return self.done

    def _inside(self, line: str) -> tuple[str, int]:
        """Take the signs of the open containers off the line; also return how many of them it continues."""
        for depth, container in enumerate(self._path):
            if isinstance(container, Quote):
                found = QUOTE.match(line)
                if found is None:
                    return line, depth
                line = line[found.end() :]
            elif not line.strip():
                if self._is_bare and depth == len(self._path) - 1:
                    return line, depth
            elif indent_of(line) < container.width:
                return line, depth
            else:
                line = line[container.width :]
        return line, len(self._path)

    def _continued(self, rest: str) -> bool:
        """Whether the line goes on with code, a formula or a table; the text of a paragraph is not asked."""
        leaf = self._leaf
        if leaf is None:
            return False
        match leaf.shape:
            case Shape.CODE:
                return self._continued_code(leaf, rest)
            case Shape.FORMULA:
                return self._continued_formula(leaf, rest)
            case Shape.ROW:
                return self._continued_table(leaf, rest)
            case _:
                return False

    def _continued_code(self, leaf: _Open, rest: str) -> bool:
        if not leaf.closer:
            if rest.strip() and indent_of(rest) < CODE_INDENT:
                self._close()
                return False
            rest = rest[CODE_INDENT:]
        elif indent_of(rest) < CODE_INDENT and is_fence_end(rest.strip(), leaf.closer):
            self._close()
            return True
        self._write_code("\n" + rest[min(indent_of(rest), leaf.indent) :])
        return True

    def _continued_formula(self, leaf: _Open, rest: str) -> bool:
        if not rest.strip() or len(leaf.text) > _MOST_HELD:
            self._close()
            return False
        self._leaf = replace(leaf, text=f"{leaf.text}\n{rest}")
        if leaf.closer in rest:
            self._close()
        return True

    def _continued_table(self, leaf: _Open, rest: str) -> bool:
        if indent_of(rest) < CODE_INDENT and table.is_row(rest) and not is_start(rest.lstrip()):
            self._close()
            self._leaf = replace(leaf, text=rest.lstrip())
            return True
        self._close()
        return False

    def _begin(self, rest: str, depth: int) -> None:
        """Open what begins on this line, in the containers that it continues."""
        may_continue = self._leaf is not None and self._leaf.shape is Shape.TEXT
        is_inside = depth == len(self._path)
        while rest.strip():
            indent = indent_of(rest)
            if indent >= CODE_INDENT:
                break
            container, rest = container_at(rest, indent, is_in_text=may_continue and is_inside)
            if container is None:
                break
            self._leave(depth)
            self._enter(container)
            depth, may_continue = len(self._path), False
        if rest.strip():
            self._begin_leaf(rest, depth, may_continue=may_continue, is_inside=is_inside)

    def _begin_leaf(self, rest: str, depth: int, *, may_continue: bool, is_inside: bool) -> None:
        indent, bare = indent_of(rest), rest.strip()
        leaf = self._leaf
        if indent >= CODE_INDENT:
            if not may_continue:
                self._leave(depth)
                self._open(Shape.CODE, "")
                self._write_code(rest[CODE_INDENT:])
                return
        elif (is_inside and leaf and may_continue and self._is_table(leaf, bare)) or self._begin_block(
            rest[indent:], indent, depth
        ):
            return
        if leaf and may_continue:
            self._leaf = replace(leaf, text=f"{leaf.text}\n{rest}")
            return
        self._leave(depth)
        self._open(Shape.TEXT, rest.lstrip())

    def _begin_block(self, body: str, indent: int, depth: int) -> bool:
        """Open a heading, code, a formula or a rule, if this line does."""
        if found := HEADING.match(body):
            self._leave(depth)
            self._open(Shape.HEADING, HEADING_END.sub("", body[found.end() :]), info=found[1])
        elif found := FENCE.match(body):
            self._leave(depth)
            leaf = self._open(
                Shape.CODE, "", info=(found[2] or found[4] or "").strip(), closer=found[1] or found[3]
            )
            self._leaf = replace(leaf, indent=indent)
        elif RULE.match(body):
            self._leave(depth)
            self._open(Shape.RULE, body)
            self._close()
        elif closer := formula_closer(body):
            self._leave(depth)
            self._open(Shape.FORMULA, body.rstrip(), closer=closer)
        else:
            return False
        return True

    def _is_table(self, leaf: _Open, bare: str) -> bool:
        """Make the last line of the paragraph the head of a table, if this line is the dashes under it."""
        before, line_break, head = leaf.text.rpartition("\n")
        if (leaf.is_begun and not line_break) or not (table.is_delimiter(bare) and table.is_row(head)):
            return False
        if indent_of(head) >= CODE_INDENT:
            return False
        is_apart = leaf.is_apart and not line_break
        if line_break:
            self._leaf = replace(leaf, text=before)
            self._close()
        self._leaf = None
        self._give(self._open(Shape.ROW, "", info=bare, is_apart=is_apart), head.strip())
        return True

    def _enter(self, container: Item | Quote) -> None:
        if self._is_apart is None:
            self._is_apart = self._is_blank
        self._path = (*self._path, container)
        self._is_bare = isinstance(container, Item)

    def _leave(self, depth: int) -> None:
        """Close the leaf, and the containers from that depth on."""
        self._close()
        if depth == len(self._path):
            return
        if self._is_bare:
            self._give_nothing()
        self._path, self._is_bare, self._is_apart = self._path[:depth], False, None

    def _open(
        self, shape: Shape, text: str, *, info: str = "", closer: str = "", is_apart: bool | None = None
    ) -> _Open:
        if is_apart is None:
            is_apart = self._is_blank if self._is_apart is None else self._is_apart
        self._number += 1
        self._leaf = leaf = _Open(shape, self._number, text, is_apart, info, closer)
        self._is_bare, self._is_apart = False, None
        return leaf

    def _write_code(self, text: str) -> None:
        """Give code away, but blank lines only when more comes behind them, because none may end it."""
        leaf = self._leaf
        if leaf is None:
            return
        text = leaf.text + text
        if not leaf.is_begun:
            text = text.lstrip("\n") if text.strip() else ""
        if not text.strip():
            self._leaf = replace(leaf, text=text)
            return
        self._give(leaf, text)
        self._leaf = replace(leaf, text="", is_begun=True)

    def _close(self, *, is_open: bool = False) -> None:
        leaf, self._leaf = self._leaf, None
        if leaf is None or leaf.shape is Shape.CODE:
            return
        text = leaf.text.rstrip()
        if text or not (leaf.is_begun or leaf.shape is Shape.ROW):
            self._give(leaf, text, is_open=is_open and leaf.shape is not Shape.ROW)

    def _give(self, leaf: _Open, text: str, *, is_open: bool = False) -> None:
        self.done.append(
            Leaf(leaf.shape, self._path, leaf.number, text, leaf.is_apart, leaf.info, leaf.closer, is_open)
        )

    def _give_nothing(self) -> None:
        self._open(Shape.NOTHING, "")
        self._close()
