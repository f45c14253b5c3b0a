import pytest

from bot.backends.yandex.auth import Account, ApiKey, IamToken
from bot.errors import BadCredentials

KEY = "AQVN-a-very-secret-key"


async def test_a_key_and_a_token_are_sent_each_under_its_own_scheme() -> None:
    key = await Account(ApiKey(KEY), "folder").headers()
    token = await Account(IamToken("t1.token"), "folder").headers()

    assert key["Authorization"] == f"Api-Key {KEY}"
    assert token["Authorization"] == "Bearer t1.token"


async def test_the_folder_goes_along() -> None:
    assert (await Account(ApiKey(KEY), "folder").headers())["x-folder-id"] == "folder"


async def test_the_service_may_not_keep_requests_unless_the_operator_says_so() -> None:
    assert (await Account(ApiKey(KEY), "folder").headers())["x-data-logging-enabled"] == "false"
    assert "x-data-logging-enabled" not in await Account(ApiKey(KEY), "folder", is_data_logged=True).headers()


async def test_every_request_has_an_id_of_its_own() -> None:
    account = Account(ApiKey(KEY), "folder")

    first, second = await account.headers(), await account.headers()

    assert first["x-client-request-id"] != second["x-client-request-id"]


def test_no_secret_is_in_a_repr() -> None:
    assert KEY not in repr(Account(ApiKey(KEY), "folder"))
    assert "t1.token" not in repr(IamToken("t1.token"))


@pytest.mark.parametrize(
    ("key", "folder_id"), [("", "folder"), ("ключ", "folder"), ("a\nb", "folder"), (KEY, ""), (KEY, "папка")]
)
async def test_what_no_header_can_carry_is_told_without_showing_it(key: str, folder_id: str) -> None:
    with pytest.raises(BadCredentials) as caught:
        await Account(ApiKey(key), folder_id).headers()

    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        (f"bad key {KEY}!", "bad key …!"),
        ("Unknown api key 'AQVN****98iI (CE9D1A49)'", "Unknown api key '…'"),
        ("key AQVNxyz-98iI is old", "key … is old"),
        ("token t1.9euelZ.abc-def expired", "token … expired"),
        ("Authorization: Api-Key abcdef, sorry", "Authorization: Api-Key …, sorry"),
        ("Authorization: Bearer abcdef", "Authorization: Bearer …"),
        ("model t10.x and part1.y are no tokens", "model t10.x and part1.y are no tokens"),
    ],
)
def test_secrets_that_the_service_echoes_are_cut_out(said: str, logged: str) -> None:
    assert Account(ApiKey(KEY), "folder").redacted(said) == logged


def test_an_empty_secret_hides_nothing() -> None:
    assert Account(ApiKey(""), "folder").redacted("plain words") == "plain words"
