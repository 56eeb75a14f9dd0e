"""login, logout, whoami."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from twosignal_command._address import OPTION, VARIABLE
from twosignal_command._errors import CommandError
from twosignal_command._output import is_terminal, note
from twosignal_command._run import Run
from twosignal_command._text import safe


def log_in(
    context: typer.Context,
    email: Annotated[
        str | None, typer.Option("--email", "-e", help="E-mail of the account; asked for without it.")
    ] = None,
    password: Annotated[
        str | None, typer.Option("--password", "-p", help="Password of the account; asked for without it.")
    ] = None,
) -> None:
    """Log in with e-mail and password.

    The session is kept in ~/.twosignal/session.json and is shared with the terminal interface. The address of --url is
    kept in ~/.twosignal/config.json, so that later commands use it. Without a terminal, what is not given is read from
    standard input, a line each.
    """
    run = Run.of(context)
    address = run.address
    email = _asked("E-mail", email)
    session = run.account.log_in(email, _asked("Password", password, hidden=True))
    _remember(run)
    record = {
        "email": session.user_email,
        "user_id": session.user_id,
        "api_url": address.url,
        "expires_at": _utc(session.expires_at),
    }
    run.output.one(record, f"Logged in as {safe(session.user_email)} at {address.url}")


def log_out(context: typer.Context) -> None:
    """Log out: end the session at the server, and delete it here."""
    run = Run.of(context)
    if not run.files.has_session():
        run.output.one({"logged_out": False, "server_told": False}, "You were not logged in")
        return
    trouble = run.account.log_out()
    if trouble:
        note(f"Warning: the server does not know that the session has ended: {safe(trouble)}")
    run.output.one({"logged_out": True, "server_told": not trouble}, "Logged out")


def who_am_i(context: typer.Context) -> None:
    """Check your session: ask the server who you are and show your organizations."""
    from twosignal_command._records import record, rows
    from twosignal_command._tables import pairs

    run = Run.of(context)
    found = [record(row) for row in rows(run.api.organization_list(), "organizations")]
    session = run.account.session
    shown: dict[str, Any] = {
        "email": session.user_email,
        "user_id": session.user_id,
        "api_url": run.address.url,
        "expires_at": _utc(session.expires_at),
        "organizations": [{name: row.get(name) for name in ("id", "name", "role")} for row in found],
    }
    lines = [("E-mail", safe(session.user_email)), ("User", safe(session.user_id)), ("Server", run.address.said)]
    lines += [("Organization", f"{safe(row.get('name'))} ({safe(row.get('role'))})") for row in found]
    run.output.one(shown, pairs(lines))


def _asked(label: str, given: str | None, *, hidden: bool = False) -> str:
    """What was given, or what somebody types; BadParameter when there is neither."""
    if given is None and is_terminal(sys.stdin) and is_terminal(sys.stderr):
        given = _typed(label, hidden=hidden)
    elif given is None:
        given = sys.stdin.readline().rstrip("\r\n")
    value = given if hidden else given.strip()
    if not value:
        letter = label[0].lower()
        raise typer.BadParameter(f"there is no {label.lower()}; give one with -{letter}", param_hint=f"-{letter}")
    return value


def _typed(label: str, *, hidden: bool) -> str:
    if hidden:
        from getpass import getpass  # it asks when the terminal shows nothing any more

        return getpass(f"{label}: ", stream=sys.stderr)
    sys.stderr.write(f"{label}: ")
    sys.stderr.flush()
    return sys.stdin.readline()


def _remember(run: Run) -> None:
    """Keeps the address of --url, and that of a first login."""
    try:
        known = run.files.read_configuration()
    except CommandError:
        known = {}
    if run.address.source == OPTION or not known.get("api_url"):
        run.files.write_configuration({**known, "api_url": run.address.url})
    elif run.address.source == VARIABLE and not run.address.is_of(str(known["api_url"])):
        kept = safe(known["api_url"])
        note(f"Note: {run.files.configuration} still names {kept}, which counts where {VARIABLE} is not set")


def _utc(seconds: float) -> str | None:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, OSError, ValueError):
        return None
