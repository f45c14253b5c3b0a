"""Tokens of the stand-in: sub-words of up to five letters, so that streaming looks natural."""

import re

_TOKEN = re.compile(r"\s*(?:\w{1,5}|[^\w\s]{1,3})|\s+")


def split(text: str) -> list[str]:
    """Cut a text into tokens, which join to the text again."""
    return _TOKEN.findall(text)
