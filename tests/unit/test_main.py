import gc
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

import bot.__main__ as main
from bot.__main__ import _make_room


@pytest.fixture
def untouched() -> Iterator[None]:
    thresholds, interval_s = gc.get_threshold(), sys.getswitchinterval()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, files)
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


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(("now", "then"), [(512, 2048), (2048, 2048)])
def test_as_many_files_as_may_be_can_be_open(monkeypatch: pytest.MonkeyPatch, now: int, then: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (now, most))
    monkeypatch.setattr(main, "_FILES", 2048)

    _make_room()

    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (then, most)


@pytest.mark.usefixtures("untouched")
def test_a_system_that_allows_no_more_files_ends_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = []

    def refuse(_kind: int, limits: tuple[int, int]) -> None:
        refused.append(limits)
        raise ValueError("current limit exceeds maximum limit")

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, most))
    with monkeypatch.context() as patch:
        patch.setattr(resource, "setrlimit", refuse)
        _make_room()

    assert len(refused) == 1
    assert gc.get_freeze_count()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_whoever_is_told_to_stop_while_it_starts_ends_well(number: signal.Signals) -> None:
    start = "import time, bot.__main__ as main; main._leave_when_told(); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(number)

    assert process.returncode == 0
