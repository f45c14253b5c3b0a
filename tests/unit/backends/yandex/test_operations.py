from typing import Any

import pytest

from bot.backends.yandex.operations import parsed
from bot.errors import ConnectionCut


@pytest.mark.parametrize(
    ("said", "is_done", "is_failed"),
    [
        ({"id": "a", "done": False, "metadata": None}, False, False),
        ({"id": "a"}, False, False),
        ({"id": "a", "done": True, "response": {"x": 1}}, True, False),
        ({"id": "a", "done": True, "response": {"x": 1}, "error": {"code": 0}}, True, False),
        ({"id": "a", "done": True, "error": {"code": 13, "message": "broken"}}, True, True),
        ({"id": "a", "done": False, "error": {"code": "8"}}, False, True),
        ({"id": "a", "done": "yes", "response": [], "error": "odd"}, False, False),
    ],
)
def test_an_operation_may_lack_almost_any_field(
    said: dict[str, Any], *, is_done: bool, is_failed: bool
) -> None:
    operation = parsed(said)

    assert (operation.is_done, operation.error is not None) == (is_done, is_failed)


@pytest.mark.parametrize("said", [{}, {"id": ""}, {"id": 5}])
def test_an_operation_without_a_name_is_none(said: dict[str, Any]) -> None:
    with pytest.raises(ConnectionCut, match="named no operation"):
        parsed(said)
