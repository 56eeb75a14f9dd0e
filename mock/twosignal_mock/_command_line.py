"""What the commands share: exit codes and the errors behind them, variables of the environment, and URLs.

Light, so that every command can be imported in no time.
"""

from __future__ import annotations

import re
from shlex import quote

ENVIRONMENT_PREFIX = "TWOSIGNAL_MOCK_"
"""Before the name of an option in upper case: the environment variable that means the same."""

USAGE = 2
UNUSABLE = 3
"""The contract or the state cannot be used."""
CANNOT_BIND = 4


class CommandError(Exception):
    """A command that cannot go on; its text is one line that says what was given, what was expected and what to do."""

    exit_code = USAGE


class UnusableError(CommandError):
    """The state cannot be used."""

    exit_code = UNUSABLE


class BindError(CommandError):
    """The address cannot be listened on."""

    exit_code = CANNOT_BIND


_WHOLE = re.compile("[+-]?[0-9]{1,30}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")


def read_whole(text: str) -> int | None:
    """The whole number of a text in ASCII digits; None for anything else (`1_000`, `1e3`, digits of other scripts)."""
    return int(text) if _WHOLE.fullmatch(text) else None


def read_decimal(text: str) -> float | None:
    """The number of a text in ASCII digits, with a point or without."""
    return float(text) if _DECIMAL.fullmatch(text) else None


def variable(option: str) -> str:
    """The environment variable that means the same as an option: TWOSIGNAL_MOCK_READY_FILE for `--ready-file`."""
    return ENVIRONMENT_PREFIX + option.removeprefix("--").replace("-", "_").upper()


def client_environment(url: str, api_key: str) -> dict[str, str]:
    """The variables by which clients find a mock."""
    return {"TWOSIGNAL_BASE_URL": url, "TWOSIGNAL_API_KEY": api_key}


def export_lines(url: str, api_key: str) -> list[str]:
    """The same for a shell, whatever they hold: it is quoted where it need be."""
    return [f"export {name}={quote(value)}" for name, value in client_environment(url, api_key).items()]


def local_url(host: str, port: int | str) -> str:
    """The URL by which this machine finds a mock that listens on an address: "every address" is none to call."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
