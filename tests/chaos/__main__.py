"""`make chaos`: kill replicas, Redis and the network, and count what is lost.

Exits with 1 if a law is broken: a finding exceeds its limit. The seed decides what is left to chance, and no
more: two runs with one seed follow the same plan, and never meet the same moments. What the processes logged
is kept if a law is broken, or with `LOGS=1`.
"""

import argparse
import asyncio
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence

from tests.chaos.findings import HEAD, Finding
from tests.chaos.scenarios import SCENARIOS, Scenario


def main() -> int:
    """Run the scenarios that were asked for, one after another."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the same with less of everything")
    parser.add_argument(
        "scenarios", nargs="*", metavar="SCENARIO", help=f"of {', '.join(SCENARIOS)}; all if none"
    )
    options = parser.parse_args()
    seed = int(os.environ.get("SEED") or secrets.randbelow(1_000_000))
    print(f"SEED={seed}")
    print(HEAD)
    broken = 0
    tempfile.tempdir = logs = tempfile.mkdtemp(prefix="govorun-chaos-")
    for name in options.scenarios or SCENARIOS:
        began_at = time.monotonic()
        for finding in asyncio.run(_played(SCENARIOS[name], seed, is_quick=options.quick)):
            print(finding, flush=True)
            broken += finding.is_breach
        print(f"{name:12} took {time.monotonic() - began_at:.0f} s", flush=True)
    print(f"{broken} laws broken" if broken else "all laws kept")
    if broken or os.environ.get("LOGS"):
        print(f"logs of the processes: {logs}")
    else:
        shutil.rmtree(logs, ignore_errors=True)
    return 1 if broken else 0


async def _played(scenario: Scenario, seed: int, *, is_quick: bool) -> Sequence[Finding]:
    """Play it; whoever ends this process ends the bots too."""
    task = asyncio.ensure_future(scenario(seed, is_quick=is_quick))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


if __name__ == "__main__":
    sys.exit(main())
