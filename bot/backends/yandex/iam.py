"""IAM tokens that renew themselves: bought with the key of a service account, or asked of the virtual machine.

A token is renewed well before it expires, once for all who ask meanwhile; until that has succeeded, the old
token serves as long as it is good, and nobody waits.

Sources: https://yandex.cloud/en/docs/iam/operations/iam-token/create-for-sa and
https://yandex.cloud/en/docs/compute/operations/vm-connect/auth-inside-vm
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import httpx
import structlog

from bot.backends.failures import Refusal
from bot.backends.http import amid_the_response, before_the_connection
from bot.errors import (
    BackendError,
    BackendTimeout,
    BadCredentials,
    ConfigError,
    ConnectionCut,
    Overloaded,
    Problem,
)

log = structlog.get_logger(__name__)

_RENEWED_AFTER = 0.5
"""Of a token's life; the service recommends every hour, of twelve at most."""
_RENEWED_WITHIN_S = 3600.0
_PAUSE_S = 15.0
"""Between renewals that fail while the old token is good."""
_TIMEOUT_S = 10.0
_JWT_LIFE_S = 3600
_JWT_ALGORITHM = "PS256"


@dataclass(frozen=True, slots=True)
class Token:
    """A token and the moment from which it is no good, in Unix seconds."""

    secret: str = field(repr=False)
    expires_at: float


Source = Callable[[], Awaitable[Token]]
"""Gets a new token; raises `BackendError` if there is none."""


class Renewing:
    """Credentials from a source of tokens; see `bot.backends.yandex.auth.Credentials`."""

    scheme: ClassVar[str] = "Bearer"

    def __init__(self, source: Source, *, clock: Callable[[], float] = time.time) -> None:
        self._source = source
        self._clock = clock
        self._token = Token("", 0.0)
        self._renew_at = 0.0
        self._renewal: asyncio.Task[BackendError | None] | None = None

    @property
    def secret(self) -> str:
        """The newest token; empty if there was none yet."""
        return self._token.secret

    async def current(self) -> str:
        """Return a token that is good now.

        Raises:
            BackendError: the old one is no good any more, and there is no other to be had; all who wait for the
                same renewal are told the same.
        """
        if self._clock() >= self._renew_at:
            renewal = self._running_renewal()
            if self._clock() >= self._token.expires_at and (error := await asyncio.shield(renewal)):
                raise error
        return self._token.secret

    def refuse(self, secret: str) -> bool:
        """Forget a token that the service does not take; whoever sent an older one gets the newest."""
        if secret == self._token.secret:
            self._token, self._renew_at = Token(secret, 0.0), 0.0
        return True

    def _running_renewal(self) -> "asyncio.Task[BackendError | None]":
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renewed(), name="token")
        return self._renewal

    async def _renewed(self) -> BackendError | None:
        """Replace the token; return why there is no other."""
        asked_at = self._clock()
        try:
            self._token = await self._source()
        except BackendError as error:
            log.warning("the token is not renewed", error=str(error))
            self._renew_at = min(self._clock() + _PAUSE_S, self._token.expires_at)
            return error
        life_s = self._token.expires_at - asked_at
        self._renew_at = asked_at + max(0.0, min(_RENEWED_WITHIN_S, life_s * _RENEWED_AFTER))
        return None


@dataclass(frozen=True, slots=True)
class AuthorizedKey:
    """The key of a service account."""

    key_id: str
    account_id: str
    private_key: str = field(repr=False)

    @classmethod
    def read(cls, file: Path) -> "AuthorizedKey":
        """Read the file that `yc iam key create` writes.

        Raises:
            ConfigError: it is not such a file.
        """
        try:
            said = json.loads(file.read_text("utf-8"))
            key = cls(said["id"], said["service_account_id"], said["private_key"])
            key.signed("https://example.org", now=0.0)
        except OSError as error:
            raise ConfigError(
                Problem(file, 0, 0, f"YANDEX__KEY_FILE cannot be read: {error.strerror}")
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            message = "YANDEX__KEY_FILE is no authorized key: `yc iam key create --output FILE` makes one"
            raise ConfigError(Problem(file, 0, 0, message)) from error
        return key

    def signed(self, audience: str, *, now: float) -> str:
        """Return a JSON Web Token that proves that we have the key, for an hour.

        Raises:
            ValueError: it is no private key.
        """
        import jwt  # noqa: PLC0415 - a tenth of a second that only those with a key file need to spend

        issued_at = int(now)
        claims = {"aud": audience, "iss": self.account_id, "iat": issued_at, "exp": issued_at + _JWT_LIFE_S}
        try:
            return jwt.encode(claims, self._pem, algorithm=_JWT_ALGORITHM, headers={"kid": self.key_id})
        except jwt.PyJWTError as error:
            raise ValueError(str(error)) from error

    @property
    def _pem(self) -> str:
        """The key without the line of warning that the service puts above it."""
        return self.private_key[self.private_key.find("-----BEGIN") :]


def by_key(
    client: httpx.AsyncClient, key: AuthorizedKey, iam_url: str, *, clock: Callable[[], float] = time.time
) -> Source:
    """Return what buys tokens with the key of a service account."""
    url = f"{iam_url.rstrip('/')}/iam/v1/tokens"
    audience = "https://iam.api.cloud.yandex.net/iam/v1/tokens"

    async def buy() -> Token:
        said = await _said(client, "POST", url, json={"jwt": key.signed(audience, now=clock())})
        expires_at = datetime.fromisoformat(str(said["expiresAt"])).timestamp()
        return Token(str(said["iamToken"]), expires_at)

    return _read(buy)


def by_metadata(
    client: httpx.AsyncClient, metadata_url: str, *, clock: Callable[[], float] = time.time
) -> Source:
    """Return what asks the virtual machine for tokens of its service account."""
    path = "/computeMetadata/v1/instance/service-accounts/default/token"
    url = f"{metadata_url.rstrip('/')}{path}"

    async def ask() -> Token:
        said = await _said(client, "GET", url, headers={"Metadata-Flavor": "Google"})
        return Token(str(said["access_token"]), clock() + float(said["expires_in"]))

    return _read(ask)


def _read(source: Source) -> Source:
    """Return the same source, in time and with errors of ours, which are unheard: no model was asked yet."""

    async def reading() -> Token:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await source()
        except (KeyError, ValueError, TypeError) as error:
            message = "the answer to our request for a token makes no sense"
            raise Overloaded(message, was_unheard=True) from error
        except Overloaded as error:
            error.was_unheard = True
            raise
        except (TimeoutError, ConnectionCut, BackendTimeout) as error:
            raise Overloaded(f"there is no token: {error!r}", was_unheard=True) from error

    return reading


async def _said(client: httpx.AsyncClient, method: str, url: str, **more: Any) -> dict[str, Any]:
    with amid_the_response(), before_the_connection():
        response = await client.request(method, url, timeout=_TIMEOUT_S, **more)
    if response.status_code == httpx.codes.OK:
        return dict(response.json())
    refusal = Refusal.of_response(response.status_code, response.content, response.headers.get("Retry-After"))
    error = refusal.as_error(lambda text: text, "for a token")
    raise error if error.is_transient else BadCredentials(str(error))
