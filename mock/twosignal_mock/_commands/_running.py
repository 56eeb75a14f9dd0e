"""`twosignal-mock env` and `wait`: for whoever uses a mock that somebody else started."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from twosignal_mock._command_line import CommandError, export_lines, local_url, read_decimal, variable
from twosignal_mock._commands._serve import ApiKey, Host, Port
from twosignal_mock._ready_file import ReadyFile

if TYPE_CHECKING:
    import httpx

NOT_READY = 5
"""Exit code when nothing responded in time."""

_PATH = "/__mock/v1/health"
_PAUSE = 0.05
"""Seconds between two looks."""
_NO_FILE = "no server has written it"


FromFile = Annotated[
    str | None,
    typer.Option(
        "--ready-file",
        envvar=variable("--ready-file"),
        metavar="FILE",
        help="Take URL and key from the file that `serve --ready-file` writes.",
    ),
]


def print_environment(
    ready_file: FromFile = None, host: Host = None, port: Port = None, api_key: ApiKey = None
) -> None:
    """Print export lines for a shell: eval "$(twosignal-mock env)"."""
    from twosignal_mock._settings import SettingsError, make_settings, read_path

    if ready_file is not None:
        record = ReadyFile(read_path("ready_file", ready_file)).read()
        if record is None:
            raise SettingsError("ready_file", ready_file, "a file that a running `serve` wrote")
        url, key = str(record["url"]), str(record["api_key"])
    else:
        settings = make_settings(host=host, port=port, api_key=api_key)
        if settings.port == 0:
            raise SettingsError("port", 0, "the port of a running mock, or --ready-file,")
        url, key = local_url(settings.host, settings.port), settings.api_key
    for line in export_lines(url, key):
        print(line)


def wait_for_mock(
    timeout: Annotated[str, typer.Option(metavar="S", help="Seconds to wait at most.")] = "10",
    ready_file: FromFile = None,
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="The mock's URL, else that of --ready-file, or --host and --port."),
    ] = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Wait until a mock responds: exit code 0, or 5 when it did not in time."""
    import httpx

    from twosignal_mock._settings import DEFAULT_HOST, DEFAULT_PORT, read_path

    patience = read_decimal(timeout)
    if patience is None or patience < 0:
        raise CommandError(f"--timeout: got {timeout!r}, expected a number of seconds from 0")
    file = ReadyFile(read_path("ready_file", ready_file)) if ready_file is not None and url is None else None
    fixed = url or local_url(host or DEFAULT_HOST, port or DEFAULT_PORT)
    deadline = time.monotonic() + patience
    with httpx.Client(timeout=max(0.1, min(2.0, patience)), trust_env=False) as client:
        while True:
            record = None if file is None else file.read()
            # Also with a file it is asked: the server may have been killed, and its file have stayed.
            problem = _problem(client, fixed if record is None else record["url"]) if record or not file else _NO_FILE
            if problem is None:
                return
            if time.monotonic() >= deadline:
                break
            time.sleep(_PAUSE)
    place = fixed if file is None else file.path
    then = "is `twosignal-mock serve` running there?" if file is None else "what did `twosignal-mock serve` print?"
    print(f"twosignal-mock: {place} did not respond within {patience:g} s ({problem}): {then}", file=sys.stderr)
    raise typer.Exit(NOT_READY)


def _problem(client: httpx.Client, url: str) -> str | None:
    """Why a mock does not respond; None when it does."""
    import httpx

    try:
        # Clients often have a base URL with a path; the mock is at the root of its address.
        parts = httpx.URL(url)
        response = client.get(f"{parts.scheme}://{parts.netloc.decode()}{_PATH}")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return str(error) or type(error).__name__
    return None if response.is_success else f"it responded with {response.status_code}"
