r"""Formulas in readable Unicode: `\frac{a}{b} \leq x^2` becomes `a/b ≤ x²`.

What cannot be converted stays as the model wrote it, and so does what only looks like a formula: two prices,
the name of a variable, an escaped bracket.
"""

import re

from bot.replies.markup.tex_signs import (
    ACCENTS,
    BRACKETS,
    DOUBLE_STRUCK,
    LINED,
    LOWERED,
    NAMES,
    PLAIN,
    RAISED,
    SILENT,
    SPACES,
    SYMBOLS,
)

_DELIMITERS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_STRONG = re.compile(r"\\[A-Za-z{|,;]|[\^{]")
_OPERATOR = re.compile(r"[=+<>/*_|!±×·≤≥≠→-]")
_LONG_WORD = re.compile(r"[^\W\d_]{3}|[^\x00-\u03ff\u2000-\u22ff]")
_NAME = re.compile(r"[A-Za-zα-ωΑ-Ω]{1,2}'*(?:\([^()]*\))?")
_COMMAND = re.compile(r"\\([A-Za-z]+\*?|.)", re.DOTALL)
_ENVIRONMENT = re.compile(r"\{([A-Za-z]+\*?)\}(?:\{[lcr| ]*\})?")
_SINGLE = {"'": "′", "~": " ", "&": " "}
_DEEPEST = 40
_BLANKS = re.compile(r"[ ]{2,}")
_SIMPLE = re.compile(r"[\w.′'∞√]*")


def shown(formula: str) -> str:
    """Return a formula, given with its delimiters, as people read it; what only looks like one unchanged."""
    for opener, closer in _DELIMITERS:
        inner = formula[len(opener) : -len(closer)]
        if formula.startswith(opener) and formula.endswith(closer) and len(formula) >= len(opener + closer):
            return converted(inner) if is_tex(inner) else formula
    return formula


def is_tex(inner: str) -> bool:
    """Whether this, without delimiters, is mathematics rather than prices, names or prose."""
    inner = inner.strip()
    if _STRONG.search(inner) or _NAME.fullmatch(inner):
        return True
    return _OPERATOR.search(inner) is not None and _LONG_WORD.search(inner) is None


def converted(inner: str, depth: int = 0) -> str:
    """Convert what is between the delimiters, or as deep in other formulas as told."""
    text = _Reader(inner, depth).whole()
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n")).strip("\n")


class _Reader:
    """Reads TeX from left to right; a missing end of a group is taken for granted."""

    def __init__(self, source: str, depth: int = 0) -> None:
        self._source = source
        self._at = 0
        self._depth = depth

    def whole(self) -> str:
        """Convert all; braces without a partner are dropped like others."""
        parts = []
        while self._at < len(self._source):
            parts.append(self._group_rest())
        return "".join(parts)

    def _group_rest(self) -> str:
        """Convert to the end of the group."""
        parts: list[str] = []
        while self._at < len(self._source):
            char = self._source[self._at]
            if char == "}":
                self._at += 1
                break
            parts.append(self._unit())
        return "".join(parts)

    def _unit(self) -> str:
        """Convert a group, a command or a sign; what is nested too deeply stays as it is."""
        if self._depth > _DEEPEST:
            self._at += 1
            return self._source[self._at - 1]
        self._depth += 1
        unit = self._shallow_unit()
        self._depth -= 1
        return unit

    def _shallow_unit(self) -> str:
        char = self._source[self._at]
        if char == "\\":
            return self._command()
        self._at += 1
        match char:
            case "{":
                return self._group_rest()
            case "^":
                return _moved(self._argument(), RAISED, "^")
            case "_":
                return _moved(self._argument(), LOWERED, "_")
        return _SINGLE.get(char, char)

    def _argument(self) -> str:
        """Convert what a command takes: a group, a command, or a sign."""
        while self._source[self._at : self._at + 1] == " ":
            self._at += 1
        if self._at >= len(self._source) or self._source[self._at] == "}":
            return ""
        return self._unit()

    def _command(self) -> str:
        found = _COMMAND.match(self._source, self._at)
        if found is None:
            self._at += 1
            return "\\"
        self._at = found.end()
        name = found[1]
        if name in SYMBOLS or name in SPACES:
            return SYMBOLS.get(name) or SPACES[name]
        if name in NAMES:
            return name
        return self._taken(name)

    def _taken(self, name: str) -> str:
        """Convert a command with what it takes."""
        if name in SILENT:
            self._at += self._source[self._at : self._at + 1] == "."
            return ""
        if name in PLAIN:
            return self._argument()
        if name in ACCENTS:
            return "".join(char + ACCENTS[name] for char in self._argument())
        return self._built(name)

    def _built(self, name: str) -> str:
        """Convert a command that puts what it takes into an order of its own."""
        match name:
            case "frac" | "dfrac" | "tfrac" | "cfrac":
                return self._fraction()
            case "sqrt":
                return self._root()
            case "binom":
                return f"C({self._argument()}, {self._argument()})"
            case "mathbb":
                return "".join(DOUBLE_STRUCK.get(char, char) for char in self._argument())
            case "tag" | "pmod":
                return f"({'mod ' if name == 'pmod' else ''}{self._argument()})"
        return self._environment() if name == "begin" else self._unknown(name)

    def _unknown(self, name: str) -> str:
        """Leave a command as it is, with the braces of what it takes; an escaped sign is that sign."""
        if len(name) == 1 and not name.isalnum() and name not in "()[]":
            return name
        parts = [f"\\{name}"]
        while self._source[self._at : self._at + 1] == "{":
            self._at += 1
            parts.append(f"{{{self._group_rest()}}}")
        return "".join(parts)

    def _fraction(self) -> str:
        over = self._argument()
        if self._at >= len(self._source):
            return over
        return f"{_wrapped(over)}/{_wrapped(self._argument())}"

    def _root(self) -> str:
        degree = ""
        if self._source[self._at : self._at + 1] == "[":
            end = self._source.find("]", self._at)
            end = len(self._source) if end < 0 else end
            degree = _moved(converted(self._source[self._at + 1 : end], self._depth), RAISED, "")
            self._at = end + 1
        return f"{degree}√{_wrapped(self._argument())}"

    def _environment(self) -> str:
        """Convert rows of an environment; of matrices into one line."""
        found = _ENVIRONMENT.match(self._source, self._at)
        name = found[1] if found else ""
        if found is None or not (name in BRACKETS or name in LINED):
            return "\\begin"
        end = self._source.find(f"\\end{{{name}}}", found.end())
        inner = converted(self._source[found.end() : end if end >= 0 else None], self._depth)
        self._at = end + len(f"\\end{{{name}}}") if end >= 0 else len(self._source)
        if name in LINED:
            return inner
        brackets = BRACKETS[name]
        return brackets[0] + "; ".join(row for row in inner.split("\n") if row) + brackets[1]


def _moved(text: str, letters: dict[str, str], sign: str) -> str:
    """Raise or lower a text, or say by a sign that it should be."""
    if text and all(char in letters for char in text):
        return "".join(letters[char] for char in text)
    if len(text) <= 1 or (sign == "_" and text.isalnum()):
        return sign + text
    return f"{sign}({text})"


def _wrapped(text: str) -> str:
    return text if _SIMPLE.fullmatch(text) else f"({text})"
