import base64
import json
from typing import Any

import httpx
import pytest

from bot.backends.yandex.iam import AuthorizedKey, by_key, by_metadata
from bot.sandbox.models.faults import Refuse
from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from tests.tools import protos
from tests.tools.clock import FakeClock
from tests.tools.letters import AUDIENCE, key_pair, letter

BUY = "/iam/v1/tokens"
METADATA = "/computeMetadata/v1/instance/service-accounts/default/token"
NOW = 1_800_000_000
CLAIMS = {"aud": AUDIENCE, "iss": "stand-in-account", "iat": NOW, "exp": NOW + 3600}
HEAD = {"alg": "PS256", "kid": "key"}
ASK = {
    "modelUri": "gpt://stand-in-folder/yandexgpt",
    "messages": [{"role": "user", "text": "Hi"}],
    "completionOptions": {"maxTokens": 1},
}


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    return key_pair()


def part(said: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def unsigned(head: Any = HEAD, claims: Any = CLAIMS) -> str:
    return f"{part(head)}.{part(claims)}.c2ln"


async def bought(client: httpx.AsyncClient, signed: str) -> httpx.Response:
    return await client.post(BUY, json={"jwt": signed}, headers={"Authorization": ""})


async def status_with(client: httpx.AsyncClient, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return (await client.post("/foundationModels/v1/completion", json=ASK, headers=headers)).status_code


async def test_a_signed_letter_buys_a_token_that_opens_the_door(
    client: httpx.AsyncClient, twin: ModelsTwin, keys: tuple[str, str]
) -> None:
    twin.public_key = keys[1]

    response = await bought(client, letter(keys[0], NOW))

    token = protos.token_response(response.content)
    assert token.expires_at.seconds == NOW + 43_200
    assert await status_with(client, token.iam_token) == 200


async def test_a_token_is_good_until_it_expires(
    client: httpx.AsyncClient, twin: ModelsTwin, clock: FakeClock
) -> None:
    twin.passes.life_s = 100
    token = protos.token_response((await bought(client, unsigned())).content).iam_token

    statuses = []
    for pause_s in (99, 1):
        clock.advance(pause_s)
        statuses.append(await status_with(client, token))

    assert statuses == [200, 401]


async def test_tokens_can_be_taken_back(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    token = protos.token_response((await bought(client, unsigned())).content).iam_token
    twin.passes.expire()

    assert await status_with(client, token) == 401


@pytest.mark.parametrize(
    ("signed", "status"),
    [
        ("", 400),
        ("a.b", 400),
        ("a..b", 400),
        ("§.§.§", 400),
        ("YQ.YQ.YQ", 400),
        (unsigned([]), 400),
        (unsigned(HEAD | {"alg": "RS256"}), 400),
        (unsigned({"alg": "PS256"}), 400),
        (unsigned(claims=CLAIMS | {"aud": "https://example.org"}), 401),
        (unsigned(claims=CLAIMS | {"iss": "somebody"}), 401),
        (unsigned(claims={"aud": AUDIENCE, "iss": "stand-in-account"}), 400),
        (unsigned(claims=CLAIMS | {"exp": NOW}), 401),
        (unsigned(claims=CLAIMS | {"exp": NOW + 3601}), 401),
    ],
)
async def test_letters_that_are_not_good_buy_nothing(
    client: httpx.AsyncClient, signed: str, status: int
) -> None:
    response = await bought(client, signed)

    assert response.status_code == status
    assert response.json()["code"] == {400: 3, 401: 16}[status]


async def test_a_letter_signed_by_somebody_else_buys_nothing(
    client: httpx.AsyncClient, twin: ModelsTwin, keys: tuple[str, str]
) -> None:
    twin.public_key = keys[1]

    response = await bought(client, unsigned())

    assert response.status_code == 401


@pytest.mark.parametrize("body", [b"", b"[]", b'{"jwt": 5}'])
async def test_without_a_letter_there_is_nothing(client: httpx.AsyncClient, body: bytes) -> None:
    assert (await client.post(BUY, content=body)).status_code == 400


async def test_whoever_may_ask_can_be_anybody(client: httpx.AsyncClient, twin: ModelsTwin) -> None:
    twin.account_id = ""

    assert (await bought(client, unsigned(claims=CLAIMS | {"iss": "somebody"}))).status_code == 200


async def test_the_virtual_machine_gives_tokens_to_who_knows_the_header(client: httpx.AsyncClient) -> None:
    without = await client.get(METADATA)
    token = (await client.get(METADATA, headers={"Metadata-Flavor": "Google"})).json()

    assert without.status_code == 403
    assert (token["expires_in"], token["token_type"]) == (43_200, "Bearer")
    assert await status_with(client, token["access_token"]) == 200


@pytest.mark.parametrize(("method", "path"), [("tokens", BUY), ("metadata", METADATA)])
async def test_who_gives_tokens_can_be_away(
    client: httpx.AsyncClient, twin: ModelsTwin, method: str, path: str
) -> None:
    twin.fail_next(Refuse(503), method=method)

    response = await client.request("POST" if path == BUY else "GET", path)

    assert response.status_code == 503


async def test_the_bot_gets_its_tokens_in_both_ways(
    client: httpx.AsyncClient,
    server: ModelsServer,
    twin: ModelsTwin,
    clock: FakeClock,
    keys: tuple[str, str],
) -> None:
    twin.public_key = keys[1]
    key = AuthorizedKey("key", twin.account_id, keys[0])

    tokens = [
        await by_key(client, key, server.iam_url, clock=clock)(),
        await by_metadata(client, server.metadata_url, clock=clock)(),
    ]

    assert [await status_with(client, token.secret) for token in tokens] == [200, 200]
    assert [token.expires_at for token in tokens] == [NOW + 43_200] * 2
