"""`twosignal-mock prism`: the real Prism on our document, and a clear line where it is missing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from twosignal_contract import load_contract
from twosignal_mock._commands._prism import MISSING, PRISM_VERSION

COMMAND = [sys.executable, "-m", "twosignal_mock", "prism"]
PATIENCE = 60
"""Seconds; Prism reads the document in two or three."""


@pytest.fixture
def prism(npm_bin: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The command as it serves, started where node_modules/ is; and its URL."""
    repository = npm_bin.parents[1]
    output = tmp_path / "output"
    with output.open("wb") as file:
        process = subprocess.Popen([*COMMAND, "--port", "0"], cwd=repository, stdout=file, stderr=file)
    try:
        yield process, listening(process, output)
    finally:
        process.kill()
        process.wait()


def listening(process: subprocess.Popen[bytes], output: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while not (found := re.search(r"listening on (http://\S+)", output.read_text())):
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.05)
    return found[1]


def without(tmp_path: Path, *programs: str) -> subprocess.CompletedProcess[str]:
    """The command in an empty folder, where the PATH has these programs and no others."""
    path = tmp_path / "bin"
    path.mkdir()
    for program in programs:
        (path / program).write_text("#!/bin/sh\nexit 0\n")
        (path / program).chmod(0o755)
    environment = os.environ | {"PATH": str(path)}
    return subprocess.run(
        COMMAND, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_the_version_is_the_one_that_package_json_pins(repository: Path) -> None:
    package = json.loads((repository / "package.json").read_text())
    assert package["devDependencies"]["@stoplight/prism-cli"] == PRISM_VERSION


def test_it_serves_the_document_and_ends_when_told(prism: tuple[subprocess.Popen[bytes], str]) -> None:
    process, url = prism
    answer = httpx.get(f"{url}/api/v1/health", trust_env=False)
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    # Stateless: nothing was sent, and still there are traces, those of the document's examples.
    key = {"Authorization": "Bearer ts_any"}
    assert httpx.get(f"{url}/api/v1/traces", headers=key, trust_env=False).json()["data"]["traces"]
    refused = httpx.post(f"{url}/api/v1/traces", headers=key, json={"batch": []}, trust_env=False)
    assert refused.status_code == load_contract().errors["invalid-value"].status
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/api/v1/health", trust_env=False)


def test_without_node_it_says_what_to_install(tmp_path: Path) -> None:
    done = without(tmp_path, "prism")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (MISSING, "", 1)
    assert "Node is not installed" in done.stderr


def test_without_prism_it_says_how_to_install_the_right_one(tmp_path: Path) -> None:
    done = without(tmp_path, "node")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (MISSING, "", 1)
    assert f"npm install --global @stoplight/prism-cli@{PRISM_VERSION}" in done.stderr


def test_another_version_is_told_and_used(tmp_path: Path) -> None:
    done = without(tmp_path, "node", "prism")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert f"is not the {PRISM_VERSION}" in done.stderr
