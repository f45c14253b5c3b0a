"""Addresses of links: completed as Telegram completes them, or refused.

Source: TDLib's LinkManager, by its answers.
"""

import re

from bot.sandbox.telegram.refusals import Refusal, bad_request

_URL = re.compile(r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?P<place>[^/?#]*)(?P<rest>.*)", re.DOTALL)
_WEB = {"http", "https"}
_SCHEMES = {*_WEB, "tg", "ton", "tonsite"}


def checked_url(url: str, *, what: str) -> str:
    """Return the address as Telegram stores it: with a scheme and a path, the host in small letters.

    Raises:
        Refusal: it is none; `what` names its owner in the text.
    """
    match = _URL.fullmatch(url.strip())
    scheme, place, rest = match.group("scheme", "place", "rest") if match else ("", "", "")
    scheme = (scheme or "http").lower()
    if fault := _fault(scheme, place):
        raise _wrong(what, url, fault)
    path = rest if rest.startswith("/") else f"/{rest}"
    return f"{scheme}://{place.lower()}{path.replace(' ', '%20')}"


def _fault(scheme: str, place: str) -> str:
    host, _, port = place.rpartition("@")[2].partition(":")
    if scheme not in _SCHEMES:
        return "Unsupported URL protocol"
    if port and not port.isdecimal():
        return "Wrong port number specified in the URL"
    if not host:
        return "URL host is empty"
    return "Wrong HTTP URL" if scheme in _WEB and "." not in host else ""


def _wrong(what: str, url: str, fault: str) -> Refusal:
    return bad_request(f"{what} URL '{url}' is invalid: {fault}")
