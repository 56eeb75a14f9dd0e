"""Errors as people read them: what went wrong, why, what to do. The five that the documentation lists are here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .generated import policy

_MOST_CHARACTERS = 500
"""Of what a server says; the rest of a longer text is cut off."""


class CommandError(Exception):
    """Ends the command. `said` is what the server says about it, in its own words."""

    def __init__(self, title: str, cause: str, fix: str = "", *, said: str = "", exit_code: int = 1) -> None:
        super().__init__(title)
        self.title = title
        self.cause = cause
        self.fix = fix
        self.said = said if len(said) <= _MOST_CHARACTERS else said[:_MOST_CHARACTERS] + "..."
        self.exit_code = exit_code

    def lines(self) -> list[tuple[str, str]]:
        """What is shown, as label and text."""
        rows = [("Error", self.title), ("Cause", self.cause), ("Fix", self.fix), ("Server", self.said)]
        return [(label, text) for label, text in rows if text]


class ApiError(CommandError):
    """The server refused a call."""

    def __init__(self, code: str, status: int, explained: Explained, *, said: str, wait: float | None = None) -> None:
        super().__init__(*explained, said=said)
        self.code = code
        self.status = status
        self.wait = wait
        """Seconds after which the server wants to be asked again, when it says so."""


class Explained(NamedTuple):
    """An error in words."""

    title: str
    cause: str
    fix: str


EXPIRED = Explained(
    "Authentication expired", "Both access and refresh tokens have expired", "Run `twosignal login` again"
)
EXPLAINED: Mapping[str, Explained] = {
    policy.UNAUTHORIZED: EXPIRED,
    policy.FORBIDDEN: Explained(
        "Permission denied", "Your role does not allow this action", "Contact your organization admin"
    ),
    policy.RATE_LIMITED: Explained(
        "Rate limited", "Too many API requests in a short window", "Wait a few seconds and retry"
    ),
}
"""By the code of an error."""

_PROJECT = ("project", "twosignal projects list")
_ORGANIZATION = ("organization", "twosignal orgs list")
_THINGS: Mapping[str, tuple[str, str]] = {
    "trace": ("trace", "twosignal traces list"),
    "evaluator": ("evaluator", "twosignal evaluators list"),
    "dataset": ("dataset", "twosignal datasets list"),
    "apiKey": ("API key", "twosignal api-keys list"),
}
"""What a procedure is about, by the first part of its name: its word, and the command that lists them."""


def not_found(procedure: str, sent: Mapping[str, object]) -> Explained:
    """The error of a call that names what is not there, or what the caller has no access to."""
    if "organizationId" in sent:
        word, command = _ORGANIZATION
    elif "id" in sent or "datasetId" in sent:
        word, command = _THINGS.get(procedure.split(".", maxsplit=1)[0], _PROJECT)
    else:
        word, command = _PROJECT
    cause = f"Invalid {word} ID or you don't have access"
    return Explained(f"{word[0].upper()}{word[1:]} not found", cause, f"Check the ID with `{command}`")
