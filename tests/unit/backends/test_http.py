import httpx
import pytest

from bot.backends.http import amid_the_response, before_the_response, body_of_failure, new_client
from bot.errors import ConnectionCut, Unreachable
from tests.tools.responses import ScriptedResponses


async def test_the_client_is_as_patient_as_it_was_told() -> None:
    async with new_client(connect_timeout_s=3, request_timeout_s=7) as client:
        assert client.timeout.connect == 3
        assert client.timeout.read == 7


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("no such host"),
        httpx.ConnectTimeout("too slow"),
        httpx.PoolTimeout("too many"),
        httpx.RemoteProtocolError("Server disconnected without sending a response."),
        httpx.InvalidURL("no such port"),
    ],
)
def test_before_a_response_every_break_may_be_tried_again(error: Exception) -> None:
    with pytest.raises(Unreachable) as caught, before_the_response():
        raise error

    assert caught.value.is_transient
    assert str(error) in str(caught.value)


def test_an_error_without_words_is_told_by_its_name() -> None:
    with pytest.raises(Unreachable, match=r"^ConnectError$"), before_the_response():
        raise httpx.ConnectError("")


@pytest.mark.parametrize(
    "error",
    [httpx.ReadError("reset"), httpx.RemoteProtocolError("incomplete"), httpx.DecodingError("not gzip")],
)
def test_a_response_that_breaks_is_a_cut(error: Exception) -> None:
    with pytest.raises(ConnectionCut), amid_the_response():
        raise error


async def test_of_a_failure_no_more_than_64_kib_are_read() -> None:
    transport = ScriptedResponses([b"x" * 40_000] * 3, status=500)

    async with httpx.AsyncClient(transport=transport) as client, client.stream("GET", "http://x") as response:
        body = await body_of_failure(response)

    assert len(body) == 65536
    assert response.is_closed


async def test_a_failure_that_breaks_off_says_what_had_come() -> None:
    transport = ScriptedResponses([b"half a sen", httpx.ReadError("reset")], status=500)

    async with httpx.AsyncClient(transport=transport) as client, client.stream("GET", "http://x") as response:
        body = await body_of_failure(response)

    assert body == b"half a sen"
