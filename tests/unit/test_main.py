import gc
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.__main__ import _make_room


@pytest.fixture
def untouched() -> Iterator[None]:
    thresholds, interval_s = gc.get_threshold(), sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval_s)
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("untouched")
def test_what_was_imported_is_never_looked_through_again() -> None:
    _make_room()

    assert sys.getswitchinterval() < 0.005
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] > 700
    assert gc.isenabled()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_whoever_is_told_to_stop_while_it_starts_ends_well(number: signal.Signals) -> None:
    start = "import time, bot.__main__ as main; main._leave_when_told(); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(number)

    assert process.returncode == 0
