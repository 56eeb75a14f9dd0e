"""The control: what Schemathesis alone says of a broken server, with the configuration under which the mock passes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from twosignal_mock import MockServer
from twosignal_mock.contract import load_contract

from tests.conformance.broken.messages import LAW, Behaviour, People
from tests.conformance.broken.proxy import Proxy
from tests.conformance.broken.runs import FAST, people
from tests.mock.contract_sweep.arranging import arrange, cursors

EXAMPLES = 10
"""For each operation and phase; the time below is the bound that counts."""

SECONDS = 8
"""For one server: about what the judge takes for its whole quick profile, four times over."""

LONGEST = 60
"""Seconds after which a run is killed."""

_CONTRACT = load_contract()
_FOLDER = Path(__file__).parents[2] / "tests" / "mock" / "contract_sweep"


@dataclass(frozen=True)
class Finding:
    """What Schemathesis said of one server."""

    caught: bool
    checks: tuple[str, ...]
    """Names of its checks that failed."""
    output: str


def control(behaviour: Behaviour, mock: MockServer, proxy: Proxy, seed: int, plan: str | None = None) -> Finding:
    """One run; the server has what Schemathesis needs: a trace or two to page through, a session, a key."""
    with people(mock) as found, tempfile.TemporaryDirectory(prefix="control-") as folder:
        who = People(found.main, found.other, found.revoked, found.email, found.password, plan or FAST)
        surroundings = _arrange(mock.url, who)
        with proxy.serve(behaviour, mock.url, who) as url:
            return _run(url, seed, Path(folder), surroundings)


def _arrange(url: str, who: People) -> Mapping[str, str]:
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {who.main}"}) as client:
        arrange(_CONTRACT, client)
        answer = client.post(
            "/api/v1/auth/login", json={"email": who.email, "password": who.password}
        ).raise_for_status()
        return {
            "SWEEP_HOOKS": str(_FOLDER / "schemathesis_hooks.py"),
            "SWEEP_API_KEY": who.main,
            "SWEEP_ACCESS_TOKEN": answer.json()["data"]["access_token"],
            "SWEEP_CURSORS": ",".join(cursors(client)),
        }


def _run(url: str, seed: int, folder: Path, surroundings: Mapping[str, str]) -> Finding:
    report = folder / "report.json"
    command = [
        str(Path(sys.executable).parent / "st"),
        "--config-file",
        str(_FOLDER / "schemathesis.toml"),
        "--no-color",
    ]
    command += ["run", str(LAW.path), "--url", url, "--seed", str(seed), "--max-examples", str(EXAMPLES)]
    command += ["--max-time", str(SECONDS), "--request-timeout", "10"]
    command += ["--report", "json", "--report-json-path", str(report)]
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            cwd=folder,
            env={**os.environ, **surroundings},
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        return Finding(False, (), "killed")
    failures = json.loads(report.read_text())["failures"] if report.exists() else []
    names = {str(row.get("check") or row.get("type") or row.get("title")) for row in failures}
    return Finding(bool(failures), tuple(sorted(names)), done.stdout[-400:] + done.stderr[-400:])
