"""`twosignal-mock wait`: ends when a mock answers."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from twosignal_mock._commands._serve import Host, Port, local_url

NOT_READY = 5
"""Exit code when nothing answered in time."""

_PATH = "/__mock/v1/health"
_PAUSE = 0.05
"""Seconds between two looks."""


def wait_for_mock(
    timeout: Annotated[float, typer.Option(metavar="S", min=0, help="Seconds to wait at most.")] = 10.0,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="The mock's URL, else --host and --port.")
    ] = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Wait until a mock answers: exit code 0, or 5 when it did not in time."""
    import httpx

    from twosignal_mock._settings import DEFAULT_HOST, DEFAULT_PORT

    base = url or local_url(host or DEFAULT_HOST, port or DEFAULT_PORT)
    base = base.rstrip("/").removesuffix("/api/v1")
    deadline = time.monotonic() + timeout
    problem = "nothing was asked"
    while True:
        try:
            answer = httpx.get(base + _PATH, timeout=max(0.1, min(2.0, timeout)), trust_env=False)
            if answer.is_success:
                return
            problem = f"it answered {answer.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            problem = str(error) or type(error).__name__
        if time.monotonic() >= deadline:
            break
        time.sleep(_PAUSE)
    then = "is `twosignal-mock serve` running there?"
    print(f"twosignal-mock: {base} did not answer within {timeout:g} s ({problem}): {then}", file=sys.stderr)
    raise typer.Exit(NOT_READY)
