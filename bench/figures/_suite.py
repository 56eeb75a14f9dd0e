"""How long the conformance suite takes against the mock, as its users run both: nothing is pinned."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence

from bench._bench import Bench
from bench.servers import KEY, MEMORY, Subject

_MOST = 1800
"""Seconds."""


def measure_suite(bench: Bench, subjects: Sequence[Subject]) -> None:
    """Wall time and requests of each profile."""
    for subject in subjects:
        if subject.name != MEMORY:
            continue
        for profile in bench.options.profiles:
            bench.say(f"the {profile} profile against {MEMORY}")
            report = bench.folder / f"{profile}.json"
            with bench.serving(subject, before=bench.pins.free) as server:
                command = [
                    *bench.pins.free,
                    sys.executable,
                    "-m",
                    "twosignal_conformance",
                    "server",
                    server.url,
                    "--api-key",
                    KEY,
                ]
                begun = time.monotonic()
                ran = subprocess.run(  # noqa: S603 - our own command
                    [*command, "--profile", profile, "--json", str(report)],
                    cwd=bench.folder,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=_MOST,
                )
                took = time.monotonic() - begun
            if not report.exists():
                bench.record.miss(f"the {profile} profile", (ran.stderr or ran.stdout)[-500:])
                continue
            told = json.loads(report.read_text("utf-8"))
            bench.record.add(
                "suite",
                profile=profile,
                seconds=took,
                requests=told["requests"],
                passed=told["summary"]["pass"],
                failed=told["summary"]["fail"],
            )
