"""Rich Markdown into the tree."""

from collections.abc import Callable, Mapping
from typing import Any

from markdown_it.token import Token

from bot.sandbox.telegram.rich.grammar import grammar
from bot.sandbox.telegram.rich.markup import Feeder
from bot.sandbox.telegram.rich.rules import RichRules
from bot.sandbox.telegram.rich.tree import Builder

_CHECKBOXES = {"[ ] ": "", "[x] ": "checked", "[X] ": "checked"}


def read_markdown(source: str, builder: Builder, rules: RichRules) -> None:
    """Read a whole message.

    Raises:
        Refusal: there is a tag in it that is unknown or in the wrong place.
    """
    _Reader(builder, rules).read(source)


class _Reader:
    """Goes through the tokens of one message."""

    def __init__(self, builder: Builder, rules: RichRules) -> None:
        self._builder = builder
        self._feeder = Feeder(builder)
        self._leaves: Mapping[str, Callable[[Token], None]] = {
            "inline": self._inline,
            "fence": self._code,
            "code_block": self._code,
            "formula_block": lambda token: self._leaf("tg-math-block", token.content),
            "note_block": self._note,
            "html_block": self._html,
            "hr": lambda _: builder.start("hr"),
            "text": lambda token: builder.text(token.content),
            "text_special": lambda token: builder.text(token.content),
            "code_inline": lambda token: self._leaf("code", token.content),
            "formula": lambda token: self._leaf("tg-math", token.content),
            "note": lambda token: self._leaf("tg-ref", token.content, {"name": token.content}),
            "html_inline": lambda token: self._feeder.feed(token.content),
            "softbreak": lambda _: builder.text(rules.soft_break),
            "hardbreak": lambda _: builder.start("br"),
            "image": self._image,
        }

    def read(self, source: str) -> None:
        for token in grammar().parse(source):
            self._take(token)
        self._builder.settle(1)

    def _take(self, token: Token) -> None:
        if token.type in self._leaves:
            self._leaves[token.type](token)
        elif token.nesting > 0:
            self._builder.start(token.tag, _attributes(token))
        elif token.nesting < 0:
            self._builder.end(token.tag)

    def _inline(self, token: Token) -> None:
        """Read a line of text; a tag that opens in it must close in it."""
        depth, children = self._builder.depth, token.children or []
        self._read_checkbox(children)
        for child in children:
            self._take(child)
        self._feeder.close()
        self._feeder.reset()
        self._builder.settle(depth)

    def _read_checkbox(self, children: list[Token]) -> None:
        if not children or children[0].type != "text":
            return
        first, item = children[0], self._builder.begun_item
        sign = first.content[:4]
        if item is not None and sign in _CHECKBOXES:
            first.content = first.content[4:]
            item.attributes = {**item.attributes, "checkbox": _CHECKBOXES[sign]}

    def _code(self, token: Token) -> None:
        language = token.info.split()[0] if token.info.strip() else ""
        if language == "math":
            self._leaf("tg-math-block", token.content.strip())
        else:
            self._leaf("pre", token.content.removesuffix("\n"), {"language": language})

    def _note(self, token: Token) -> None:
        self._builder.start("p")
        self._builder.start("tg-note", {"name": token.info})
        self._inline_source(token.content)
        self._builder.end("tg-note")
        self._builder.end("p")

    def _inline_source(self, source: str) -> None:
        for token in grammar().parseInline(source):
            self._inline(token)

    def _html(self, token: Token) -> None:
        """Read tags between blocks: those that hold blocks may go on after the next blank line."""
        self._feeder.feed(token.content)
        self._feeder.close()
        self._feeder.reset()

    def _image(self, token: Token) -> None:
        self._builder.start("img", {"src": str(token.attrs.get("src", ""))})

    def _leaf(self, tag: str, text: str, attributes: dict[str, str] | None = None) -> None:
        self._builder.start(tag, attributes)
        self._builder.text(text)
        self._builder.end(tag)


def _attributes(token: Token) -> dict[str, str]:
    attributes: dict[str, Any] = dict(token.attrs)
    if "style" in attributes:
        attributes["align"] = str(attributes.pop("style")).removeprefix("text-align:")
    return {name: str(value) for name, value in attributes.items()}
