import pytest

from bot.sandbox.telegram.links import checked_url
from bot.sandbox.telegram.refusals import Refusal


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://ya.ru", "https://ya.ru/"),
        ("ya.ru/x y", "http://ya.ru/x%20y"),
        ("HTTP://YA.RU/Q", "http://ya.ru/Q"),
        ("https://ya.ru#q", "https://ya.ru/#q"),
        ("https://пример.рф", "https://пример.рф/"),
        ("a@ya.ru:80", "http://a@ya.ru:80/"),
        ("tg://resolve?domain=x", "tg://resolve/?domain=x"),
    ],
)
def test_an_address_is_completed(url: str, kept: str) -> None:
    assert checked_url(url, what="Entity") == kept


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("not-a-url", "Wrong HTTP URL"),
        ("", "URL host is empty"),
        ("#a", "URL host is empty"),
        ("http://localhost:80/", "Wrong HTTP URL"),
        ("javascript:alert(1)", "Wrong port number specified in the URL"),
        ("ftp://a.b", "Unsupported URL protocol"),
    ],
)
def test_what_is_no_address_is_refused(url: str, fault: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked_url(url, what="Entity")

    assert refused.value.description == f"Bad Request: entity URL '{url}' is invalid: {fault}"
