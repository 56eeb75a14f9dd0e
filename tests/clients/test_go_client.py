"""The Go client: its own tests, the strictest checkers of Go, its README, and a document with other numbers.

What is the same for all languages is in test_scenarios.py. Without Go everything here is skipped and says so; with
CI=true it fails.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from twosignal_mock import Sandbox

from tests.clients.runners import CLIENTS, build, require

# One worker does it all: compilers use every core by themselves, and the second finds what the first has compiled.
pytestmark = [pytest.mark.xdist_group("go-client"), pytest.mark.timeout(600), pytest.mark.usefixtures("_go")]

CLIENT = CLIENTS / "go"
MODULE = import_module("go_module").module_path(CLIENT)
GENERATE = CLIENTS / "generate.py"
_TIME = 580.0
"""Seconds; the first time on a machine Go fetches the tools and compiles them and its standard library."""


@pytest.fixture(scope="module")
def _go() -> None:
    require("go")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the client, generated from a document with other numbers and words; nothing else is edited."""
    folder = tmp_path_factory.mktemp("changed")
    text = (CLIENTS.parent / "openapi.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("x-payload-limit: {bytes: 5000000, refused-above: 5242880, events: 1000, events-at: batch}",
         "x-payload-limit: {bytes: 400000, refused-above: 524288, events: 70, events-at: batch}"),
        ("statuses: [500, 502, 503]", "statuses: [500, 504]"),
        ("delays: [1, 2, 4]", "delays: [1.5, 3]"),
        ("most: 3", "most: 4"),
        ("headers: [Retry-After, RateLimit-Reset]", "headers: [RateLimit-Reset, Retry-After]"),
        ("schema: {type: integer, minimum: 1, maximum: 100, default: 50}",
         "schema: {type: integer, minimum: 1, maximum: 70, default: 50}"),
    ):  # fmt: skip
        assert text.count(old) == 1, f"{old} is not once in openapi.yaml"
        text = text.replace(old, new)
    contract = folder / "changed.yaml"
    contract.write_text(text, encoding="utf-8")
    shutil.copytree(CLIENT, folder / "go", ignore=shutil.ignore_patterns("build"))
    _run(sys.executable, str(GENERATE), "--contract", str(contract), "--output", str(folder), "go")
    return folder / "go"


def test_modules_are_those_that_are_locked() -> None:
    assert _run("go", "mod", "verify").strip() == "all modules verified"


def test_its_own_tests_pass() -> None:
    said = _run("go", "test", "./...")
    assert f"ok  \t{MODULE}" in said


def test_generated_files_are_what_the_document_gives_and_say_so() -> None:
    _run(sys.executable, str(GENERATE), "--check", "go")
    files = [path for path in (CLIENT / "generated").rglob("*") if path.is_file()]
    assert files
    for path in files:
        head = path.read_text(encoding="utf-8").splitlines()[:2]
        assert re.fullmatch(r"// Code generated .* DO NOT EDIT\.", head[0])
        assert head[1].startswith("// Generator: ")


def test_no_file_names_a_machine_or_a_registry() -> None:
    for path in CLIENT.rglob("*"):
        if path.is_file() and path.parts[len(CLIENT.parts)] != "build":
            text = path.read_text(encoding="utf-8")
            assert str(CLIENTS.parent) not in text, path
            assert re.search(r"proxy\.golang|sum\.golang|/root/|/tmp/", text) is None, path


def test_the_example_of_the_readme_runs_as_written(twosignal_sandbox: Sandbox, tmp_path: Path) -> None:
    readme = (CLIENT / "README.md").read_text(encoding="utf-8")
    (example,), (expected,) = _blocks(readme, "go"), _blocks(readme, "text")
    install, _check = _blocks(readme, "sh")
    (tmp_path / "main.go").write_text(example, encoding="utf-8")
    assert _run("gofmt", "-l", ".", folder=tmp_path) == ""
    _run("go", "mod", "init", "example", folder=tmp_path)
    for line in install.replace("/path/to/generated_clients/go", str(CLIENT)).splitlines():
        _run(*line.split(), folder=tmp_path)
    _run("go", "vet", ".", folder=tmp_path)
    _run("go", "build", "-o", "example", ".", folder=tmp_path)
    said = _run(str(tmp_path / "example"), environment=twosignal_sandbox.environment)
    assert said == expected
    assert [entry["status"] for entry in twosignal_sandbox.journal()] == [201, 200, 404]
    assert all(entry["clauses"] == [] for entry in twosignal_sandbox.journal())


def test_an_unknown_action_is_not_supported(twosignal_sandbox: Sandbox, tmp_path: Path) -> None:
    runner = build("go", CLIENTS, tmp_path)
    for scenario, code in (('{"do": [{"action": "dance"}]}', 64), ("no JSON", 1), ('{"do": []}', 0)):
        done = subprocess.run(
            runner, input=scenario, env=os.environ | twosignal_sandbox.environment, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, bool(done.stdout)) == (code, code == 0), done.stderr


def test_another_document_changes_the_client_with_no_other_edit(changed: Path) -> None:
    policy = (changed / "generated" / "policy" / "policy.gen.go").read_text(encoding="utf-8")
    for line in (
        'IngestTraces = PayloadLimit{Bytes: 400000, Events: 70, EventsAt: "batch"}',
        "BackoffStatuses = []int{500, 504}",
        "BackoffDelays = []time.Duration{1500 * time.Millisecond, 3000 * time.Millisecond}",
        "MostRetries = 4",
        'WaitHeaders = []string{"RateLimit-Reset", "Retry-After"}',
        "ListTracesLimit = Bounds{1, 70}",
    ):
        assert line in policy
    # Its tests take their numbers from there too, so they hold for the new ones.
    assert f"ok  \t{MODULE}" in _run("go", "test", "./...", folder=changed)


def test_the_changed_client_obeys_the_changed_numbers(
    changed: Path, twosignal_sandbox: Sandbox, tmp_path: Path
) -> None:
    runner = build("go", changed.parent, tmp_path)
    twosignal_sandbox.faults.add("status", status=500, operations=["routeModel"], times=1)
    events = [
        {
            "id": f"e{n}",
            "type": "trace-create",
            "timestamp": "2026-03-14T10:00:00Z",
            "body": {"id": f"t{n}", "name": "n"},
        }
        for n in range(150)
    ]
    steps = [
        {"action": "route", "input": "hello"},
        {"action": "ingest", "events": events},
        {"action": "list", "query": {}},
    ]
    done = subprocess.run(
        runner, input=json.dumps({"do": steps}), env=os.environ | twosignal_sandbox.environment, capture_output=True,
        text=True, timeout=60, check=True,
    )  # fmt: skip
    journal = twosignal_sandbox.journal()
    assert '{"accepted":150}' in done.stdout
    # A retry after 1.5 seconds and not after one; batches of 70, 70 and 10 events; pages of 70, 70 and 10 traces.
    assert [entry["status"] for entry in journal] == [500, 200, 201, 201, 201, 200, 200, 200]
    assert journal[1]["started"] - journal[0]["started"] > 1.4
    pages = [parse_qs(entry["query"]) for entry in journal if entry["operation"] == "listTraces"]
    assert [page["limit"] for page in pages] == [["70"]] * 3


def _run(*command: str, folder: Path = CLIENT, environment: Mapping[str, str] | None = None) -> str:
    """Standard output of a command that must succeed."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **(environment or {})}, capture_output=True, text=True,
        timeout=_TIME, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout


def _blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language in a document."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", text)
