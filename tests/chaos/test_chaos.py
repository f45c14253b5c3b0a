import tempfile
from pathlib import Path

import pytest

from tests.chaos.findings import breaches
from tests.chaos.scenarios import SCENARIOS

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]


# Pollers are in the flows, and storms take long; `make chaos` has both.
@pytest.mark.parametrize("name", ["sigkill", "sigterm", "redis", "flood", "poison"])
async def test_every_law_is_kept(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    findings = await SCENARIOS[name](1, is_quick=True)

    assert breaches(findings) == []
