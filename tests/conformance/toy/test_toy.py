"""The engine of the suite alone: an API that has nothing in common with ours is judged, also when it is broken."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from twosignal_contract import load_contract
from twosignal_mock._composition import MockApplication
from twosignal_mock._settings import make_settings

from tests.conformance.projects import environment
from tests.conformance.servers import Asked, Respond, Response, serving
from tests.conformance.toy.lamps import CARD
from tests.end_to_end.pages import ROOT
from tests.mock.engine.toy.lamps import DOCUMENT, TOY

CLAUSES = """
x-sources:
  - {tag: house, title: The house, kind: decision, authority: 1}
x-clauses:
  - {id: lamps.switch.status, level: must, sources: [house], says: A lamp that is switched is answered with 200 or 201.}
  - {id: lamps.switch.lamp, level: must, sources: [house], says: The path says which lamp is switched.}
  - {id: lamps.switch.colour, level: should, sources: [house], says: The cookie says which colour a lamp has.}
  - {id: lamps.export.table, level: must, sources: [house], says: The lamps are a table of comma-separated values.}
  - {id: lamps.card.refused, level: must, sources: [house], says: An unknown card is refused with 403.}
  - {id: lamps.errors.problem, level: must, sources: [house], says: Every error names its problem.}
"""


@pytest.fixture(scope="module")
def lamps() -> Iterator[str]:
    """The address of the mock, which serves the toy API."""
    settings = make_settings(contract=load_contract(DOCUMENT), api=TOY.name, api_key=CARD, validate_answers=True)
    config = uvicorn.Config(MockApplication(settings, {TOY.name: TOY}), host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def judge(folder: Path, url: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the verdict of each clause."""
    contract, report = folder / "lamps.yaml", folder / "r.json"
    contract.write_text(DOCUMENT.read_text(encoding="utf-8") + CLAUSES, encoding="utf-8")
    command = [sys.executable, "-m", "tests.conformance.toy.lamps", url, str(contract), str(report)]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False, timeout=60)
    assert report.exists(), done.stderr
    assert CARD not in done.stdout + report.read_text(encoding="utf-8")
    return done.returncode, {row["id"]: row["verdict"] for row in json.loads(report.read_text())["clauses"]}


def test_the_mock_of_the_toy_conforms(lamps: str, tmp_path: Path) -> None:
    code, verdicts = judge(tmp_path, lamps)
    assert (code, set(verdicts.values())) == (0, {"pass"})


Breaking = Callable[[Asked, Response], Response]

BROKEN: dict[str, Breaking] = {
    "lamps.switch.status": lambda asked, came: replace(came, status=204) if asked.method == "PUT" else came,
    "lamps.switch.lamp": lambda asked, came: replace(came, body=came.body.replace(b'"id":1', b'"id":2')),
    "lamps.export.table": lambda asked, came: (
        Response(200, b"{}") if (asked.method, came.status) == ("GET", 200) else came
    ),
    "lamps.card.refused": lambda asked, came: replace(came, status=401) if came.status == 403 else came,
    "lamps.errors.problem": lambda asked, came: replace(came, body=b"{}") if came.status == 403 else came,
}
"""Clause to what a proxy makes of a request and of the response of the mock."""


@pytest.mark.parametrize("clause", BROKEN)
def test_a_toy_that_is_broken_on_purpose_is_caught(lamps: str, tmp_path: Path, clause: str) -> None:
    with serving(_proxy(lamps, clause)) as server:
        code, verdicts = judge(tmp_path, server.url)
    assert code == 1
    assert verdicts[clause] == "fail"


def _proxy(origin: str, clause: str) -> Respond:
    def respond(asked: Asked) -> Response:
        kept = {name: value for name, value in asked.headers.items() if name in ("cookie", "x-brightness")}
        came = httpx.request(asked.method, f"{origin}{asked.path}?{asked.query}", headers=kept)
        named = {"content-type": came.headers.get("content-type", "")}
        return BROKEN[clause](asked, Response(came.status_code, came.content, named))

    return respond
