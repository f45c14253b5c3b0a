"""Who asks: credentials and the headers that go with every request.

No secret ever leaves this module but in a header: not in a `repr`, not in an error.

Source: https://yandex.cloud/en/docs/ai-studio/api-ref/authentication and …/api-ref/support-headers
"""

import re
from dataclasses import dataclass, field
from typing import ClassVar, Protocol
from uuid import uuid4

from bot.backends.http import REQUEST_ID
from bot.errors import BadCredentials

_CREDENTIAL = re.compile(
    r"(?i:(?<=api key ')[^']+|(?:(?<=api-key )|(?<=bearer ))[^\s',]+)"
    r"|AQVN[\w*-]*|\bt1\.[\w.*=-]+",
)
_SENDABLE = re.compile(r"[!-~]+")


class Credentials(Protocol):
    """How the service knows the operator."""

    @property
    def scheme(self) -> str:
        """What stands before the secret in the header."""
        ...

    @property
    def secret(self) -> str:
        """The newest secret that is known, so that nobody reads it; may be empty."""
        ...

    async def current(self) -> str:
        """Return a secret that is good now. Raises `BackendError` if there is none to be had."""
        ...

    def refuse(self, secret: str) -> bool:
        """Hear that the service does not take this secret; return whether another may be had."""
        ...


@dataclass(frozen=True, slots=True)
class _Given:
    """A secret that the operator gave, for which there is no other."""

    secret: str = field(repr=False)

    async def current(self) -> str:
        """Return it."""
        return self.secret

    def refuse(self, secret: str) -> bool:  # noqa: ARG002 - the port's
        """Know no other."""
        return False


@dataclass(frozen=True, slots=True)
class ApiKey(_Given):
    """The key of a service account; it does not expire unless the operator said so."""

    scheme: ClassVar[str] = "Api-Key"


@dataclass(frozen=True, slots=True)
class IamToken(_Given):
    """A token that lives for hours: for trying out, not for running a bot."""

    scheme: ClassVar[str] = "Bearer"


@dataclass(frozen=True, slots=True)
class Account:
    """The operator at the service."""

    credentials: Credentials
    folder_id: str
    is_data_logged: bool = False
    """Whether the service may keep requests to improve itself."""

    async def headers(self) -> dict[str, str]:
        """Return the headers of one request; each call makes a new request id.

        Raises:
            BadCredentials: the key or the folder id holds what no header can carry: a line break, a Cyrillic
                letter, nothing at all.
            BackendError: there is no token to be had.
        """
        secret = await self.credentials.current()
        if not (_SENDABLE.fullmatch(secret) and _SENDABLE.fullmatch(self.folder_id)):
            raise BadCredentials(
                "the key or the folder id is empty or holds characters that no header can carry"
            )
        headers = {
            "Authorization": f"{self.credentials.scheme} {secret}",
            "x-folder-id": self.folder_id,
            REQUEST_ID: str(uuid4()),
        }
        return headers if self.is_data_logged else headers | {"x-data-logging-enabled": "false"}

    def refuse(self, headers: dict[str, str]) -> bool:
        """Hear that these headers were answered with 401; return whether to try once more with others."""
        return self.credentials.refuse(headers["Authorization"].removeprefix(f"{self.credentials.scheme} "))

    def redacted(self, text: str) -> str:
        """Return the text without our secret and without anything that looks like one, whole or in part."""
        secret = self.credentials.secret
        return _CREDENTIAL.sub("…", text.replace(secret, "…") if secret else text)
