"""PyPI `twosignal[cli,tui]` 0.1.0, unchanged: the sign-in of its command line and terminal interface.

Both share `twosignal_tui.auth` and a session file below the home folder, which is a temporary one here. What else they
do goes to the dashboard API, which the mock does not have.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from twosignal_contract import load_contract
from twosignal_mock import Sandbox
from twosignal_tui.auth import (  # type: ignore[import-untyped]  # the published package ships no types
    AuthClient,
    AuthError,
    refresh_sync,
    sign_in_sync,
)

CONTRACT = load_contract().document
ACCESS_LIFETIME = CONTRACT["x-rest-tokens"]["access"]["lifetime"]
MESSAGES = {cause: error["body"]["error"]["message"] for cause, error in CONTRACT["x-errors"].items()}
MARCH = datetime(2026, 3, 14, 10, tzinfo=UTC)
DISCARD = 9
"""A port that nobody listens on: below 1024 no test may open one."""


class CommandLine:
    """The command `twosignal` with a home folder of its own."""

    def __init__(self, home: Path) -> None:
        self.folder = home / ".twosignal"
        self._surroundings = {**os.environ, "HOME": str(home), "USERPROFILE": str(home)}
        self._surroundings.pop("TWOSIGNAL_URL", None)

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        command = [sys.executable, "-m", "twosignal_cli", *arguments]
        return subprocess.run(command, env=self._surroundings, capture_output=True, text=True, timeout=60, check=False)

    def read(self, name: str) -> Any:
        """One of its files."""
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


@pytest.fixture
def command_line(tmp_path: Path, sandbox: Sandbox) -> CommandLine:
    del sandbox  # it sets the surroundings that the command inherits
    return CommandLine(tmp_path)


def _login(command_line: CommandLine, sandbox: Sandbox, password: str) -> subprocess.CompletedProcess[str]:
    return command_line("login", "--url", sandbox.url, "--email", sandbox.email, "--password", password)


def test_login_keeps_the_session_and_logout_forgets_it(command_line: CommandLine, sandbox: Sandbox) -> None:
    ended = _login(command_line, sandbox, sandbox.password)

    assert (ended.returncode, ended.stdout) == (0, f"Logged in as {sandbox.email}\n"), ended.stderr
    session = command_line.read("session.json")
    assert session["user_email"] == sandbox.email
    assert session["project_ref"], "the terminal interface needs it for its cookie"
    assert command_line.read("config.json") == {"api_url": sandbox.url}
    assert [(entry["operation"], entry["status"]) for entry in sandbox.journal()] == [("login", 200)]

    shown = command_line("whoami").stdout.splitlines()
    assert shown == [f"Email:   {sandbox.email}", f"User ID: {session['user_id']}", f"API URL: {sandbox.url}"]

    # What the command line kept is good for the terminal interface.
    assert refresh_sync(sandbox.url, session["refresh_token"]).user_id == session["user_id"]

    assert command_line("logout").stdout == "Logged out.\n"
    assert not (command_line.folder / "session.json").exists()


def test_a_wrong_password_is_told_in_the_servers_words(command_line: CommandLine, sandbox: Sandbox) -> None:
    ended = _login(command_line, sandbox, sandbox.password + "?")

    assert (ended.returncode, ended.stderr) == (1, f"Error: {MESSAGES['invalid-credentials']}\n")
    assert not (command_line.folder / "session.json").exists()
    assert [entry["status"] for entry in sandbox.journal()] == [401]


def test_an_unreachable_server_is_told(command_line: CommandLine) -> None:
    url = f"http://127.0.0.1:{DISCARD}"
    ended = command_line("login", "--url", url, "--email", "dev@example.com", "--password", "x")

    assert (ended.returncode, ended.stderr) == (1, f"Error: Cannot connect to {url}\n")


def test_the_session_expires_by_the_clock_of_the_sandbox(sandbox: Sandbox) -> None:
    sandbox.clock.freeze(MARCH)
    session = sign_in_sync(sandbox.url, sandbox.email, sandbox.password)
    assert session.expires_at == int(MARCH.timestamp()) + ACCESS_LIFETIME

    sandbox.clock.advance(ACCESS_LIFETIME)
    fresh = refresh_sync(sandbox.url, session.refresh_token)
    assert fresh.expires_at == session.expires_at + ACCESS_LIFETIME
    assert (fresh.user_id, fresh.user_email, fresh.project_ref) == (
        session.user_id,
        session.user_email,
        session.project_ref,
    )
    assert fresh.access_token != session.access_token


def test_a_used_refresh_token_is_refused(sandbox: Sandbox) -> None:
    session = sign_in_sync(sandbox.url, sandbox.email, sandbox.password)
    fresh = refresh_sync(sandbox.url, session.refresh_token)

    with pytest.raises(AuthError, match=MESSAGES["invalid-refresh-token"]):
        refresh_sync(sandbox.url, session.refresh_token)
    assert refresh_sync(sandbox.url, fresh.refresh_token)


def test_signing_out_ends_the_session(sandbox: Sandbox) -> None:
    session = sign_in_sync(sandbox.url, sandbox.email, sandbox.password)
    asyncio.run(AuthClient(sandbox.url).sign_out(session.access_token))

    with pytest.raises(AuthError, match=MESSAGES["invalid-refresh-token"]):
        refresh_sync(sandbox.url, session.refresh_token)
    assert [(entry["operation"], entry["status"]) for entry in sandbox.journal()] == [
        ("login", 200),
        ("logout", 200),
        ("refreshSession", 401),
    ]


def test_no_secret_of_a_session_stands_in_the_journal(sandbox: Sandbox) -> None:
    session = sign_in_sync(sandbox.url, sandbox.email, sandbox.password)
    fresh = refresh_sync(sandbox.url, session.refresh_token)
    asyncio.run(AuthClient(sandbox.url).sign_out(fresh.access_token))

    journal = json.dumps(sandbox.journal())
    tokens = [token for each in (session, fresh) for token in (each.access_token, each.refresh_token)]
    assert [secret for secret in (sandbox.password, *tokens) if secret in journal] == []
