"""The checks of each clause, for those who print the register of a contract (the entry points of pyproject.toml)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twosignal_conformance import clients
from twosignal_conformance.apis.rest.clients import CLIENTS
from twosignal_conformance.engine.judgement import LAYERS, citations

API = "rest"
"""The API that the checks of this package are about; /x-api/name of its contract."""


def checks_by_clause(api: str) -> Mapping[str, Sequence[str]]:
    """Id of a clause to the ids of the checks that decide it; empty for an API that nothing here is about."""
    return citations(LAYERS) | clients.citations(CLIENTS) if api == API else {}
