"""`clauses` of both commands, from the outside: what they print, where, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.documents import Loader, both_loaders, fresh_tree, write

CONTRACT_INVALID = 3
WRONG_USAGE = 2


def run(loader: Loader, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command of the loader's package, run to its end."""
    command = [sys.executable, "-m", loader.package, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}, check=False, encoding="utf-8"
    )


@both_loaders
def test_json_is_the_whole_register(loader: Loader) -> None:
    done = run(loader, "clauses", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    clauses = loader.load(None).clauses
    for row in json.loads(done.stdout):
        clause = clauses[row["id"]]
        checks = row.pop("checks", [])  # of the judge; tests/conformance has its word on them
        assert all(isinstance(check, str) for check in checks)
        assert row == {
            "id": clause.id,
            "about": clause.about,
            "level": clause.level,
            "sources": list(clause.sources),
            "says": clause.says,
            "untestable": clause.untestable,
            "pointer": clause.pointer,
            "operation": clause.operation_id,
        } | ({"line": clause.line} if loader.package == "twosignal_conformance" else {})
    assert len(json.loads(done.stdout)) == len(clauses)


@both_loaders
def test_into_a_pipe_each_clause_is_a_line(loader: Loader) -> None:
    lines = run(loader, "clauses").stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == list(loader.load(None).clauses)
    assert {line.count("\t") for line in lines} == {5}


@both_loaders
def test_levels_and_whom_it_binds_are_filters(loader: Loader) -> None:
    done = run(loader, "clauses", "--json", "--level", "must", "--level", "may", "--about", "client")
    rows = json.loads(done.stdout)
    assert {row["id"] for row in rows} == {
        clause.id
        for clause in loader.load(None).clauses.values()
        if clause.level in {"must", "may"} and clause.about == "client"
    }


@both_loaders
@pytest.mark.parametrize("by_environment", [False, True], ids=["by option", "by environment"])
def test_another_document(loader: Loader, by_environment: bool, tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["x-clauses"][0]["says"] = "This sentence stands in a copy only."
    path = tmp_path / "copy.yaml"
    write(tree, path)
    if by_environment:
        done = run(loader, "clauses", "--json", **{f"{loader.package.upper()}_CONTRACT": str(path)})
    else:
        done = run(loader, "clauses", "--json", "--contract", str(path))
    assert json.loads(done.stdout)[0]["says"] == tree["x-clauses"][0]["says"]


@both_loaders
def test_a_bad_document_is_one_line_and_exit_code_3(loader: Loader, tmp_path: Path) -> None:
    tree = fresh_tree()
    del tree["x-clauses"][0]["level"]
    path = tmp_path / "openapi.yaml"
    write(tree, path)
    done = run(loader, "clauses", "--contract", str(path))
    assert (done.returncode, done.stdout) == (CONTRACT_INVALID, "")
    message = "'level' is missing; expected one of must, should, may; add it"
    assert re.fullmatch(rf"{re.escape(str(path))}:\d+ /x-clauses/0: {re.escape(message)}\n", done.stderr)


@both_loaders
@pytest.mark.parametrize("content", [b"", b"a: [", b"\xff", None], ids=["empty", "not YAML", "not UTF-8", "missing"])
def test_an_unreadable_document_is_one_line_and_exit_code_3(
    loader: Loader, content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "openapi.yaml"
    if content is not None:
        path.write_bytes(content)
    done = run(loader, "clauses", "--contract", str(path))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (CONTRACT_INVALID, "", 1)
    assert done.stderr.startswith(str(path))


@both_loaders
def test_a_wrong_option_is_a_usage_error(loader: Loader) -> None:
    done = run(loader, "clauses", "--level", "shall")
    assert (done.returncode, done.stdout) == (WRONG_USAGE, "")


@both_loaders
def test_a_document_here_is_named_as_an_editor_finds_it(loader: Loader, tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text("openapi: 3.1.1\n", encoding="utf-8")
    command = [sys.executable, "-m", loader.package, "clauses", "--contract", str(tmp_path / "openapi.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert {line.split(" ")[0] for line in done.stderr.splitlines()} == {"openapi.yaml:1:"}


@both_loaders
def test_the_reader_may_go_away(loader: Loader) -> None:
    command = [sys.executable, "-m", loader.package, "clauses", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 128 + 13  # as a shell reports a program that SIGPIPE ended


@both_loaders
def test_the_help_names_the_variable_and_the_fields(loader: Loader) -> None:
    text = run(loader, "clauses", "--help", COLUMNS="200", TERM="dumb").stdout
    for word in (f"{loader.package.upper()}_CONTRACT", "--json", "--level", "--about", "sources", "untestable"):
        assert word in text


@both_loaders
def test_the_version(loader: Loader) -> None:
    assert re.fullmatch(rf"{loader.package.replace('_', '-')} \d+\.\d+\.\d+\n", run(loader, "--version").stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@both_loaders
@pytest.mark.parametrize("no_color", ["", "1"], ids=["colour", "NO_COLOR"])
def test_on_a_terminal_it_is_a_table(loader: Loader, no_color: str) -> None:
    text = on_a_terminal(loader, {"COLUMNS": "80", "TERM": "xterm-256color", "NO_COLOR": no_color})
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert "level" in plain.splitlines()[1]
    assert max(len(line) for line in plain.splitlines()) <= 80
    assert ("\x1b[36m" in text) == (not no_color)
    assert f"{len(loader.load(None).clauses)} clauses" in plain


def on_a_terminal(loader: Loader, environment: dict[str, str]) -> str:
    """What the command prints on a pseudo-terminal."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", loader.package, "clauses"]
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    wanted = {name: value for name, value in environment.items() if value}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env={**kept, **wanted}) as process:
        os.close(theirs)
        chunks = []
        try:
            while chunk := os.read(ours, 65536):
                chunks.append(chunk)
        except OSError:  # Linux reports the end of a terminal as an error (EIO)
            pass
        finally:
            os.close(ours)
        process.wait()
    return b"".join(chunks).decode("utf-8")
