"""Who asks: credentials and the headers that go with every request.

No secret ever leaves this module but in a header: not in a `repr`, not in an error.

Source: https://yandex.cloud/en/docs/ai-studio/api-ref/authentication and …/api-ref/support-headers
"""

import re
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import uuid4

from bot.errors import BadCredentials

REQUEST_ID = "x-client-request-id"
"""The header by which the service's support finds a request."""
_CREDENTIAL = re.compile(
    r"(?i:(?<=api key ')[^']+|(?:(?<=api-key )|(?<=bearer ))[^\s',]+)"
    r"|AQVN[\w*-]*|\bt1\.[\w.*=-]+",
)
_SENDABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The key of a service account; it does not expire unless the operator said so."""

    scheme: ClassVar[str] = "Api-Key"
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IamToken:
    """A token that lives for hours: for trying out, not for running a bot."""

    scheme: ClassVar[str] = "Bearer"
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """The operator at the service."""

    credentials: ApiKey | IamToken
    folder_id: str
    is_data_logged: bool = False
    """Whether the service may keep requests to improve itself."""

    def headers(self) -> dict[str, str]:
        """Return the headers of one request; each call makes a new request id.

        Raises:
            BadCredentials: the key or the folder id holds what no header can carry: a line break, a Cyrillic
                letter, nothing at all.
        """
        if not (_SENDABLE.fullmatch(self.credentials.secret) and _SENDABLE.fullmatch(self.folder_id)):
            raise BadCredentials(
                "the key or the folder id is empty or holds characters that no header can carry"
            )
        headers = {
            "Authorization": f"{self.credentials.scheme} {self.credentials.secret}",
            "x-folder-id": self.folder_id,
            REQUEST_ID: str(uuid4()),
        }
        return headers if self.is_data_logged else headers | {"x-data-logging-enabled": "false"}

    def redacted(self, text: str) -> str:
        """Return the text without our secret and without anything that looks like one, whole or in part."""
        secret = self.credentials.secret
        return _CREDENTIAL.sub("…", text.replace(secret, "…") if secret else text)
