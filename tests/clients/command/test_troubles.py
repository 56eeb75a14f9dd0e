"""Whatever goes wrong, somebody reads what, why and what to do, and never a traceback."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

import pytest
from twosignal_mock import Sandbox

from tests.clients.command.conftest import Place, Scripted, log_in
from tests.clients.command.programs import COMMAND, NOWHERE, Done, Program, sweep
from tests.clients.command.test_output import answer, page


def explained(done: Done, title: str, code: int = 1) -> None:
    """An error in words, with cause and fix, and nothing else."""
    assert (done.code, done.out) == (code, ""), done.err
    assert [line.split(":")[0] for line in done.err.splitlines()][:3] == ["Error", "Cause", "Fix"], done.err
    assert done.err.splitlines()[0] == f"Error: {title}"


# --- The network ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("http://127.0.0.1:1", "Connection refused"),
        ("http://no-such-host.invalid", "Host not found"),
        ("https://127.0.0.1:1", "Connection refused"),
        ("http://a..b", "Host not found"),
        (f"http://{'a' * 300}", "Host not found"),
    ],
)
def test_a_server_that_cannot_be_reached(url: str, title: str, known: Program) -> None:
    done = known.run("orgs", "list", "--url", url)
    explained(done, title)
    assert f"{url} (from --url)" in done.err


@pytest.mark.parametrize(
    ("proxy", "title"),
    [("http://127.0.0.1:1", "Proxy error"), ("http://127.0.0.1:99999", "Invalid proxy"), ("x://y", "Invalid proxy")],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_lets_nobody_through(scheme: str, proxy: str, title: str, known: Program) -> None:
    program = known.with_variables(**{f"{scheme}_proxy": proxy, "no_proxy": "127.0.0.1"})
    explained(program.run("orgs", "list", "--url", f"{scheme}://server.invalid"), title)
    explained(program.run("orgs", "list", "--url", f"{scheme}://127.0.0.1:1"), "Connection refused")


@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://x", "http://", "http://[::1", "http://x:port", "http://user:secret@x", "http://x?y", "http://x#y",
     "http://a b", "http://\x1b[31m", "http://x/\ud800", "http://ü.example", "http://-:99999"],
)  # fmt: skip
def test_a_url_that_is_none_is_wrong_use(url: str, known: Program) -> None:
    done = known.run("orgs", "list", "--url", url)
    explained(done, "Invalid URL", code=2)
    assert "secret" not in done.err
    assert "\x1b" not in done.err


HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
RAW = {
    "no response": ("", "Connection broken"),
    "no HTTP": ("SSH-2.0-OpenSSH_9.0\r\n", "Connection broken"),
    "a body that breaks off": (f"{HEAD}Content-Length: 100\r\n\r\n{{", "Connection broken"),
    "chunks that break off": (f"{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n{{\r\n", "Connection broken"),
    "a length that is none": (f"{HEAD}Content-Length: x\r\n\r\n{{}}", "Not a 2Signal server"),
    "an encoding that is another": (
        f"{HEAD}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{{}}",
        "Connection broken",
    ),
}


@pytest.mark.parametrize("case", RAW)
def test_a_server_that_speaks_otherwise(case: str, known: Program, scripted: Scripted) -> None:
    sent, title = RAW[case]
    url, _ = scripted({"raw": sent})
    explained(known.run("orgs", "list", "--url", url), title)


def test_a_tls_error_is_told(known: Program, scripted: Scripted) -> None:
    url, _ = scripted({"raw": ""})
    explained(known.run("orgs", "list", "--url", url.replace("http:", "https:")), "TLS error")


RESPONSES = {
    "a page": (200, "text/html", "<html>hello</html>", "Not a 2Signal server"),
    "no page": (404, "text/html", "<html>404</html>", "Not a 2Signal server"),
    "another API": (200, "application/json", '{"items": []}', "Not a 2Signal server"),
    "another API that fails": (404, "application/json", '{"error": {"code": "NOT_FOUND"}}', "Not a 2Signal server"),
    "another API that says it in a text": (400, "application/json", '{"error": "no"}', "Not a 2Signal server"),
    "a number": (200, "application/json", "1", "Not a 2Signal server"),
    "nothing": (200, "application/json", "", "Not a 2Signal server"),
    "deep": (200, "application/json", "[" * 100_000, "Not a 2Signal server"),
    "infinite": (200, "application/json", '{"result": {"data": {"json": 1e999}}}', "Not a 2Signal server"),
    "no number": (200, "application/json", '{"result": {"data": {"json": NaN}}}', "Not a 2Signal server"),
    "huge": (200, "application/json", '{"result": {"data": {"json": %s}}}' % ("9" * 5000), "Not a 2Signal server"),
    "no list": (200, "application/json", '{"result": {"data": {"json": {"name": "x"}}}}', "Not a 2Signal server"),
    "a list of numbers": (200, "application/json", '{"result": {"data": {"json": [1]}}}', "Not a 2Signal server"),
    "a redirect": (302, "text/html", "", "Not a 2Signal server"),
    "a gateway": (502, "text/html", "<html>", "Server error"),
    "a gateway that limits": (429, "text/html", "<html>", "Rate limited"),
    "a gateway that forbids": (403, "text/html", "<html>", "Permission denied"),
    "trouble": (
        500,
        "application/json",
        '{"error": {"json": {"message": "m", "data": {"code": "X"}}}}',
        "Server error",
    ),
    "a refusal": (409, "application/json", '{"error": {"message": "m", "data": {"code": "CONFLICT"}}}', "Refused"),
}


@pytest.mark.parametrize("case", RESPONSES)
def test_a_server_that_is_another(case: str, known: Program, scripted: Scripted) -> None:
    sweep(case)
    status, kind, body, title = RESPONSES[case]
    response = {"status": status, "headers": {"Content-Type": kind, "Location": "http://x/"}, "body": body}
    url, _ = scripted(response)
    explained(known.run("orgs", "list", "--url", url), title)


# --- Files ------------------------------------------------------------------------------------------------------------


_NOBODY = 65534


@contextmanager
def modes_hold(place: Place) -> Iterator[None]:
    """Lets the modes of files hold, also where root runs the tests. The command has run before, so it is loaded."""
    if os.geteuid() != 0:
        yield
        return
    for path in (place.program.home, *place.program.home.rglob("*")):
        os.chown(path, _NOBODY, _NOBODY)
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_place(twosignal_sandbox: Sandbox) -> Iterator[Place]:
    """A place whose home everybody can get at: that of pytest is for its owner alone."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield log_in(twosignal_sandbox, Path(folder) / "home")


def test_a_home_that_cannot_be_written(open_place: Place) -> None:
    rmtree(open_place.program.session_file.parent)
    program = open_place.program.with_variables(TWOSIGNAL_URL=open_place.sandbox.url)
    program.home.chmod(0o555)
    with modes_hold(open_place):
        done = program.run("login", "-e", open_place.sandbox.email, "-p", open_place.sandbox.password)
    explained(done, "File error")
    assert list(program.home.iterdir()) == []


def test_a_session_in_a_home_that_cannot_be_written_is_used_and_not_used_up(open_place: Place) -> None:
    open_place.program.session_file.parent.chmod(0o555)
    with modes_hold(open_place):
        assert open_place.program.run("orgs", "list").code == 0
        open_place.sandbox.clock.advance(3601)
        explained(open_place.program.run("orgs", "list"), "File error")
    open_place.sandbox.verify(operation="refreshSession", count=0)


def test_a_home_that_is_not_there(program: Program) -> None:
    program = Program(program.home / "nowhere", program.variables)
    explained(program.run("login", "-e", "a", "-p", "b"), "File error")
    explained(program.run("orgs", "list"), "Not logged in")
    assert not program.home.exists()


def test_a_user_without_a_home(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: int) -> None:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    homeless = replace(program, home=NOWHERE)
    explained(homeless.run("orgs", "list"), "No home folder")
    assert homeless.run("--version").code == 0


def test_a_home_that_is_a_file(program: Program) -> None:
    program.home.rmdir()
    program.home.touch()
    explained(program.run("login", "-e", "a", "-p", "b"), "File error")
    explained(program.run("orgs", "list"), "Not logged in")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_told(program: Program) -> None:
    with Path("/dev/full").open("wb") as full:
        done = program.process("--help", stdout=full)
    explained(done, "Output error")


# --- Pipes and keys ---------------------------------------------------------------------------------------------------


def test_a_reader_who_goes_away_ends_the_command_without_a_word(three: Place) -> None:
    process = three.program.start("traces", "list", "--project", three.project, "--json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait(30)) == (b"", 0)
    process.stderr.close()


def test_streams_that_are_closed_from_the_start_do_no_harm(program: Program) -> None:
    command = f"{' '.join(COMMAND)} --version >&- 2>&- <&-"
    assert subprocess.run(["sh", "-c", command], env=program.environment, check=False).returncode == 0


@pytest.mark.parametrize("prompt", ["E-mail: ", "Password: "])
def test_ctrl_c_in_a_prompt(prompt: str, program: Program) -> None:
    arguments = [] if prompt == "E-mail: " else ["-e", "a"]
    with program.terminal("login", *arguments) as terminal:
        terminal.wait_for(prompt)
        terminal.type("\x03")
        assert terminal.end() == 130
    assert "Traceback" not in terminal.seen


def test_ctrl_c_while_pages_and_scores_come(known: Program, scripted: Scripted) -> None:
    traces = [{**page()["traces"][0], "id": str(index), "_count": {"scores": 1}} for index in range(3)]
    for trace in traces:
        del trace["scores"]
    forever = {"status": 200, "body": "", "drip": True}
    for responses, enough in (((forever,), 1), ((answer({"traces": traces, "nextCursor": None}), forever), 2)):
        url, asked = scripted(*responses)
        arguments = ("traces", "list", "--project", "p", "--all", "--json", "--url", url)
        with known.terminal(*arguments) as terminal:
            end = time.monotonic() + 30
            while len(asked.paths) < enough and time.monotonic() < end:
                time.sleep(0.01)
            terminal.type("\x03")
            start = time.monotonic()
            assert terminal.end() == 130
            assert time.monotonic() - start < 10
        assert "Traceback" not in terminal.seen


def test_ctrl_c_while_traces_are_followed(three: Place) -> None:
    with three.program.terminal("traces", "tail", "--project", three.project, "--interval", "0.1") as terminal:
        terminal.wait_for("12 min ago")
        terminal.type("\x03")
        assert terminal.end() == 130
    assert "Traceback" not in terminal.seen


def test_python_knows_no_better_name(program: Program) -> None:
    """`python -m twosignal_command` and the installed command are one program."""
    done = program.process("--version")
    assert done.text.startswith("twosignal ")
    assert sys.executable == COMMAND[0]
