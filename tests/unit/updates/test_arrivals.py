import pytest

from bot.updates.arrivals import Arrival


def test_what_is_told_is_read_as_it_was_meant() -> None:
    arrival = Arrival("1", "message", 10, -7)

    assert Arrival.parse(arrival.text) == arrival


@pytest.mark.parametrize(
    "text", ["", "arrived", "stop 1 message 10 1", "arrived 1 message ten 1", "arrived 1 message 10 "]
)
def test_what_is_something_else_is_nothing(text: str) -> None:
    assert Arrival.parse(text) is None
