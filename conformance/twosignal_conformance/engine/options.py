"""How options are named: on the command line, under plain pytest and in the environment; and those of one API alone.

Imports nothing, for an entry point of pytest reads the options in every environment that the suite is installed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

ENVIRONMENT = "TWOSIGNAL_CONFORMANCE_"
"""The variable of an option is this prefix and its name in capitals, with underscores."""

KEY_VARIABLE = "TWOSIGNAL_API_KEY"
"""The variable that the published clients read; the suite takes the key from it, too."""


@dataclass(frozen=True, slots=True)
class ApiOption:
    """An option that only one API needs."""

    name: str
    """Without its hyphens, such as "user"."""
    help: str
    metavar: str
    read: Callable[[str], object]
    """Makes a value of the text; ValueError says what was expected."""
    secrets: Callable[[object], Mapping[str, str]] = lambda _: {}
    """What of the value is secret, and the variable of the shell that stands for it in what is shown."""

    @property
    def flag(self) -> str:
        """As it is typed, such as --user."""
        return f"--{self.name}"


@dataclass(frozen=True, slots=True)
class User:
    """Who can sign in."""

    email: str
    password: str = field(repr=False)


def user_option(name: str, text: str, place: str) -> ApiOption:
    """An option that gives a User; `place` is the variable of the shell that stands for the password."""

    def secrets(user: object) -> Mapping[str, str]:
        return {user.password: place} if isinstance(user, User) else {}

    return ApiOption(name, text, "EMAIL:PASSWORD", _read_user, secrets)


def _read_user(text: str) -> User:
    email, colon, password = text.partition(":")
    if not colon or not email or not password:
        raise ValueError("expected EMAIL:PASSWORD")
    return User(email, password)


def variable(name: str) -> str:
    """The variable of the environment that gives the same as an option."""
    return ENVIRONMENT + name.upper().replace("-", "_")
