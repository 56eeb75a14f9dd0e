"""Every block of the mock's pages that a reader may copy is run here, and gives what the page says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from twosignal_mock import MockServer

from tests.end_to_end.pages import ROOT, SHELLS, Block, blocks, commands_of_indented_blocks, pages, shells

pytestmark = pytest.mark.xdist_group("pages")

README = "mock/README.md"
GUIDE = "docs/mock-in-tests.md"
FRONT = "README.md"
BIN = Path(sys.executable).parent
PATIENCE = 60
"""Seconds for one block."""

ELSEWHERE = {
    "docker": "no engine here; tests/mock/test_dockerfile.py runs what the image runs",
    "twosignal-mock prism": "tests/mock/test_prism.py runs it",
}
"""Beginnings of lines that are not run here, and where they are."""


def surroundings(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TWOSIGNAL_")}
    return kept | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"} | more


def run(command: list[str], folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=surroundings(**environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def of(language: str) -> list[Block]:
    return [block for page in (README, GUIDE) for block in blocks(page) if block.language == language]


def is_elsewhere(line: str) -> bool:
    return line.startswith(tuple(ELSEWHERE))


SERVE = "twosignal-mock serve"
SERVES = sorted({line for block in of("sh") for line in block.text.splitlines() if line.startswith(SERVE)})
SESSION = [
    block
    for block in blocks(README)
    if block.language == "sh"
    and not all(line.startswith(SERVE) or is_elsewhere(line) for line in block.text.splitlines())
]


def test_every_block_is_of_a_kind_that_is_run() -> None:
    kinds = {block.language for page in (README, GUIDE, FRONT) for block in blocks(page)}
    assert kinds <= {"sh", "python", "pytest"}
    assert {block.language for block in blocks(GUIDE)} <= {"python", "pytest"}


@shells
def test_the_session_of_the_page_goes_as_written(tmp_path: Path, name: str) -> None:
    """One shell from top to bottom, as a reader has it; the server's port is free instead of the usual one."""
    with MockServer() as server:
        port = server.url.rsplit(":", 1)[1]
        marks = [f"\necho; echo '=== {block}'\n{block.text}" for block in SESSION]
        printed = run([*SHELLS[name], "-u", "-c", "".join(marks)], tmp_path, TWOSIGNAL_MOCK_PORT=port)
        entries = server.control.journal()
    outputs = dict(part.split("\n", 1) for part in printed.split("\n=== ")[1:])
    for block in SESSION:
        output, position = outputs[str(block)], 0
        for promise in block.promises:
            # In the order of the page: each is looked for behind the one before.
            found = pattern(promise).search(output, position)
            assert found, f"{block}: no {promise!r} in\n{output[position:]}"
            position = found.end()
    assert sum(len(block.promises) for block in SESSION) > 10
    # curl takes a refusal for a success; the page shows statuses where it orders one.
    assert not re.search(r'(^|\}) *\{"error":\{"code"', printed, re.MULTILINE), printed
    assert all(entry["clauses"] == [] for entry in entries)


def pattern(promise: str) -> re.Pattern[str]:
    """What keeps a promise: numbers (statuses, counts) are a line, or behind a body that ends none; else a part."""
    if promise.replace(" ", "").isdigit():
        return re.compile(rf"(^|\}}) *{promise}$", re.MULTILINE)
    return re.compile(re.escape(promise))


@pytest.mark.parametrize("line", SERVES)
def test_every_way_to_start_starts(line: str) -> None:
    command, verb, *options = shlex.split(line, comments=True)
    assert (command, verb) == ("twosignal-mock", "serve")
    with MockServer(arguments=options) as server:
        assert httpx.get(f"{server.url}/api/v1/health", trust_env=False).is_success


@pytest.mark.parametrize("block", of("python"), ids=str)
def test_a_python_block_runs(block: Block, tmp_path: Path) -> None:
    run([sys.executable, "-W", "error", "-c", block.text], tmp_path)


@pytest.mark.parametrize("block", of("pytest"), ids=str)
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_pytest_block_passes(block: Block, workers: str, tmp_path: Path) -> None:
    (tmp_path / "test_page.py").write_text(block.text)
    options = ["-q", "-p", "no:cacheprovider", "-n", workers, "-W", "error"]
    assert " passed" in run([sys.executable, "-m", "pytest", *options], tmp_path)


def test_the_lines_for_docker_are_those_of_the_dockerfile() -> None:
    lines = [line for block in of("sh") for line in block.text.splitlines() if line.startswith("docker")]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert lines
    assert [line for line in lines if "serve" not in line] == [
        line.lstrip("# ") for line in dockerfile.splitlines() if line.startswith("#   docker ")
    ]


def test_the_front_page_names_verbs_that_exist_and_commands_that_run(tmp_path: Path) -> None:
    # tests/end_to_end/test_client_pages.py runs the ones about clients, whole.
    sessions = [block for block in blocks(FRONT) if re.search("conformance (client|journal)", block.text)]
    fenced = [block.text.splitlines() for block in blocks(FRONT) if block.language == "sh" and block not in sessions]
    commands = commands_of_indented_blocks(FRONT) + [line for lines in fenced for line in lines if line.strip()]
    assert commands
    for line in commands:
        check_command(line, tmp_path)


@shells
def test_every_block_of_every_page_is_read_by_the_shell(name: str) -> None:
    found = [block for page in pages() for block in blocks(page) if block.language == "sh"]
    assert len({block.page for block in found}) > 10
    for block in found:
        command = [SHELLS[name][0], "-n", "-c", block.text]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
        assert (done.returncode, done.stderr) == (0, ""), block
        # A job's number means nothing in a script that sh runs, and a loop without an end waits for ever.
        assert not re.search(r"kill %|^until |\buntil \[", block.text, re.MULTILINE), block


def test_no_page_names_a_version_that_cannot_be_had() -> None:
    """Until there is a release there is no tag, and no package that a registry has."""
    for page in set(pages()) - {"CHANGELOG.md"}:
        found = [block for block in blocks(page) if block.language in ("sh", "yaml")]
        for block in found:
            text = re.sub(r"#.*", "", block.text)
            assert not re.search(r"(twosignal-contract@|--branch )v\d", text), block
            assert not re.search(r"(pip|pipx|npm) install( -\S+)* '?twosignal-", text), block


def check_command(line: str, folder: Path) -> None:
    """Runs a line of the front page; of what would take minutes only the words are checked."""
    program, *words = shlex.split(line, comments=True)
    name = program.removeprefix(".venv/bin/")
    if name == "make":
        assert re.search(rf"^{words[0]}:.* ## ", (ROOT / "Makefile").read_text(), re.MULTILINE), line
    elif name == "pipx":  # tests/contract/test_packaging.py installs the package that this makes
        assert (words[:2], (ROOT / "pyproject.toml").is_file()) == (["install", "."], True)
    elif name == "eval":
        assert run(["bash", "-c", f"{line.replace('.venv/bin/', '')} && env"], folder).count("TWOSIGNAL_") > 1
    elif (name, words[0]) == ("twosignal-mock", "serve"):
        with MockServer(arguments=words[1:]) as server:
            assert httpx.get(f"{server.url}/api/v1/health", trust_env=False).is_success
    elif words[0] in ("clauses", "env"):
        assert run([str(BIN / name), *words], folder)
    else:
        help_text = run([str(BIN / name), words[0], "--help"], folder, COLUMNS="200")
        assert all(word.split("=")[0] in help_text for word in words if word.startswith("--")), line
