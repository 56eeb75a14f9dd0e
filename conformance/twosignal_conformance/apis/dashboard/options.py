"""The options that only the dashboard API has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twosignal_conformance.engine.options import ApiOption, user_option

_PORTS = 2**16


@dataclass(frozen=True, slots=True)
class Address:
    """Where the suite listens for webhooks."""

    host: str
    port: int


def _read_address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < _PORTS:
        raise ValueError(f"expected HOST:PORT with a port from 1 to {_PORTS - 1}")
    return Address(host.strip("[]"), int(port))


def _read_cookie(text: str) -> str:
    if "=" not in text or not (text.isascii() and text.isprintable()):
        raise ValueError("expected NAME=VALUE, the value of a header Cookie")
    return text


def _cookie_secret(text: object) -> Mapping[str, str]:
    return {str(text): "$TWOSIGNAL_SESSION_COOKIE"}


USER = user_option("user", "Somebody who can sign in.", "$TWOSIGNAL_PASSWORD")
COOKIE = ApiOption(
    "cookie",
    "Cookie of a session that is open already, instead of --user; with --read-only it is needed.",
    "NAME=VALUE",
    _read_cookie,
    _cookie_secret,
)
OTHER_USER = user_option(
    "other-user",
    "Another person: gets each role in an organization of the run, and has one of their own.",
    "$TWOSIGNAL_OTHER_PASSWORD",
)
THIRD_USER = user_option(
    "third-user", "A third person, whom members try to add and to remove.", "$TWOSIGNAL_THIRD_PASSWORD"
)
ORGANIZATION = ApiOption(
    "organization",
    "Id of an organization of --user to work in. Without it one is created, and none can be deleted.",
    "ID",
    str,
)
WEBHOOK = ApiOption(
    "webhook",
    "Address of this machine that the server reaches: the suite listens there for webhooks. "
    "Without it a loopback address, for a server on this machine.",
    "HOST:PORT",
    _read_address,
)

OPTIONS = (USER, COOKIE, OTHER_USER, THIRD_USER, ORGANIZATION, WEBHOOK)
