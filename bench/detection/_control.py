"""The control: what Schemathesis alone says of a broken server, with the configuration under which the mock passes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from twosignal_contract import load_contract
from twosignal_mock import MockServer

from tests.conformance.apis.rest.broken.messages import CONTRACT, Behaviour, People
from tests.conformance.apis.rest.broken.proxy import Proxy
from tests.conformance.apis.rest.broken.runs import FAST, people
from tests.mock.contract_sweep.arranging import arrange, cursors

EXAMPLES = 10
"""For each operation and phase: some 900 requests when all operations are asked, beside the judge's 30 for a clause. No
bound in seconds: what a busy machine leaves out would count as missed."""

LONGEST = 600
"""Seconds after which a run is killed."""

_LISTING = "listTraces"
_STORING = frozenset({"ingestTraces", "ingestOtlpTraces", "createScore"})
"""What they store is read back by the listing."""

_CONTRACT = load_contract()
_FOLDER = Path(__file__).parents[2] / "tests" / "mock" / "contract_sweep"


@dataclass(frozen=True)
class Finding:
    """What Schemathesis said of one server."""

    caught: bool
    checks: tuple[str, ...]
    """Names of its checks that failed."""
    output: str


def concerned(clause: str) -> frozenset[str]:
    """The operations that can show whether a clause is kept, which the control is told; none: any of them."""
    row = CONTRACT.clauses[clause]
    if row.operation_id is None:
        # At the root: of every operation. In a shared schema: of a trace and its parts.
        return frozenset() if row.pointer.startswith("/x-clauses") else frozenset({"ingestTraces", _LISTING})
    return frozenset({row.operation_id, _LISTING} if row.operation_id in _STORING else {row.operation_id})


def control(
    behaviour: Behaviour,
    mock: MockServer,
    proxy: Proxy,
    seed: int,
    operations: Collection[str] = (),
    **connections: bool,
) -> Finding:
    """One run; the server has what Schemathesis needs: a trace or two to page through, a session, a key.

    Without `operations` all are asked. `connections` are the options of the proxy, such as `chunked`.
    """
    with people(mock) as found, tempfile.TemporaryDirectory(prefix="control-") as folder:
        who = People(found.main, found.other, found.revoked, found.email, found.password, FAST)
        surroundings = _arrange(mock.url, who)
        with proxy.serve(behaviour, mock.url, who, **connections) as url:
            return _run(url, seed, operations, Path(folder), surroundings)


def control_at(url: str, who: People, seed: int, operations: Collection[str] = ()) -> Finding:
    """One run against a server that is no mock. Where it is too broken to be made ready, that counts as caught."""
    with tempfile.TemporaryDirectory(prefix="control-") as folder:
        try:
            surroundings = _arrange(url, who)
        except (AssertionError, LookupError, TypeError, ValueError, httpx.HTTPError) as error:
            return Finding(True, ("setup",), str(error))
        return _run(url, seed, operations, Path(folder), surroundings)


def _arrange(url: str, who: People) -> Mapping[str, str]:
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {who.main}"}) as client:
        # A legal server may refuse the examples of the document (it insists on UUIDs, say): it is asked without them.
        with suppress(AssertionError):
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


def _run(url: str, seed: int, operations: Collection[str], folder: Path, surroundings: Mapping[str, str]) -> Finding:
    report = folder / "report.json"
    command = [
        str(Path(sys.executable).parent / "st"),
        "--config-file",
        str(_FOLDER / "schemathesis.toml"),
        "--no-color",
    ]
    command += ["run", str(CONTRACT.path), "--url", url, "--seed", str(seed), "--max-examples", str(EXAMPLES)]
    command += [part for name in sorted(operations) for part in ("--include-operation-id", name)]
    command += ["--request-timeout", "30"]
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
        raise TimeoutError(
            f"Schemathesis did not end within {LONGEST} s: a busy machine? run the bench again"
        ) from None
    failures = json.loads(report.read_text())["failures"] if report.exists() else []
    names = {str(row.get("check") or row.get("type") or row.get("title")) for row in failures}
    return Finding(bool(failures), tuple(sorted(names)), done.stdout[-400:] + done.stderr[-400:])
