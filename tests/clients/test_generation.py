"""The generated folders are what openapi.yaml gives, byte for byte; a changed document changes all three clients."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from twosignal_mock import MockServer

from tests.clients.runners import CLIENTS, TABLE, build, require
from tests.clients.scenarios import BY_NAME, Outcome, run

CONTRACT = CLIENTS.parent / "openapi.yaml"
GENERATED = {
    "python": CLIENTS / "python" / "twosignal_client" / "generated",
    "typescript": CLIENTS / "typescript" / "src" / "generated",
    "go": CLIENTS / "go" / "generated",
}
LANGUAGES = [pytest.param(language, marks=pytest.mark.xdist_group(f"clients-{language}")) for language in GENERATED]

NOT_COPIED = shutil.ignore_patterns("node_modules", "__pycache__", ".*_cache", "dist")

pytestmark = pytest.mark.timeout(600)


def generate(*arguments: str | Path, ci: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, CLIENTS / "generate.py", *arguments]
    environment = os.environ | {"CI": ci or os.environ.get("CI", "")}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_generated_is_what_the_document_gives(language: str) -> None:
    require(language)
    done = generate("--check", language)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_generated_file_says_of_which_document_and_by_what(language: str) -> None:
    digest = hashlib.sha256(CONTRACT.read_bytes()).hexdigest()
    files = [path for path in GENERATED[language].rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert files
    for file in files:
        head = file.read_text(encoding="utf-8")[:1000]
        assert digest in head, f"{file} does not name the document's SHA-256"
        assert re.search(r"Generator: .*\d+\.\d+\.\d+", head), f"{file} does not name its generator with a version"


def test_a_difference_is_found_and_named(tmp_path: Path) -> None:
    assert generate("--output", tmp_path, "python").returncode == 0
    folder = tmp_path / GENERATED["python"].relative_to(CLIENTS)
    assert generate("--check", "--output", tmp_path, "python").returncode == 0
    (folder / "policy.py").write_text("# by hand\n", encoding="utf-8")
    (folder / "types.py").unlink()
    (folder / "more.py").touch()
    done = generate("--check", "--output", tmp_path, "python")
    assert done.returncode == 1
    for said in ("policy.py differs", "types.py is missing", "more.py is no longer generated", "make generate"):
        assert said in done.stderr


def test_a_language_without_its_tools_is_skipped_with_a_reason_and_fails_in_ci(tmp_path: Path) -> None:
    empty = os.environ | {"PATH": str(tmp_path), "CI": ""}
    command = [sys.executable, str(CLIENTS / "generate.py"), "--check", "typescript", "go"]
    done = subprocess.run(command, env=empty, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert re.findall(r"^(\w+): skipped, .+", done.stderr, re.MULTILINE) == ["typescript", "go"]
    assert subprocess.run(command, env=empty | {"CI": "true"}, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cobol"], "'cobol' is no language of ours; expected one of python, typescript, go"),
        (["--contract", "no-such-file.yaml"], "no-such-file.yaml is no file; expected an OpenAPI document"),
    ],
    ids=["a language that we do not have", "a document that is not there"],
)
def test_a_wrong_argument_is_named(arguments: list[str], said: str) -> None:
    done = generate(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


CHANGES = {
    "delays: [1, 2, 4]": "delays: [0.2, 0.3]",
    "    most: 3\n": "    most: 4\n",
    "statuses: [500, 502, 503]": "statuses: [500, 502, 503, 405]",
    "refused-above: 5242880, events: 1000": "refused-above: 5242880, events: 3",
}
"""Text of the document, and what it becomes in the copy."""

CHANGED_SCENARIO: Mapping[str, Any] = {
    **BY_NAME["413-split"],
    "universe": {"faults": [{"kind": "status", "status": 405, "times": 4, "operations": ["ingestTraces"]}]},
    "do": [{"action": "ingest", "events": {"make": {"traces": 7}}}],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_of_a_changed_document_change_the_client_with_no_other_edit(
    language: str, tmp_path: Path, twosignal_mock: MockServer
) -> None:
    require(language)
    text = CONTRACT.read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        assert text.count(old) >= 1, f"{old!r} is no longer in the document: change this test"
        text = text.replace(old, new, 1)
    copy = tmp_path / "copy.yaml"
    copy.write_text(text, encoding="utf-8")
    clients = tmp_path / "clients"
    folder = TABLE[language].folder
    shutil.copytree(CLIENTS / folder, clients / folder, ignore=NOT_COPIED)
    if (CLIENTS / folder / "node_modules").is_dir():
        (clients / folder / "node_modules").symlink_to(CLIENTS / folder / "node_modules")
    done = generate("--contract", copy, "--output", clients, language)
    assert done.returncode == 0, done.stderr
    outcome = run(build(language, clients, tmp_path), CHANGED_SCENARIO, twosignal_mock)
    assert outcome.results == [{"accepted": 7}], outcome.complaint
    judge_changed(outcome)


def judge_changed(outcome: Outcome) -> None:
    """Four retries after a status that had none, after shorter delays; then three events in a batch."""
    statuses = [entry["status"] for entry in outcome.journal]
    assert statuses == [405, 405, 405, 405, 201, 201, 201]
    assert [len(entry["attempt_keys"]) for entry in outcome.journal] == [3, 3, 3, 3, 3, 3, 1]
    starts = [entry["started"] for entry in outcome.journal]
    # The last of the delays holds for the retries that follow; all together are shorter than the first two of before.
    assert 0.2 + 3 * 0.3 - 0.1 <= starts[4] - starts[0] < 1 + 2
