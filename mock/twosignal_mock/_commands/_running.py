"""`twosignal-mock env` and `wait`: for whoever uses a mock that somebody else started."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from twosignal_mock._command_line import export_lines, local_url, variable
from twosignal_mock._commands._serve import ApiKey, Host, Port

NOT_READY = 5
"""Exit code when nothing responded in time."""

_PATH = "/__mock/v1/health"
_PAUSE = 0.05
"""Seconds between two looks."""


def print_environment(
    ready_file: Annotated[
        Path | None,
        typer.Option(
            envvar=variable("--ready-file"),
            metavar="FILE",
            help="Take URL and key from the file that `serve --ready-file` wrote.",
        ),
    ] = None,
    host: Host = None,
    port: Port = None,
    api_key: ApiKey = None,
) -> None:
    """Print export lines for a shell: eval "$(twosignal-mock env)"."""
    from twosignal_mock._settings import SettingsError, make_settings

    if ready_file is not None:
        try:
            record = json.loads(ready_file.read_text(encoding="utf-8"))
            url, key = str(record["url"]), str(record["api_key"])
        except (OSError, ValueError, KeyError, TypeError):
            raise SettingsError("ready_file", str(ready_file), "a file that a running `serve` wrote") from None
    else:
        settings = make_settings(host=host, port=port, api_key=api_key)
        if settings.port == 0:
            raise SettingsError("port", 0, "the port of a running mock, or --ready-file,")
        url, key = local_url(settings.host, settings.port), settings.api_key
    for line in export_lines(url, key):
        print(line)


def wait_for_mock(
    timeout: Annotated[float, typer.Option(metavar="S", min=0, help="Seconds to wait at most.")] = 10.0,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="The mock's URL, else --host and --port.")
    ] = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Wait until a mock responds: exit code 0, or 5 when it did not in time."""
    import httpx

    from twosignal_mock._settings import DEFAULT_HOST, DEFAULT_PORT

    base = url or local_url(host or DEFAULT_HOST, port or DEFAULT_PORT)
    # Clients often have a base URL with a path; the mock is at the root of its address.
    parts = httpx.URL(base)
    base = f"{parts.scheme}://{parts.netloc.decode()}"
    deadline = time.monotonic() + timeout
    problem = "nothing was asked"
    while True:
        try:
            response = httpx.get(base + _PATH, timeout=max(0.1, min(2.0, timeout)), trust_env=False)
            if response.is_success:
                return
            problem = f"it responded with {response.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            problem = str(error) or type(error).__name__
        if time.monotonic() >= deadline:
            break
        time.sleep(_PAUSE)
    then = "is `twosignal-mock serve` running there?"
    print(f"twosignal-mock: {base} did not respond within {timeout:g} s ({problem}): {then}", file=sys.stderr)
    raise typer.Exit(NOT_READY)
