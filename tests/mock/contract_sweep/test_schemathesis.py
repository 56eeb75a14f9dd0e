"""Schemathesis, which nobody here wrote, finds nothing: every check, every phase, three seeds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from twosignal_contract import Contract
from twosignal_mock import MockServer, Sandbox

from tests.mock.contract_sweep.arranging import arrange, cursors, sign_in

SEEDS = (1, 20260314, 987654321)

HERE = Path(__file__).parent

NEVER_ACCEPTED = {"refreshSession", "logout"}
"""Operations that use up the one token which they are given; whether they accept one is tested elsewhere."""


@dataclass(frozen=True)
class Run:
    """What one run of Schemathesis told."""

    code: int
    report: Mapping[str, Any]
    output: str


def run_schemathesis(url: str, document: Path, seed: int, folder: Path, surroundings: Mapping[str, str]) -> Run:
    """Send everything that a seed makes of the document."""
    report = folder / "report.json"
    command = [str(Path(sys.executable).parent / "st"), "--config-file", str(HERE / "schemathesis.toml"), "--no-color"]
    command += ["run", str(document), "--url", url, "--seed", str(seed)]
    command += ["--report", "json", "--report-json-path", str(report)]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **surroundings}, capture_output=True, text=True, check=False
    )
    output = done.stdout + done.stderr
    assert report.exists(), output
    return Run(done.returncode, json.loads(report.read_text()), output)


@pytest.mark.parametrize("seed", SEEDS)
def test_schemathesis_finds_nothing(
    contract: Contract, mock: MockServer, sandbox: Sandbox, seed: int, tmp_path: Path
) -> None:
    with httpx.Client(base_url=mock.url, headers={"Authorization": f"Bearer {sandbox.api_key}"}) as client:
        arrange(contract, client)
        surroundings = {
            "SWEEP_HOOKS": str(HERE / "schemathesis_hooks.py"),
            "SWEEP_API_KEY": sandbox.api_key,
            "SWEEP_ACCESS_TOKEN": sign_in(client, sandbox)["access_token"],
            "SWEEP_CURSORS": ",".join(cursors(client)),
        }
    run = run_schemathesis(mock.url, contract.path, seed, tmp_path, surroundings)
    report = run.report
    sent = report["test_cases"]["generated"]
    print(f"schemathesis: seed {seed}, {sent} test cases, {report['running_time']:.1f} s, contract {contract.sha256}")
    assert report["failures"] == [], run.output
    assert (run.code, report["errors"], report["complete"]) == (0, [], True), run.output
    assert report["operations"]["tested"] == len(contract.operations)
    assert {phase: of["status"] for phase, of in report["phases"].items()} == dict.fromkeys(
        ("examples", "coverage", "fuzzing", "stateful"), "success"
    )
    assert _accepted(contract, report) >= set(contract.operations) - NEVER_ACCEPTED


def _accepted(contract: Contract, report: Mapping[str, Any]) -> set[str]:
    """The operations that carried out something: a run that the gate refuses altogether shows nothing."""
    names = {f"{each.method} {each.path}": each.id for each in contract.operations.values()}
    rates = report["valid_rates"].items()
    return {names[name] for name, phases in rates if any(phase["accepted"] for phase in phases.values())}
