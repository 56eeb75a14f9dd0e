"""`twosignal-contract` from the outside: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from twosignal_contract import load_contract

from tests.contract.documents import DOCUMENT, fresh_tree, write

CONTRACT_INVALID = 3
WRONG_USAGE = 2
PACKAGE = "twosignal_contract"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    command = [sys.executable, "-m", PACKAGE, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}, check=False, encoding="utf-8"
    )


def test_json_is_the_whole_register() -> None:
    done = run("clauses", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    clauses = load_contract().clauses
    for row in json.loads(done.stdout):
        clause = clauses[row["id"]]
        checks = row.pop("checks")  # of the suite; tests/conformance has its word on them
        assert all(isinstance(check, str) for check in checks)
        assert row == {
            "id": clause.id,
            "about": clause.about,
            "level": clause.level,
            "sources": list(clause.sources),
            "says": clause.says,
            "untestable": clause.untestable,
            "pointer": clause.pointer,
            "line": clause.line,
            "operation": clause.operation_id,
        }
    assert len(json.loads(done.stdout)) == len(clauses)


def test_into_a_pipe_each_clause_is_a_line() -> None:
    lines = run("clauses").stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == list(load_contract().clauses)
    assert {line.count("\t") for line in lines} == {5}


def test_levels_and_whom_it_binds_are_filters() -> None:
    done = run("clauses", "--json", "--level", "must", "--level", "may", "--about", "client")
    rows = json.loads(done.stdout)
    assert {row["id"] for row in rows} == {
        clause.id
        for clause in load_contract().clauses.values()
        if clause.level in {"must", "may"} and clause.about == "client"
    }


@pytest.mark.parametrize("by_environment", [False, True], ids=["by option", "by environment"])
def test_another_document(by_environment: bool, tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["x-clauses"][0]["says"] = "This sentence stands in a copy only."
    path = tmp_path / "copy.yaml"
    write(tree, path)
    if by_environment:
        done = run("clauses", "--json", TWOSIGNAL_CONTRACT=str(path))
    else:
        done = run("clauses", "--json", "--contract", str(path))
    assert json.loads(done.stdout)[0]["says"] == tree["x-clauses"][0]["says"]


def test_a_bad_document_is_one_line_and_exit_code_3(tmp_path: Path) -> None:
    tree = fresh_tree()
    del tree["x-clauses"][0]["level"]
    path = tmp_path / "openapi.yaml"
    write(tree, path)
    done = run("clauses", "--contract", str(path))
    assert (done.returncode, done.stdout) == (CONTRACT_INVALID, "")
    message = "'level' is missing; expected one of must, should, may; add it"
    assert re.fullmatch(rf"{re.escape(str(path))}:\d+ /x-clauses/0: {re.escape(message)}\n", done.stderr)


@pytest.mark.parametrize("content", [b"", b"a: [", b"\xff", None], ids=["empty", "not YAML", "not UTF-8", "missing"])
def test_an_unreadable_document_is_one_line_and_exit_code_3(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    if content is not None:
        path.write_bytes(content)
    done = run("clauses", "--contract", str(path))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (CONTRACT_INVALID, "", 1)
    assert done.stderr.startswith(str(path))


def test_a_wrong_option_is_a_usage_error() -> None:
    done = run("clauses", "--level", "shall")
    assert (done.returncode, done.stdout) == (WRONG_USAGE, "")


def test_a_document_here_is_named_as_an_editor_finds_it(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text("openapi: 3.1.1\n", encoding="utf-8")
    command = [sys.executable, "-m", PACKAGE, "clauses", "--contract", str(tmp_path / "openapi.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert {line.split(" ")[0] for line in done.stderr.splitlines()} == {"openapi.yaml:1:"}


def test_the_reader_may_go_away() -> None:
    command = [sys.executable, "-m", PACKAGE, "clauses", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 128 + 13  # as a shell reports a program that SIGPIPE ended


def test_the_help_names_the_variable_and_the_fields() -> None:
    text = run("clauses", "--help", COLUMNS="200", TERM="dumb").stdout
    for word in ("TWOSIGNAL_CONTRACT", "--json", "--level", "--about", "sources", "untestable"):
        assert word in text


def test_the_version() -> None:
    assert re.fullmatch(rf"{PACKAGE.replace('_', '-')} \d+\.\d+\.\d+\n", run("--version").stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize("no_color", ["", "1"], ids=["colour", "NO_COLOR"])
def test_on_a_terminal_it_is_a_table(no_color: str) -> None:
    text = on_a_terminal({"COLUMNS": "80", "TERM": "xterm-256color", "NO_COLOR": no_color})
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert "level" in plain.splitlines()[1]
    assert max(len(line) for line in plain.splitlines()) <= 80
    assert ("\x1b[36m" in text) == (not no_color)
    assert f"{len(load_contract().clauses)} clauses" in plain


def on_a_terminal(environment: dict[str, str]) -> str:
    """What the command prints on a pseudo-terminal."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", PACKAGE, "clauses"]
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


def test_a_sound_document_is_one_line() -> None:
    done = run("check", str(DOCUMENT))
    contract = load_contract()
    counts = f"{len(contract.operations)} operations, {len(contract.clauses)} clauses"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{DOCUMENT.relative_to(Path.cwd())}: {contract.api.title}, {counts}\n"


def test_without_a_name_our_own_documents_are_checked() -> None:
    assert run("check").stdout.splitlines()[0] == run("check", str(DOCUMENT)).stdout.strip()


def test_every_document_is_checked_and_every_problem_told(tmp_path: Path) -> None:
    tree = fresh_tree()
    del tree["x-clauses"][0]["level"], tree["x-clauses"][1]["level"]
    write(tree, tmp_path / "wrong.yaml")
    done = run("check", str(tmp_path / "wrong.yaml"), str(DOCUMENT), str(tmp_path / "missing.yaml"))
    assert done.returncode == CONTRACT_INVALID
    assert len(done.stdout.splitlines()) == 1
    pointers = re.findall(r"^\S+:\d+ (/x-clauses/\d+): 'level' is missing", done.stderr, re.MULTILINE)
    assert pointers == ["/x-clauses/0", "/x-clauses/1"]
    # The command takes a FILE: it has no option to name another one with.
    missing = "there is no such file; expected an OpenAPI document; name another file"
    assert done.stderr.splitlines()[-1] == f"{tmp_path / 'missing.yaml'}: {missing}"


def test_the_document_of_an_api_is_found_by_its_name() -> None:
    assert run("clauses", "--api", "rest").stdout == run("clauses").stdout


def test_an_api_that_is_not_there_is_a_usage_error_with_the_near_name() -> None:
    done = run("clauses", "--api", "rets", COLUMNS="200")
    assert (done.returncode, done.stdout) == (WRONG_USAGE, "")
    assert "did you mean rest?" in done.stderr
