"""`twosignal-mock env`: prints the lines by which a shell's clients find a mock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from twosignal_mock._commands._serve import ApiKey, Host, Port, export_lines, local_url


def print_environment(
    ready_file: Annotated[
        Path | None,
        typer.Option(
            envvar="TWOSIGNAL_MOCK_READY_FILE",
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
