"""Who asks over the OpenAI dialect: the account at Yandex, or the operator of a server of their own.

They have nothing in common on purpose: nothing of the account is ever sent to another server.
"""

import re
from dataclasses import dataclass, field
from uuid import uuid4

from bot.backends.http import REQUEST_ID
from bot.backends.yandex.auth import Account
from bot.errors import BadCredentials

_SENDABLE = re.compile(r"[!-~]*")
_CREDENTIAL = re.compile(r"(?i:(?<=api key provided: )|(?<=bearer ))[^\s',]+|\bsk-[\w*-]+")


@dataclass(frozen=True, slots=True)
class Project:
    """An account at Yandex, whose folder is a project in this dialect.

    Source: https://yandex.cloud/en/docs/ai-studio/concepts/openai-compatibility
    """

    account: Account

    async def headers(self) -> dict[str, str]:
        """Return the headers of one request; raises as the account's."""
        return await self.account.headers() | {"OpenAI-Project": self.account.folder_id}

    def refuse(self, headers: dict[str, str]) -> bool:
        """Hear that these headers were answered with 401; return whether to try once more with others."""
        return self.account.refuse(headers)

    def redacted(self, text: str) -> str:
        """Return the text without the account's secret."""
        return self.account.redacted(text)


@dataclass(frozen=True, slots=True)
class Operator:
    """Who has a server of their own; most of those want no key."""

    api_key: str = field(default="", repr=False)

    async def headers(self) -> dict[str, str]:
        """Return the headers of one request.

        Raises:
            BadCredentials: the key holds what no header can carry.
        """
        if not _SENDABLE.fullmatch(self.api_key):
            raise BadCredentials("the key holds characters that no header can carry")
        request = {REQUEST_ID: str(uuid4())}
        return request | {"Authorization": f"Bearer {self.api_key}"} if self.api_key else request

    def refuse(self, headers: dict[str, str]) -> bool:  # noqa: ARG002 - the protocol's
        """Know no other key."""
        return False

    def redacted(self, text: str) -> str:
        """Return the text without the key and without anything that looks like one."""
        return _CREDENTIAL.sub("…", text.replace(self.api_key, "…") if self.api_key else text)
