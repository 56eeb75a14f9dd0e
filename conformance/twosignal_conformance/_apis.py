"""The APIs that servers can be judged by: the one place that knows them all and joins them with the engine.

Another package adds an API by an entry point of the group `twosignal_conformance.apis`. Reads nothing of an API but
its options until it is asked for, since an entry point of pytest reads those everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from twosignal_conformance.apis.dashboard.options import OPTIONS as DASHBOARD_OPTIONS
from twosignal_conformance.apis.rest.options import OPTIONS as REST_OPTIONS

if TYPE_CHECKING:
    from twosignal_conformance.engine.api import Api
    from twosignal_conformance.engine.options import ApiOption

DEFAULT = "rest"

OPTIONS: Mapping[str, tuple[ApiOption, ...]] = {"rest": REST_OPTIONS, "dashboard": DASHBOARD_OPTIONS}
"""Name of each API to the options that only it has."""


def names_with(option: str) -> list[str]:
    """The APIs that have an option."""
    return [name for name, options in OPTIONS.items() if any(row.name == option for row in options)]


_OURS = {
    "rest": EntryPoint("rest", "twosignal_conformance.apis.rest._api:REST", ""),
    "dashboard": EntryPoint("dashboard", "twosignal_conformance.apis.dashboard._api:DASHBOARD", ""),
}

_GROUP = "twosignal_conformance.apis"


class UnknownApiError(ValueError):
    """An API that nothing here judges."""


def checks_by_clause(name: str) -> Mapping[str, Sequence[str]]:
    """Id of a clause to the ids of the checks that cover it; empty for an API that nothing here judges.

    An entry point of pyproject.toml, for those who print the register of a contract.
    """
    from twosignal_conformance import clients
    from twosignal_conformance.apis.rest.clients import CLIENTS
    from twosignal_conformance.engine.judgement import citations

    examined = clients.citations(CLIENTS) if name == DEFAULT else {}
    try:
        return citations(api_of(name).layers) | examined
    except UnknownApiError:
        return {}


def api_of(name: str) -> Api:
    """An API by its name; UnknownApiError names those that there are."""
    places = _OURS if name in _OURS else {place.name: place for place in entry_points(group=_GROUP)} | _OURS
    if name not in places:
        raise UnknownApiError(f"--api {name}: expected one of {', '.join(places)}")
    api: Api = places[name].load()
    return api
