import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key

from bot.backends.yandex.auth import Account
from bot.backends.yandex.iam import AuthorizedKey, Renewing, Source, Token, by_key, by_metadata
from bot.errors import BackendError, BadCredentials, ConfigError, Overloaded, Unreachable

AUDIENCE = "https://iam.api.cloud.yandex.net/iam/v1/tokens"
HOUR_S = 3600.0


class Clock:
    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Mint:
    """Gives numbered tokens for twelve hours, or raises what it was told to."""

    def __init__(self, clock: Clock, *, life_s: float = 12 * HOUR_S) -> None:
        self.asked = 0
        self.error: BackendError | None = None
        self.is_stuck = False
        self._clock = clock
        self._life_s = life_s

    async def __call__(self) -> Token:
        self.asked += 1
        await asyncio.sleep(3600 if self.is_stuck else 0)
        if self.error:
            raise self.error
        return Token(f"t1.{self.asked}", self._clock() + self._life_s)


@pytest.fixture(scope="module")
def pair() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def key_file(pair: RSAPrivateKey, tmp_path: Path) -> Path:
    pem = pair.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    warning = "PLEASE DO NOT REMOVE THIS LINE! Yandex.Cloud SA Key ID <aje1>\n"
    said = {"id": "aje1", "service_account_id": "ajeb2", "private_key": warning + pem.decode()}
    file = tmp_path / "key.json"
    file.write_text(json.dumps(said))
    return file


def client_that(answers: Iterator[httpx.Response], seen: list[httpx.Request]) -> httpx.AsyncClient:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return next(answers)

    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


async def test_a_token_serves_for_an_hour_and_then_another_is_asked_for() -> None:
    clock = Clock()
    mint = Mint(clock)
    credentials = Renewing(mint, clock=clock)

    first = await credentials.current()
    clock.now += HOUR_S - 1
    second = await credentials.current()
    clock.now += 2
    meanwhile = await credentials.current()
    await asyncio.sleep(0.01)

    assert (first, second, meanwhile) == ("t1.1", "t1.1", "t1.1")
    assert await credentials.current() == "t1.2"


async def test_a_token_that_lives_for_minutes_is_renewed_at_half_its_life() -> None:
    clock = Clock()
    credentials = Renewing(Mint(clock, life_s=600), clock=clock)
    await credentials.current()

    clock.now += 301
    await credentials.current()
    await asyncio.sleep(0.01)

    assert await credentials.current() == "t1.2"


async def test_a_crowd_asks_for_one_token() -> None:
    clock = Clock()
    mint = Mint(clock)
    credentials = Renewing(mint, clock=clock)

    tokens = await asyncio.gather(*(credentials.current() for _ in range(20)))

    assert (set(tokens), mint.asked) == ({"t1.1"}, 1)


async def test_while_a_renewal_fails_the_old_token_serves_as_long_as_it_is_good() -> None:
    clock = Clock()
    mint = Mint(clock)
    credentials = Renewing(mint, clock=clock)
    await credentials.current()
    mint.error = Unreachable("no route")

    clock.now += 11 * HOUR_S
    old = await credentials.current()
    clock.now += HOUR_S

    assert old == "t1.1"
    with pytest.raises(Unreachable):
        await credentials.current()


async def test_a_failing_renewal_is_not_tried_at_every_request() -> None:
    clock = Clock()
    mint = Mint(clock)
    credentials = Renewing(mint, clock=clock)
    await credentials.current()
    mint.error = Unreachable("no route")
    clock.now += 2 * HOUR_S

    for _ in range(10):
        await credentials.current()
        await asyncio.sleep(0.001)

    assert mint.asked == 2


async def test_nobody_waits_for_a_renewal_that_hangs_while_the_old_token_is_good() -> None:
    clock = Clock()
    mint = Mint(clock)
    credentials = Renewing(mint, clock=clock)
    await credentials.current()
    mint.is_stuck = True
    clock.now += 2 * HOUR_S

    tokens = [await asyncio.wait_for(credentials.current(), 1) for _ in range(3)]

    assert (tokens, mint.asked) == (["t1.1"] * 3, 2)


async def test_a_crowd_that_has_no_token_waits_for_one_attempt_together() -> None:
    mint = Mint(Clock())
    mint.error = Unreachable("no route")
    credentials = Renewing(mint, clock=Clock())

    told = await asyncio.gather(*(credentials.current() for _ in range(20)), return_exceptions=True)

    assert (set(map(type, told)), mint.asked) == ({Unreachable}, 1)


async def test_a_token_that_is_refused_is_replaced_once_for_all_who_sent_it() -> None:
    clock = Clock()
    mint = Mint(clock)
    account = Account(Renewing(mint, clock=clock), "folder")
    headers = await account.headers()

    answers = [account.refuse(headers), account.refuse(headers)]
    renewed = await account.headers()
    late = account.refuse(headers)

    assert (answers, late, renewed["Authorization"], mint.asked) == ([True, True], True, "Bearer t1.2", 2)


async def test_the_key_of_a_service_account_buys_a_token(pair: RSAPrivateKey, key_file: Path) -> None:
    clock, seen = Clock(datetime.now(UTC).timestamp()), list[httpx.Request]()
    answers = iter([httpx.Response(200, json={"iamToken": "t1.x", "expiresAt": "2030-01-02T03:04:05.678Z"})])

    async with client_that(answers, seen) as client:
        token = await by_key(client, AuthorizedKey.read(key_file), "http://iam", clock=clock)()

    proof = json.loads(seen[0].content)["jwt"]
    assert (token.secret, token.expires_at) == ("t1.x", datetime(2030, 1, 2, 3, 4, 5, 678000, UTC).timestamp())
    assert str(seen[0].url) == "http://iam/iam/v1/tokens"
    assert jwt.get_unverified_header(proof) == {"alg": "PS256", "kid": "aje1", "typ": "JWT"}
    assert verified(proof, pair.public_key())["iss"] == "ajeb2"


def verified(proof: str, key: RSAPublicKey) -> dict[str, Any]:
    return dict(jwt.decode(proof, key, algorithms=["PS256"], audience=AUDIENCE))


async def test_the_virtual_machine_gives_a_token_to_who_knows_the_header() -> None:
    clock, seen = Clock(), list[httpx.Request]()
    said = {"access_token": "t1.vm", "expires_in": 100, "token_type": "Bearer"}
    answers = iter([httpx.Response(200, json=said)])

    async with client_that(answers, seen) as client:
        token = await by_metadata(client, "http://vm/", clock=clock)()

    assert (token.secret, token.expires_at) == ("t1.vm", clock.now + 100)
    assert seen[0].headers["Metadata-Flavor"] == "Google"
    assert seen[0].url.path == "/computeMetadata/v1/instance/service-accounts/default/token"


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (httpx.Response(401, json={"code": 16, "message": "The key is deleted"}), BadCredentials),
        (httpx.Response(404, text="no service account"), BadCredentials),
        (httpx.Response(503, text="busy"), Overloaded),
        (httpx.Response(200, json={"token": "?"}), Overloaded),
        (httpx.Response(200, text="<html>"), Overloaded),
        (httpx.Response(200, json=[]), Overloaded),
    ],
)
async def test_what_is_no_token_is_an_error(response: httpx.Response, error: type[BackendError]) -> None:
    async with client_that(iter([response]), []) as client:
        source: Source = by_metadata(client, "http://vm")

        with pytest.raises(error):
            await source()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": "a", "service_account_id": "b", "private_key": "c"}'])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "key.json"
    file.write_text(text)

    with pytest.raises(ConfigError, match=r"key\.json.*yc iam key create"):
        AuthorizedKey.read(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        AuthorizedKey.read(tmp_path / "key.json")


async def test_no_key_is_in_a_repr(key_file: Path) -> None:
    key = AuthorizedKey.read(key_file)

    assert "PRIVATE" not in repr(key)
    assert "t1.x" not in repr(Token("t1.x", 0.0))
