"""2Signal's REST API: its handlers, one module or folder for each resource, and what else is its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files

from twosignal_contract import Contract

from twosignal_mock.apis.rest import (
    _evaluation,
    _scores,
    _templates,
    evaluators,
    otel,
    routing,
    sample,
    sessions,
    traces,
)
from twosignal_mock.apis.rest._clauses import CLAUSES
from twosignal_mock.apis.rest._dialects import KEY_PREFIX, deviations
from twosignal_mock.apis.rest._directions import directions
from twosignal_mock.apis.rest.store import TABLES
from twosignal_mock.engine.api import Api, ControlRoutes, Dependencies, Handler, KeyScheme, TokenScheme

__all__ = ["REST", "handlers"]


def handlers(contract: Contract, dependencies: Dependencies) -> Iterator[Handler]:
    """One for every operation of the contract."""
    yield _health(contract)
    for resource in (traces, otel, _scores, routing, _templates, evaluators, sessions):
        yield from resource.handlers(contract, dependencies)


def _health(contract: Contract) -> Handler:
    """Says what the contract says that it always says."""
    body = {"status": contract.schema("Health")["properties"]["status"]["const"]}
    return Handler("getHealth", lambda call, transaction: body, stateless=True)


def _schemes(contract: Contract) -> Mapping[str, KeyScheme | TokenScheme]:
    prefixes = contract.dialects[KEY_PREFIX].values if KEY_PREFIX in contract.dialects else ()
    return {
        "apiKey": KeyScheme("missing-key", "invalid-key", "revoked-key", tuple(prefixes)),
        "accessToken": TokenScheme(sessions.project_of_access),
    }


REST = Api(
    name="rest",
    handlers=handlers,
    schemes=_schemes,
    deviations=deviations,
    clauses=CLAUSES,
    too_many_items="too-many-events",
    key_prefix=lambda dialects: dialects.get(KEY_PREFIX, ""),
    tables=TABLES,
    sample=sample.generate,
    directions=directions,
    workers=_evaluation.workers,
    control=ControlRoutes(
        files("twosignal_mock.apis.rest").joinpath("control.yaml"),
        {
            "showTrace": traces.show_trace,
            "listUnlistedTraces": traces.list_unlisted,
            "listRoutingConfigs": routing.list_configs,
            "setRoutingConfig": routing.set_config,
            "deleteRoutingConfig": routing.delete_config,
        },
    ),
)
"""What the engine needs to serve it."""
