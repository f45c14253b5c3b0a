import gc
from collections.abc import Iterator

import pytest

from bot.__main__ import _collect_seldom


@pytest.fixture
def untouched() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("untouched")
def test_what_was_imported_is_never_looked_through_again() -> None:
    _collect_seldom()

    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] > 700
    assert gc.isenabled()
