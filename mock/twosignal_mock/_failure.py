"""What ends a command: one line for people and an exit code. Light, so that every verb can be imported in no time."""

from __future__ import annotations

USAGE = 2
UNUSABLE = 3
"""The contract or the state cannot be used."""
CANNOT_BIND = 4


class CommandError(Exception):
    """A command that cannot go on; its text is one line that says what came, what was expected and what to do."""

    exit_code = USAGE


class UnusableError(CommandError):
    """The state cannot be used."""

    exit_code = UNUSABLE


class BindError(CommandError):
    """The address cannot be listened on."""

    exit_code = CANNOT_BIND
