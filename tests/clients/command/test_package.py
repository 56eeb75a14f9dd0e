"""What a user installs, what it needs, and where its core and its help come from."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from twosignal_contract import load_contract

from tests.clients.command.programs import CONTRACT, FOLDER, Program
from tests.clients.command.recording import PICTURE, picture
from tests.clients.runners import CLIENTS

MOST_PACKAGES = 9


def needed(requirements: list[str]) -> set[str]:
    """Names of all packages that come with some."""
    found: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        row = waiting.pop()
        if row.name.lower() in found or (row.marker and not row.marker.evaluate({"extra": ""})):
            continue
        assert row.specifier.contains(metadata.version(row.name)), f"{row} is not what is locked"
        found.add(row.name.lower())
        waiting += [Requirement(text) for text in metadata.requires(row.name) or ()]
    return found


def test_it_comes_with_few_packages() -> None:
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = {project["name"], *needed(project["dependencies"])}
    assert {"rich", "typer", "urllib3"} <= found
    assert len(found) <= MOST_PACKAGES, sorted(found)


def test_help_begins_without_what_only_other_commands_need(program: Program) -> None:
    slow = "'rich', 'urllib3', 'ssl', 'importlib.metadata', 'concurrent.futures', 'twosignal_command._tables'"
    script = (
        "import sys; from twosignal_command._program import main\n"
        "sys.argv[1:] = ['--help']\n"
        f"try: main()\nfinally: print([name for name in ({slow}) if name in sys.modules])"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=program.environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


@pytest.mark.timeout(300)
def test_the_wheel_holds_the_typed_package_alone_and_brings_the_command(tmp_path: Path, program: Program) -> None:
    build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(FOLDER)]
    install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-compile",
        "--disable-pip-version-check",
    ]
    subprocess.run([sys.executable, *build], capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"twosignal_command", "twosignal_command-0.1.0.dist-info"}
    assert {"twosignal_command/py.typed", "twosignal_command/generated/policy.py"} <= set(names)
    place = tmp_path / "installed"
    subprocess.run([sys.executable, *install, "--target", str(place), str(wheel)], check=True)
    environment = program.environment | {"PYTHONPATH": str(place)}
    done = subprocess.run([place / "bin" / "twosignal", "--version"], env=environment, capture_output=True, check=True)
    assert done.stdout == b"twosignal 0.1.0\n"


def generate(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, CLIENTS / "generate.py", *arguments, "command"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_core_is_what_the_documents_give_and_one_file_names_them() -> None:
    done = generate("--check")
    assert (done.returncode, done.stderr) == (0, "")
    texts = {
        path.name: path.read_text(encoding="utf-8")
        for path in (FOLDER / "twosignal_command" / "generated").glob("*.py")
    }
    assert [name for name, text in texts.items() if not re.search(r"Generator: .*\d+\.\d+\.\d+", text[:500])] == []
    for document in (CONTRACT, CLIENTS.parent / "openapi.yaml"):
        digest = hashlib.sha256(document.read_bytes()).hexdigest()
        assert [name for name, text in texts.items() if digest in text] == ["_document.py"]


CHANGES = {
    "summary: List the traces of a project": "summary: Say what was traced",
    "GROWTH: {traces: 150000,": "GROWTH: {traces: 7,",
    "enum: [OK, ERROR, null], description: Status of the trace.": "enum: [OK, LATE, null], description: How it ended.",
    "maximum: 100, default: 50, description: Number of traces": "maximum: 9, default: 4, description: Number of traces",
    "piece-characters: 3500": "piece-characters: 35",
}
"""Text of the document, and what it becomes in a copy."""


def test_a_changed_document_changes_help_values_and_numbers_with_no_other_edit(
    tmp_path: Path, program: Program
) -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        assert text.count(old) == 1, f"{old!r} is not once in the document: change this test"
        text = text.replace(old, new)
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    for path in CONTRACT.parent.glob("*.json"):
        (contracts / path.name).write_bytes(path.read_bytes())
    (contracts / CONTRACT.name).write_text(text, encoding="utf-8")
    done = generate("--contract", contracts / CONTRACT.name, "--output", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for path in (FOLDER / "twosignal_command").rglob("*.py"):
        copy = tmp_path / "command" / path.relative_to(FOLDER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if "generated" not in path.parts:
            copy.write_bytes(path.read_bytes())

    def said(*arguments: str) -> str:
        command = [sys.executable, "-m", "twosignal_command", *arguments]
        environment = program.environment | {"PYTHONPATH": str(tmp_path / "command")}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert "Say what was traced" in said("traces", "--help")
    shown = said("traces", "list", "--help")
    assert "OK|LATE" in shown
    assert "How it ended." in shown
    assert "default: 4" in shown
    policy = (tmp_path / "command" / "twosignal_command" / "generated" / "policy.py").read_text(encoding="utf-8")
    assert '"GROWTH": 7' in policy
    assert "COOKIE_PIECE_CHARACTERS: Final[int] = 35\n" in policy


def test_every_command_says_what_its_procedure_does_in_the_words_of_the_contract(program: Program) -> None:
    contract = load_contract(CONTRACT)
    procedures = {
        "orgs list": "organization.list", "orgs create": "organization.create", "projects list": "project.list",
        "projects create": "project.create", "traces list": "trace.list", "traces get": "trace.byId",
        "evaluators list": "evaluator.list", "evaluators create": "evaluator.create",
        "evaluators toggle": "evaluator.update",
        "evaluators delete": "evaluator.delete", "datasets list": "dataset.list", "datasets create": "dataset.create",
        "datasets get": "dataset.byId", "datasets add-item": "dataset.addItem", "datasets delete": "dataset.delete",
        "api-keys list": "apiKey.list", "api-keys create": "apiKey.create", "api-keys revoke": "apiKey.revoke",
        "usage": "usage.currentMonth",
    }  # fmt: skip
    for command, procedure in procedures.items():
        description = " ".join(contract.operation(procedure).value["description"].split())
        assert description in " ".join(program.run(*command.split(), "--help").text.split()), command


def test_the_picture_in_the_readme_is_what_a_terminal_shows() -> None:
    assert "](recording.svg)" in (FOLDER / "README.md").read_text(encoding="utf-8")
    again = "make it anew: python -m tests.clients.command.recording"
    assert picture() == PICTURE.read_text(encoding="utf-8"), again
