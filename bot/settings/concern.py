"""What all concerns share, and the kinds of values that an operator writes."""

import difflib
import re
from collections.abc import Iterator
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, HttpUrl, SecretStr, TypeAdapter
from pydantic_settings import NoDecode


def _listed(value: Any) -> Any:
    """Accept ids as an operator writes them: `1, 2`, `1 2` or `[1, 2]`."""
    return value.strip("[] ").replace(",", " ").split() if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"no such time zone: {name!r}; Europe/Moscow is one") from error
    return name


def _bare_url(url: str) -> str:
    return str(_HTTP_URL.validate_python(url)).rstrip("/")


_HTTP_URL = TypeAdapter(HttpUrl)
Url = Annotated[str, AfterValidator(_bare_url)]
"""An http(s) address without a slash at its end."""

WebhookUrl = Annotated[str, AfterValidator(lambda url: str(_HTTP_URL.validate_python(url)))]
"""An http(s) address as it is: to a proxy, a slash at its end may matter."""


def _known_by_telegram(secret: SecretStr) -> SecretStr:
    if not _SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError("1 to 256 characters of A-Z, a-z, 0-9, _ and - are allowed, and no others")
    return secret


_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""Source: https://core.telegram.org/bots/api#setwebhook"""
WebhookSecret = Annotated[SecretStr, AfterValidator(_known_by_telegram)]

Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
UserIds = Annotated[frozenset[int], NoDecode, BeforeValidator(_listed)]
TimeZone = Annotated[str, AfterValidator(_known_zone)]
Upper = BeforeValidator(_upper)
"""Lets a word be written in small letters too."""


class Concern(BaseModel):
    """What all concerns share: nothing changes after the start, and strangers are kept to be told."""

    model_config = ConfigDict(frozen=True, validate_default=True, extra="allow")

    def unknown(self) -> Iterator[tuple[str, str]]:
        """Yield settings that were given and do not exist, each with the nearest that does, or nothing."""
        for name in self.model_extra or ():
            nearest = difflib.get_close_matches(name, type(self).model_fields, n=1)
            yield name, nearest[0] if nearest else ""
