"""api, for whatever has no command, and doctor."""

from __future__ import annotations

import json
import stat
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twosignal_command._errors import CommandError
from twosignal_command._options import command, group, parse_json, unboxed
from twosignal_command._records import Record
from twosignal_command._run import Run
from twosignal_command._text import safe
from twosignal_command.generated import policy

if TYPE_CHECKING:
    from twosignal_command._responses import Response

api = group("Call anything: a procedure of the dashboard, or a path of the REST API.")

_MOST_SKEW = 30
"""Seconds by which two clocks may differ before it is worth a word."""

_Path = Annotated[str, typer.Argument(metavar="PATH", help="A procedure such as usage.getHistory, or /api/v1/traces.")]
_Input = Annotated[Any, typer.Option("--input", "-i", parser=parse_json, metavar="JSON", help="JSON, @FILE or -.")]
_Key = Annotated[
    str | None,
    typer.Option("--api-key", envvar="TWOSIGNAL_API_KEY", metavar="KEY", help="For paths of the REST API."),
]


@command(api, "get")
def get(context: typer.Context, path: _Path, given: _Input = None, key: _Key = None) -> None:
    """Send a GET. The input of a procedure goes into its envelope, and the result comes without."""
    _call(Run.of(context), "GET", path, given, key)


@command(api, "post")
def post(context: typer.Context, path: _Path, given: _Input = None, key: _Key = None) -> None:
    """Send a POST. The input of a procedure goes into its envelope; any other path gets it as its body."""
    _call(Run.of(context), "POST", path, given, key)


def examine(context: typer.Context) -> None:
    """Examine the setup: which server and why, whether it answers, whether the session is valid."""
    from twosignal_command._tables import Column, field

    run = Run.of(context)
    found = list(_findings(run))
    columns = [
        field("Check", "check"),
        Column("Result", lambda row: "ok" if row["ok"] else "failed", colored=True),
        field("Details", "detail"),
    ]
    run.output.rows(found, columns, "checks")
    if not all(row["ok"] for row in found):
        raise typer.Exit(1)


def _call(run: Run, method: str, path: str, given: Any, key: str | None) -> None:
    from twosignal_command._responses import read_result

    procedure = path.removeprefix(policy.PREFIX).strip("/") if path.startswith(policy.PREFIX) else path
    if procedure.startswith("/"):
        run.output.value(_rest(run, method, path, given, key))
        return
    if not procedure.replace(".", "").replace("_", "").isalnum() or not procedure.isascii():
        raise typer.BadParameter(f"{safe(path)!r} is neither a procedure nor a path", param_hint="PATH")
    known = policy.PROCEDURES.get(procedure)
    if known is not None and known.method != method:
        better = f"twosignal api {known.method.lower()} {procedure}"
        raise typer.BadParameter(f"{procedure} takes {known.method}: `{better}`", param_hint="PATH")
    value = unboxed(given)
    sent = value if isinstance(value, dict) else {}
    run.output.value(read_result(run.account.send(method, procedure, value), procedure, sent))


def _rest(run: Run, method: str, path: str, given: Any, key: str | None) -> Any:
    """The JSON of any path."""
    from twosignal_command._responses import explain, read_json

    if not (path.isascii() and path.isprintable()) or " " in path:
        raise typer.BadParameter(f"{safe(path)!r} has odd characters; encode them (%20)", param_hint="PATH")
    if key is not None and not (key.isascii() and key.isprintable()):
        raise typer.BadParameter("the key holds what no header can", param_hint="--api-key")
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    if method == "GET" and given is not None:
        raise typer.BadParameter("a GET has no body; put it into PATH as ?name=value", param_hint="--input")
    body = None if given is None else json.dumps(given.value).encode()
    response = run.connection.send(method, path, headers=headers, body=body)
    if response.status >= 300:
        raise explain(response, "Refused", "The REST API wants a key: --api-key or TWOSIGNAL_API_KEY")
    return read_json(response) if response.body else None


def _findings(run: Run) -> Iterator[Record]:
    """Each check; those that cannot be done without an earlier one are left out when that failed."""
    from twosignal_command import version
    from twosignal_command.generated import _document

    versions = f"twosignal-command {version()}, contract {_document.VERSION}, Python {sys.version.split()[0]}"
    yield {"check": "version", "ok": True, "detail": versions}
    checks: dict[str, Callable[[Run], str]] = {
        "address": lambda run: run.address.said,
        "files": _examine_files,
        "server": _examine_server,
        "session": _examine_session,
    }
    for name, check in checks.items():
        try:
            yield {"check": name, "ok": True, "detail": check(run)}
        except CommandError as error:
            yield {"check": name, "ok": False, "detail": safe(f"{error.title}: {error.cause}. {error.fix}".strip(". "))}
            if name in ("address", "server"):
                return


def _examine_files(run: Run) -> str:
    session = run.files.read_session()
    if session is None:
        return f"{run.files.session} is not there"
    mode = stat.S_IMODE(run.files.session.stat().st_mode)
    if sys.platform != "win32" and mode & 0o077:
        # As the terminal interface leaves it; whatever renews the session from here closes it.
        return f"{run.files.session}; others may read it (mode {mode:o}): chmod 600 {run.files.session}"
    return str(run.files.session)


def _examine_server(run: Run) -> str:
    from twosignal_command._responses import foreign, read_json

    start = time.monotonic()
    response = run.connection.send("GET", policy.HEALTH)
    taken = time.monotonic() - start
    value = read_json(response)
    if response.status != 200 or not isinstance(value, dict) or "status" not in value:
        raise foreign(response)
    return f"status {safe(value['status'])}, after {taken * 1000:.0f}ms{_skew(response)}"


def _skew(response: Response) -> str:
    """A word about clocks that differ: then a session seems to end at another time than it does."""
    try:
        there = parsedate_to_datetime(response.headers.get("date", ""))
        seconds = (there.replace(tzinfo=there.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return ""
    return f"; its clock differs from ours by {seconds:.0f}s" if abs(seconds) > _MOST_SKEW else ""


def _examine_session(run: Run) -> str:
    from twosignal_command._records import rows

    count = len(rows(run.api.organization_list(), "organizations"))
    return f"{safe(run.account.session.user_email)}, in {count} organization{'' if count == 1 else 's'}"
