"""The APIs that servers can be judged by: the one place that knows them all and joins them with the engine.

Reads nothing of an API but its options until it is asked for, since an entry point of pytest reads those everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from twosignal_conformance.apis.rest.options import OPTIONS as REST_OPTIONS

if TYPE_CHECKING:
    from twosignal_conformance.engine.api import Api
    from twosignal_conformance.engine.options import ApiOption

DEFAULT = "rest"

OPTIONS: Mapping[str, tuple[ApiOption, ...]] = {"rest": REST_OPTIONS}
"""Name of each API to the options that only it has."""

_PLACES = {"rest": ("twosignal_conformance.apis.rest._api", "REST")}
"""Module and name of each Api."""


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
    return citations(api_of(name).layers) | examined if name in _PLACES else {}


def api_of(name: str) -> Api:
    """An API by its name; UnknownApiError names those that there are."""
    if name not in _PLACES:
        raise UnknownApiError(f"--api {name}: expected one of {', '.join(_PLACES)}")
    module, value = _PLACES[name]
    api: Api = getattr(import_module(module), value)
    return api
