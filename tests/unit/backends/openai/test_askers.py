import pytest

from bot.backends.openai.askers import Operator, Project
from bot.backends.yandex.auth import Account, ApiKey
from bot.errors import BadCredentials

ACCOUNT = Account(ApiKey("AQVN-secret"), "folder")


async def test_an_account_is_known_by_its_headers_and_its_project() -> None:
    headers = await Project(ACCOUNT).headers()

    assert headers["Authorization"] == "Api-Key AQVN-secret"
    assert headers["OpenAI-Project"] == headers["x-folder-id"] == "folder"
    assert headers["x-data-logging-enabled"] == "false"


def test_an_account_hides_its_secret() -> None:
    assert Project(ACCOUNT).redacted("the key AQVN-secret") == "the key …"


async def test_an_operator_without_a_key_sends_none() -> None:
    assert set(await Operator().headers()) == {"x-client-request-id"}


async def test_each_request_has_an_id_of_its_own() -> None:
    operator = Operator("sk-mine")

    first, second = await operator.headers(), await operator.headers()

    assert first["Authorization"] == second["Authorization"] == "Bearer sk-mine"
    assert first["x-client-request-id"] != second["x-client-request-id"]
    assert set(first) == {"Authorization", "x-client-request-id"}


@pytest.mark.parametrize("key", ["ключ", "with a space", "with\nbreak"])
async def test_a_key_that_no_header_can_carry_is_told_without_it(key: str) -> None:
    with pytest.raises(BadCredentials) as caught:
        await Operator(key).headers()

    assert key not in str(caught.value)


def test_there_is_no_other_key_to_try() -> None:
    assert not Operator("sk-mine").refuse({})


@pytest.mark.parametrize(
    "told",
    [
        "Incorrect API key provided: mine.",
        "Incorrect API key provided: sk-pr**********wxyz. You can find",
        "no such key: Bearer mine",
        "mine is no key",
    ],
)
def test_an_operator_hides_the_key_and_what_looks_like_one(told: str) -> None:
    hidden = Operator("mine").redacted(told)

    assert "mine" not in hidden
    assert "wxyz" not in hidden


def test_without_a_key_nothing_has_to_be_hidden() -> None:
    assert Operator().redacted("as it is") == "as it is"


def test_no_secret_is_shown_by_a_repr() -> None:
    assert "mine" not in repr(Operator("mine"))
