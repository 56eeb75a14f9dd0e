"""The generated folders are what openapi.yaml gives, byte for byte; a changed document changes all three clients."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from twosignal_mock import MockServer

from tests.clients.runners import CLIENTS, build, copy_client, require
from tests.clients.scenarios import BY_NAME, Outcome, run

CONTRACT = CLIENTS.parent / "openapi.yaml"
GENERATED = {
    "python": CLIENTS / "python" / "twosignal_client" / "generated",
    "typescript": CLIENTS / "typescript" / "src" / "generated",
    "go": CLIENTS / "go" / "generated",
}
LANGUAGES = [pytest.param(language, marks=pytest.mark.xdist_group(f"clients-{language}")) for language in GENERATED]

pytestmark = pytest.mark.timeout(600)


def generate(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, CLIENTS / "generate.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


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


def test_a_document_that_is_not_there_is_named() -> None:
    done = generate("--contract", "no-such-file.yaml")
    assert done.returncode == 2
    assert "no-such-file.yaml is no file; expected an OpenAPI document" in done.stderr


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


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what `make generate` needs, and generates, after `make generate CONTRACT=...` and no other edit."""
    folder = tmp_path_factory.mktemp("changed")
    text = CONTRACT.read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        assert text.count(old) >= 1, f"{old!r} is no longer in the document: change this test"
        text = text.replace(old, new, 1)
    (folder / "changed.yaml").write_text(text, encoding="utf-8")
    for name in ("Makefile", "openapi.yaml", "openapi-extensions.schema.json"):
        shutil.copy(CLIENTS.parent / name, folder)
    shutil.copytree(CLIENTS.parent / "docs", folder / "docs", ignore=shutil.ignore_patterns("demo", "__pycache__"))
    (folder / "generated_clients").mkdir()
    for script in CLIENTS.glob("*.py"):
        shutil.copy(script, folder / "generated_clients")
    for language in GENERATED:
        copy_client(language, folder / "generated_clients")
    # The environment of this test serves the copy, too: neither is it set up again, nor are npm's tools.
    ready = ("-o", ".venv/.installed", "-o", "node", f"BIN={Path(sys.executable).parent}")
    done = subprocess.run(
        ["make", *ready, "generate", "CONTRACT=changed.yaml"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "generated_clients"


@pytest.mark.xdist_group("clients-changed")
@pytest.mark.parametrize("language", GENERATED)
def test_numbers_of_a_changed_document_change_the_client_with_no_other_edit(
    language: str, changed: Path, tmp_path: Path, twosignal_mock: MockServer
) -> None:
    require(language)
    outcome = run(build(language, changed, tmp_path), CHANGED_SCENARIO, twosignal_mock)
    assert outcome.results == [{"accepted": 7}], outcome.complaint
    judge_changed(outcome)


@pytest.mark.xdist_group("clients-changed")
@pytest.mark.parametrize("language", GENERATED)
def test_hand_written_files_are_the_same_for_every_document(language: str, changed: Path) -> None:
    require(language)
    client = changed / language
    copied = {path.relative_to(client) for path in client.rglob("*") if path.is_file()}
    differing = {path for path in copied if (client / path).read_bytes() != (CLIENTS / language / path).read_bytes()}
    generated = GENERATED[language].relative_to(CLIENTS / language)
    assert differing
    assert [path for path in differing if not path.is_relative_to(generated)] == []


def judge_changed(outcome: Outcome) -> None:
    """Four retries after a status that had none, after shorter delays; then three events in a batch."""
    statuses = [entry["status"] for entry in outcome.journal]
    assert statuses == [405, 405, 405, 405, 201, 201, 201]
    assert [len(entry["attempt_keys"]) for entry in outcome.journal] == [3, 3, 3, 3, 3, 3, 1]
    starts = [entry["started"] for entry in outcome.journal]
    # The last of the delays holds for the retries that follow; all together are shorter than the first two of before.
    assert 0.2 + 3 * 0.3 - 0.1 <= starts[4] - starts[0] < 1 + 2
