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


def generated_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_generated_is_what_the_document_gives(language: str) -> None:
    require(language)
    done = generate("--check", language)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_generated_file_names_its_generator_and_one_names_the_document(language: str) -> None:
    digest = hashlib.sha256(CONTRACT.read_bytes()).hexdigest()
    texts = {path: path.read_text(encoding="utf-8") for path in generated_files(GENERATED[language])}
    assert [path for path, text in texts.items() if not re.search(r"Generator: .*\d+\.\d+\.\d+", text[:1000])] == []
    assert [path.name.split(".")[0].strip("_") for path, text in texts.items() if digest in text] == ["document"]


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


WRONG: Mapping[str, tuple[bytes, str]] = {
    "no YAML": (b"a: [", ":2: not YAML"),
    "empty": (b"", ":1: the document is empty; expected a mapping"),
    "no paths": (b"openapi: 3.1.0\ninfo: {version: '1'}", ":1: 'paths' is missing; expected a mapping; add it"),
    "not UTF-8": (b"openapi: \xff", ":1: byte 0xff is not UTF-8"),
    "no servers": (
        re.sub(rb"(?m)^servers:\n(?:[ -].*\n)+", b"", CONTRACT.read_bytes()),
        ":1 /servers: it is missing; expected a server, whose URL is the clients' default; add it",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_that_is_no_document_is_refused_in_one_line(case: str, tmp_path: Path) -> None:
    content, said = WRONG[case]
    refuse(tmp_path, content, said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "    most: 3\n",
            "    most: three\n",
            '/x-retry/backoff/most: "three"; expected an integer of at least 0; correct it',
        ),
        ("    most: 3\n", "    most: -1\n", "/x-retry/backoff/most: -1; expected an integer of at least 0; correct it"),
        ("delays: [1, 2, 4]", "delays: [1, x]", '/x-retry/backoff/delays/1: "x"; expected a number above 0'),
        ("unknown-resource: {status: 404,", "unknown-resource: {status: 4,", "/x-errors/unknown-resource/status: 4;"),
        ("5242880, events: 1000", "5242880, events: 0", "x-payload-limit/events: 0; expected an integer of at least 1"),
    ],
)
def test_a_wrong_number_is_named_by_its_place(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    assert old in text
    refuse(tmp_path, text.replace(old, new, 1).encode(), said)


def refuse(folder: Path, content: bytes, said: str) -> None:
    """Exit code 3 and one line, and nothing is written."""
    (folder / "wrong.yaml").write_bytes(content)
    done = generate("--contract", folder / "wrong.yaml", "--output", folder / "out")
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1), done.stderr
    assert done.stderr.startswith(str(folder / "wrong.yaml"))
    assert said in done.stderr
    assert not (folder / "out").exists()


def test_an_output_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = generate("--output", tmp_path / "file" / "inside", "python")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert str(tmp_path / "file" / "inside") in done.stderr


def test_a_check_against_another_document_names_it(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_bytes(CONTRACT.read_bytes() + b"# another\n")
    done = generate("--check", "--contract", other, "python")
    assert done.returncode == 1
    assert f"are not what {other} gives: make generate CONTRACT={other}" in done.stderr


PARAMETER = """\
        - name: {name}
          in: query
          description: A parameter that the clients have not seen.
          schema: {{type: string}}
"""
NAMES_A_NEW_PARAMETER = {"python": "_calls.py", "typescript": "client.ts", "go": "operations.go"}
"""The hand-written file of each client that spells out the parameters of getPromptTemplates."""


def regenerate(language: str, folder: Path, before: str, name: str) -> Path:
    """A copy of a client, generated from a document with a new parameter before a text of the real one."""
    text = CONTRACT.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{before!r} is not once in the document: change this test"
    (folder / "changed.yaml").write_text(text.replace(before, PARAMETER.format(name=name) + before), encoding="utf-8")
    client = copy_client(language, folder)
    done = generate("--contract", folder / "changed.yaml", "--output", folder, language)
    assert (done.returncode, done.stderr) == (0, "")
    return client


def check(language: str, clients: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CLIENTS / "check.py"), "--clients", str(clients), language]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_filter_changes_few_files_and_reaches_the_server_with_no_edit(
    language: str, tmp_path: Path, twosignal_mock: MockServer
) -> None:
    require(language)
    client = regenerate(language, tmp_path, "        - name: cursor\n          in: query\n", "newModel")
    paths = [path.relative_to(client) for path in client.rglob("*") if path.is_file() and "build" not in path.parts]
    changed = [path for path in paths if (client / path).read_bytes() != (CLIENTS / language / path).read_bytes()]
    assert 1 < len(changed) <= 3, changed
    done = check(language, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    empty_page = {"status": 200, "headers": {}, "body": '{"data": {"traces": [], "nextCursor": null}, "error": null}'}
    scenario = {
        "name": "new-filter",
        "sandbox": {"responses": [empty_page]},
        "do": [{"action": "list", "query": {"newModel": "gpt-6"}}],
        "expect": {},
    }
    outcome = run(build(language, tmp_path, tmp_path), scenario, twosignal_mock)
    assert outcome.results == [{"ids": []}], outcome.complaint
    assert "newModel=gpt-6" in outcome.journal[0]["query"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_parameter_that_a_method_does_not_pass_on_fails_the_check_at_its_file(
    language: str, tmp_path: Path
) -> None:
    require(language)
    before = "        - name: version\n          in: query\n"
    regenerate(language, tmp_path, before, "newLabel")
    done = check(language, tmp_path)
    assert done.returncode == 1
    assert NAMES_A_NEW_PARAMETER[language] in done.stderr


CHANGES = {
    "delays: [1, 2, 4]": "delays: [0.2, 0.3]",
    "    most: 3\n": "    most: 4\n",
    "statuses: [500, 502, 503]": "statuses: [500, 502, 503, 405]",
    "refused-above: 5242880, events: 1000": "refused-above: 5242880, events: 3",
    "unknown-resource: {status: 404,": "unknown-resource: {status: 408,",
}
"""Text of the document, and what it becomes in the copy."""

CHANGED_SCENARIO: Mapping[str, Any] = {
    **BY_NAME["413-split"],
    "sandbox": {
        "faults": [
            {"kind": "status", "status": 405, "times": 4, "operations": ["ingestTraces"]},
            {"kind": "status", "status": 408, "times": 1, "operations": ["listTraces"]},
        ]
    },
    "do": [{"action": "ingest", "events": {"make": {"traces": 7}}}, {"action": "list", "query": {}}],
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
    for name in ("Makefile", "openapi.yaml"):
        shutil.copy(CLIENTS.parent / name, folder)
    shutil.copytree(CLIENTS.parent / "contracts", folder / "contracts")
    shutil.copytree(CLIENTS.parent / "docs", folder / "docs", ignore=shutil.ignore_patterns("demo", "__pycache__"))
    shutil.copytree(
        CLIENTS.parent / "mock", folder / "mock", ignore=shutil.ignore_patterns("node_modules", "__pycache__")
    )
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
    accepted, gone = outcome.results
    assert accepted == {"accepted": 7}, outcome.complaint
    assert (gone["error"]["kind"], gone["error"]["status"]) == ("not-found", 408)
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
    assert statuses == [405, 405, 405, 405, 201, 201, 201, 408]
    assert [len(entry["attempt_keys"]) for entry in outcome.journal[:-1]] == [3, 3, 3, 3, 3, 3, 1]
    starts = [entry["started"] for entry in outcome.journal]
    # The last of the delays holds for the retries that follow; all together are shorter than the first two of before.
    assert 0.2 + 3 * 0.3 - 0.1 <= starts[4] - starts[0] < 1 + 2
