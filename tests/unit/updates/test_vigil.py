from collections.abc import Mapping, Sequence

import pytest

from bot.updates.vigil import Suspects


@pytest.mark.parametrize(
    ("looks", "dead"),
    [
        ([{"a": 9}], {}),
        ([{"a": 9}, {"a": 9}], {}),
        ([{"a": 9}, {"a": 9}, {"a": 9}], {"a": 9}),
        ([{"a": 9}, {"a": 5}, {"a": 1}], {"a": 9}),
        ([{"a": 9}, {}, {"a": 9}, {"a": 9}], {}),
        ([{"a": 9}, {"a": 9, "b": 2}, {"a": 9, "b": 2}], {"a": 9}),
    ],
)
def test_dead_is_who_is_silent_again_and_again_and_held_what_it_held_at_first(
    looks: Sequence[Mapping[str, int]], dead: Mapping[str, int]
) -> None:
    suspects = Suspects(patience=2)

    assert [suspects.look(silent) for silent in looks][-1] == dead


def test_who_is_acquitted_is_suspected_from_the_beginning() -> None:
    suspects = Suspects(patience=1)
    suspects.look({"a": 1})
    suspects.acquit()

    assert suspects.look({"a": 1}) == {}
    assert suspects.look({"a": 1}) == {"a": 1}
