"""2Signal's dashboard API: procedures over organizations, and what belongs to projects, for people who signed in.

It works on the traces, keys, evaluators and routing rules of the REST API, through the store.
"""

from __future__ import annotations

from collections.abc import Mapping

from twosignal_contract import Contract

from twosignal_mock.apis.dashboard._clauses import CLAUSES
from twosignal_mock.apis.dashboard._dialects import deviations
from twosignal_mock.apis.dashboard._handlers import handlers
from twosignal_mock.apis.dashboard._rules import bundle, token_reader
from twosignal_mock.apis.dashboard.store import TABLES
from twosignal_mock.apis.rest.sessions import project_of_access
from twosignal_mock.engine.api import Api, TokenScheme

__all__ = ["DASHBOARD", "handlers"]


def _schemes(contract: Contract) -> Mapping[str, TokenScheme]:
    return {"session": TokenScheme(project_of_access, token_reader(contract))}


DASHBOARD = Api(
    name="dashboard",
    handlers=handlers,
    schemes=_schemes,
    deviations=deviations,
    clauses=CLAUSES,
    tables=TABLES,
    bundle=bundle,
)
"""What the engine needs to serve it."""
