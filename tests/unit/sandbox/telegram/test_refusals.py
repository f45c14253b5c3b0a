import pytest

from bot.sandbox.telegram.refusals import bad_request, conflict, forbidden, too_many_requests


@pytest.mark.parametrize(
    ("reason", "description"),
    [
        ("Message is too long", "Bad Request: message is too long"),
        ("message is too long", "Bad Request: message is too long"),
        ("MESSAGE_TOO_LONG", "Bad Request: MESSAGE_TOO_LONG"),
        ("A_B", "Bad Request: A_B"),
        ("X", "Bad Request: x"),
    ],
)
def test_the_first_letter_is_small_but_in_constants(reason: str, description: str) -> None:
    assert str(bad_request(reason)) == description


def test_every_code_has_its_words() -> None:
    assert forbidden("no").description == "Forbidden: no"
    assert conflict("two").description == "Conflict: two"
    assert too_many_requests(5).description == "Too Many Requests: retry after 5"
    assert too_many_requests(5).parameters == {"retry_after": 5}
