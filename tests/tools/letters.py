"""Letters that a service account signs, and the key it signs them with."""

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

AUDIENCE = "https://iam.api.cloud.yandex.net/iam/v1/tokens"


def key_pair() -> tuple[str, str]:
    """Return a private and a public key in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def letter(private: str, now: float, **changes: object) -> str:
    """Return a letter that is good for an hour, save for the changes of its claims."""
    claims = {"aud": AUDIENCE, "iss": "stand-in-account", "iat": int(now), "exp": int(now) + 3600}
    return jwt.encode(claims | changes, private, algorithm="PS256", headers={"kid": "key"})
