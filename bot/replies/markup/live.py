"""Half-written Markdown made presentable: what a growing answer shows between two pieces of the model.

The last block of a text usually ends amid a sign. Shown as it is, `**` would flash up as stars and turn into
bold a moment later. So open emphasis, code and formulas are closed, and half a link shows its label. Only for
frames: the final text is rendered as it stands. The rule is that what a frame shows does not vanish again:
signs that may mean nothing yet are hidden, and appear if they turn out to be meant.
"""

import re

from bot.replies.markup import tex
from bot.replies.markup.parser import FORMULA, unclosed

_HALF_LINK = re.compile(
    r"""(?<!\\)!?\[((?:[^\[\]]|\[[^\[\]]*\])*)
        (?:\](?:\((?:[^()\s]|\([^()\s]*\))*(?:\([^()\s]*|\s+"[^"]*"?)?)?)?$""",
    re.VERBOSE,
)
_HALF_ADDRESS = re.compile(r"<((?:[A-Za-z][^\s<>]*)?)$")
_HALF_IMAGE = re.compile(r"(?<!\S)!$")
_HALF_NAME = re.compile(r"(?<!\w)__([a-z][a-z0-9_]*)$")
_HALF_BREAK = re.compile(r"<(?:br?\s*/?)?$", re.IGNORECASE)
_MOST_BRACKETS = 4
"""How deep brackets at the end may be nested; more are no links."""
_SCAN = re.compile(
    rf"(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)|{FORMULA.pattern}|\\.|`+|\$\$?(?![\s$\d])",
    re.VERBOSE | re.DOTALL,
)
"""Code, formulas and escapes, and what begins code or a formula without an end."""
_CLOSERS = {"\\(": "\\)", "\\[": "\\]", "$": "$", "$$": "$$"}
_HALF_COMMAND = re.compile(r"(?:\\(?:begin\{[^{}]*|[A-Za-z]*)|[\^_](?:\{[^{}]*)?|[&\s$])$")
_HALF_TASK = re.compile(r"\[(?:[ xX]\]?)?\s*")
_ENDS = tuple(_CLOSERS.values())


def is_half(source: str) -> bool:
    """Whether something is open at the end of inline Markdown."""
    return closed(source) != source.rstrip()


def is_half_task(source: str) -> bool:
    """Whether the text of an item may become the checkbox of a task."""
    return _HALF_TASK.fullmatch(source) is not None


def without_half_head(source: str) -> str:
    """Take away a last line that may become the head of a table."""
    before, _, last = source.rpartition("\n")
    bare = last.lstrip()
    return before if bare.startswith("|") and not bare.startswith("||") else source


def closed(source: str, *, has_formulas: bool = True) -> str:
    """Return inline Markdown with what is open at its end closed or hidden; formulas, on demand, hidden."""
    found = _opener(source)
    if found and found.group() in _CLOSERS:
        source = _with_formula(source, found, has_formulas=has_formulas)
    else:
        source = _without_half_name(source)
        found = _opener(source)
        if found and found.group().startswith("`"):
            return _with_code(source, found, has_formulas=has_formulas)
    bare = _without_signs(source)
    return bare + unclosed(bare)


def closed_cell(source: str, *, has_formulas: bool = True) -> str:
    """Return the Markdown of a cell likewise; there `<br>` is a line break."""
    return closed(_HALF_BREAK.sub("", source), has_formulas=has_formulas)


def half_formula(inner: str) -> str:
    """Take half a command, and what is half raised, off the end of a formula that still grows."""
    while True:
        bare = _HALF_COMMAND.sub("", inner)
        if bare == inner:
            return bare
        inner = bare


def _without_half_name(source: str) -> str:
    """Take away what leads to a link, an image, an address or a name with underscores."""
    for _ in range(_MOST_BRACKETS):
        bare = _HALF_LINK.sub(r"\1", source)
        if bare == source:
            break
        source = bare
    return _HALF_NAME.sub(r"\1", _HALF_IMAGE.sub("", _HALF_ADDRESS.sub(r"\1", source)))


def _without_signs(source: str) -> str:
    """Take signs off the end, and a backslash that waits for what it escapes."""
    bare = source.rstrip("*_~ \n")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    is_formula = bare.endswith(_ENDS)
    return bare[:-1].rstrip("*_~ \n") if backslashes % 2 and not is_formula else bare


def _opener(source: str) -> re.Match[str] | None:
    """Find what begins code or a formula that has no end yet."""
    for found in _SCAN.finditer(source):
        sign = found.group()
        if sign in _CLOSERS or not sign.strip("`"):
            return found
    return None


def _with_formula(source: str, found: re.Match[str], *, has_formulas: bool) -> str:
    inner = half_formula(source[found.end() :])
    if not inner.strip():
        return source[: found.start()]
    if not tex.is_tex(inner):
        return source
    formula = f"{found.group()}{inner}{_CLOSERS[found.group()]}"
    if not has_formulas:
        return source[: found.start()]
    return source[: found.start()] + formula if FORMULA.fullmatch(formula) else source


def _with_code(source: str, found: re.Match[str], *, has_formulas: bool) -> str:
    code = source[found.end() :].rstrip("`")
    if not code.strip():
        return closed(source[: found.start()], has_formulas=has_formulas)
    whole = source[: found.end()] + code + found.group()
    return whole + unclosed(whole)
