"""A second API of the house: what a mock's engine can be handed beside handlers and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from twosignal_contract import Contract
from twosignal_mock.engine.api import Api, ApiError, Bundle, Call, Dependencies, Handler, TokenScheme
from twosignal_mock.engine.store import Transaction

MOST = 3
"""Calls in one request."""
MIXED = 299
"""Status of calls with different ones."""


def show(call: Call, _transaction: Transaction) -> object:
    """The room that the call names."""
    if call.token is None:
        raise ApiError("stranger")
    return call.parameters.get("ask", call.body)


def handlers(_contract: Contract, _dependencies: Dependencies) -> Iterator[Handler]:
    """One for each operation."""
    yield Handler("findRoom", show, ("ask",))
    yield Handler("nameRoom", show, writes=True)


def read_pass(cookies: str) -> str | None:
    """The pass: a cookie whose name has any number."""
    found = re.search(r"pass-[0-9]+=([^;]+)", cookies)
    return found[1] if found else None


def schemes(_contract: Contract) -> Mapping[str, TokenScheme]:
    """A pass is the id of a sandbox."""
    return {"pass": TokenScheme(lambda token: token, read_pass)}


ROOMS = Api(
    "rooms",
    handlers,
    schemes=schemes,
    bundle=lambda _contract: Bundle("several", "yes", "+", "ask", MOST, MIXED, "too-many", "mixed"),
)
"""An entry point of the group twosignal_mock.apis names it."""
