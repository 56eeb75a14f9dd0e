"""One session for our command and the published programs, renewed once however many commands run."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from twosignal_mock import Sandbox

from tests.clients.command.conftest import Place
from tests.clients.command.programs import COMMAND, Program, sweep

PUBLISHED = (sys.executable, "-I", "-c")
TERMINAL_INTERFACE = """
from twosignal_tui.__main__ import login
from twosignal_tui.config import Config
config = Config.load()
session = login(config)
print(config.api_url, session.user_email, session.access_token)
"""
"""What the published terminal interface does before it shows its first screen."""


def published(program: Program, script: str, typed: str = "") -> list[str]:
    """The lines that a program of the published package prints."""
    done = subprocess.run(
        [*PUBLISHED, script],
        env=program.environment,
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def renewals(sandbox: Sandbox) -> list[int]:
    """Statuses of the responses to refreshes."""
    return [entry["status"] for entry in sandbox.journal(operation="refreshSession")]


@pytest.fixture
def logged_in(twosignal_sandbox: Sandbox, program: Program) -> Program:
    """Somebody who has just logged in."""
    given = ("-e", twosignal_sandbox.email, "-p", twosignal_sandbox.password, "--url", twosignal_sandbox.url)
    assert program.run("login", *given).code == 0
    return Program(program.home)


def test_files_are_for_their_owner_alone_and_hold_what_is_documented(logged_in: Program) -> None:
    for path in (logged_in.session_file, logged_in.configuration_file):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(logged_in.session_file.parent.stat().st_mode) == 0o700
    assert list(json.loads(logged_in.configuration_file.read_text())) == ["api_url"]
    session = logged_in.session
    assert isinstance(session["access_token"], str)
    assert isinstance(session["refresh_token"], str)
    assert session["expires_at"] > time.time()
    assert {path.name for path in logged_in.session_file.parent.iterdir()} == {
        "config.json",
        "session.json",
        "session.lock",
    }


def test_the_published_interface_takes_our_login_and_we_take_what_it_renewed(
    logged_in: Program, twosignal_sandbox: Sandbox
) -> None:
    session = logged_in.session
    (said,) = [line for line in published(logged_in, TERMINAL_INTERFACE) if line.startswith("http")]
    assert said.split() == [twosignal_sandbox.url, twosignal_sandbox.email, session["access_token"]]
    logged_in.change_session(expires_at=1)
    (said,) = [line for line in published(logged_in, TERMINAL_INTERFACE) if line.startswith("http")]
    assert said.split()[2] == logged_in.session["access_token"] != session["access_token"]
    assert renewals(twosignal_sandbox) == [200]
    assert logged_in.run("logout", "--json").json == {"logged_out": True, "server_told": True}
    assert renewals(twosignal_sandbox) == [200]


def test_we_take_the_login_of_the_published_interface_and_it_takes_what_we_renewed(
    program: Program, twosignal_sandbox: Sandbox
) -> None:
    program = program.with_variables(TWOSIGNAL_URL=twosignal_sandbox.url)
    published(program, TERMINAL_INTERFACE, f"{twosignal_sandbox.email}\n{twosignal_sandbox.password}\n")
    before = program.session
    assert "api_url" not in before
    assert program.run("whoami", "--json").json["email"] == twosignal_sandbox.email
    program.change_session(expires_at=1)
    assert program.run("whoami").code == 0
    assert program.session["access_token"] != before["access_token"]
    assert stat.S_IMODE(program.session_file.stat().st_mode) == 0o600
    (said,) = [line for line in published(program, TERMINAL_INTERFACE) if line.startswith("http")]
    assert said.split()[2] == program.session["access_token"]


@pytest.mark.parametrize("expired", ["here", "at the server"])
def test_commands_at_once_renew_the_session_once(expired: str, place: Place) -> None:
    if expired == "here":
        place.program.change_session(expires_at=1)
    else:
        place.sandbox.clock.advance(3601)
    processes = [place.program.start("orgs", "list", "--json") for _ in range(4)]
    ends = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, ends
    assert {out for out, _ in ends} == {ends[0][0]}
    assert renewals(place.sandbox) == [200]


def test_threads_of_one_command_renew_the_session_once(place: Place) -> None:
    place.ingest(*({"id": f"trace-{index}"} for index in range(20)))
    for index in range(20):
        place.score(f"trace-{index}", "quality", 1)
    place.sandbox.clock.advance(3601)
    found = place.program.run("traces", "list", "--project", place.project, "--json").json
    assert [len(trace["scores"]) for trace in found] == [1] * 20
    assert renewals(place.sandbox) == [200]


def test_a_session_is_not_renewed_where_the_new_one_could_not_be_kept(
    logged_in: Program, twosignal_sandbox: Sandbox
) -> None:
    logged_in.change_session(expires_at=1)
    target = logged_in.home / "elsewhere" / "session.json"
    before = logged_in.session_file.read_bytes()
    logged_in.session_file.unlink()
    logged_in.session_file.symlink_to(target)  # the folder of this link is not there
    target.parent.mkdir()
    target.write_bytes(before)
    assert logged_in.run("whoami").code in (0, 1)
    assert logged_in.session_file.is_symlink()
    assert renewals(twosignal_sandbox) == [200]


def test_tokens_go_to_no_other_server_than_their_own(place: Place) -> None:
    place.sandbox.clear_journal()
    place.program.change_session(api_url="https://elsewhere.example")
    done = place.program.run("orgs", "list")
    assert done.code == 1
    assert done.err.splitlines()[0] == "Error: Not logged in there"
    assert f"twosignal login --url {place.sandbox.url}" in done.err
    assert place.sandbox.journal() == []
    other_name = place.sandbox.url.replace("127.0.0.1", "localhost")
    place.program.change_session(api_url=other_name)
    assert place.program.run("orgs", "list").code == 0


def test_a_long_session_is_sent_in_pieces(place: Place) -> None:
    place.program.change_session(user_id="u" * 9000)
    assert len(place.program.run("orgs", "list", "--json").json) == 1


BROKEN = {
    "empty": "", "begun": "{", "list": "[]", "null": "null", "number": '{"access_token": 1, "api_url": 1}',
    "line break": '{"access_token": "a\\nb", "api_url": "a\\nb"}', "deep": "[" * 100_000,
    "for ever": json.dumps(dict.fromkeys(("access_token", "refresh_token", "user_id", "user_email"), "x")
                           | {"expires_at": float("inf"), "api_url": "http://["}),
}  # fmt: skip


@pytest.mark.parametrize("content", BROKEN)
@pytest.mark.parametrize("name", ["session.json", "config.json"])
def test_a_broken_file_is_named_and_a_login_mends_it(
    name: str, content: str, logged_in: Program, twosignal_sandbox: Sandbox
) -> None:
    sweep(content)
    path: Path = logged_in.session_file.parent / name
    path.write_text(BROKEN[content], encoding="utf-8")
    done = logged_in.run("whoami")
    assert done.code in (0, 1)
    assert "Traceback" not in done.err
    if done.code:
        assert "twosignal login" in done.err
    given = ("-e", twosignal_sandbox.email, "-p", twosignal_sandbox.password, "--url", twosignal_sandbox.url)
    assert logged_in.run("login", *given).code == 0
    assert json.loads(path.read_text(encoding="utf-8"))
    assert logged_in.run("logout").code == 0


def test_a_full_disk_is_told_before_a_refresh_token_is_used_up(logged_in: Program, twosignal_sandbox: Sandbox) -> None:
    logged_in.change_session(expires_at=1)
    before = logged_in.session_file.read_bytes()
    # No file may have a byte: what a full disk is to a writer.
    command = f"ulimit -f 0; exec {' '.join(COMMAND)} whoami"
    done = subprocess.run(["sh", "-c", command], env=logged_in.environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, "Error: File error")
    assert renewals(twosignal_sandbox) == []
    assert logged_in.session_file.read_bytes() == before
    assert {path.name for path in logged_in.session_file.parent.iterdir()} == {
        "config.json", "session.json", "session.lock",
    }  # fmt: skip
