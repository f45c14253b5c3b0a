"""Signed letters (JSON Web Tokens) by which a service account asks for a token, as the service judges them."""

import base64
import json
from typing import Any

import jwt
from jwt.types import Options

from bot.sandbox.models.rules import Unacceptable

AUDIENCE = "https://iam.api.cloud.yandex.net/iam/v1/tokens"
_ALGORITHM = "PS256"
_LONGEST_LIFE_S = 3600
_PARTS = 3


def check_letter(letter: str, account_id: str, public_key: str, now: float) -> None:
    """Let only letters pass that are well formed, meant for the service, in time, and of the account.

    The signature is checked if there is a public key, the account if there is one.

    Raises:
        Unacceptable: this one is not.
    """
    parts = letter.split(".")
    if len(parts) != _PARTS or not all(parts):
        raise Unacceptable(400, "jwt has not three parts")
    head, claims, _ = (_decoded(part) for part in parts)
    if _object(head).get("alg") != _ALGORITHM or not _object(head).get("kid"):
        raise Unacceptable(400, f"jwt has to be signed by {_ALGORITHM} and to name its key")
    _check_claims(_object(claims), account_id, now)
    if public_key:
        _check_signature(letter, public_key)


def _check_claims(claims: dict[str, Any], account_id: str, now: float) -> None:
    if claims.get("aud") != AUDIENCE:
        raise Unacceptable(401, f"jwt is not meant for {AUDIENCE}")
    if account_id and claims.get("iss") != account_id:
        raise Unacceptable(401, f"jwt is of an unknown account: {claims.get('iss')}")
    issued_at, expires_at = claims.get("iat"), claims.get("exp")
    if not isinstance(issued_at, int) or not isinstance(expires_at, int):
        raise Unacceptable(400, "jwt does not say when it begins and ends")
    if not now < expires_at <= issued_at + _LONGEST_LIFE_S:
        raise Unacceptable(401, "jwt has expired, or lives too long")


def _check_signature(letter: str, public_key: str) -> None:
    unchecked: Options = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
    try:
        jwt.decode(letter, public_key, algorithms=[_ALGORITHM], options=unchecked)
    except jwt.PyJWTError as error:
        raise Unacceptable(401, f"jwt is not signed by the account: {error}") from error


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise Unacceptable(400, "jwt is not base64url") from error


def _object(decoded: bytes) -> dict[str, Any]:
    try:
        said = json.loads(decoded)
    except ValueError as error:
        raise Unacceptable(400, "jwt is no JSON") from error
    return said if isinstance(said, dict) else {}
