"""AppSignal's public API v2: its handlers, one module or folder for each resource, and what else is its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.resources import files

from twosignal_contract import Contract

from twosignal_mock.apis.appsignal import (
    _deploys,
    _token,
    check_ins,
    kubernetes,
    logs,
    metrics,
    sample,
    sites,
    tracing,
    visuals,
)
from twosignal_mock.apis.appsignal._clauses import CLAUSES
from twosignal_mock.apis.appsignal._dialects import deviations
from twosignal_mock.apis.appsignal.store import TABLES
from twosignal_mock.engine.api import Api, ControlRoutes, Dependencies, Handler, KeyScheme, TokenScheme

__all__ = ["APPSIGNAL", "handlers"]

_RESOURCES: tuple[Callable[[Contract, Dependencies], Iterable[Handler]], ...] = (
    metrics.handlers,
    tracing.handlers,
    logs.handlers,
    kubernetes.handlers,
    _deploys.handlers,
    check_ins.handlers,
    visuals.handlers,
    _token.handlers,
)


def handlers(contract: Contract, dependencies: Dependencies) -> Iterator[Handler]:
    """One for every operation of the contract."""
    for resource in _RESOURCES:
        yield from resource(contract, dependencies)


def _schemes(_contract: Contract) -> Mapping[str, KeyScheme | TokenScheme]:
    bearer = KeyScheme("missing-key", "invalid-key", "revoked-key", decides=True)
    return {"bearerToken": bearer, "queryToken": KeyScheme("missing-key", "invalid-key", "revoked-key")}


APPSIGNAL = Api(
    name="appsignal",
    handlers=handlers,
    schemes=_schemes,
    deviations=deviations,
    clauses=CLAUSES,
    tables=TABLES,
    sample=sample.generate,
    control=ControlRoutes(
        files("twosignal_mock.apis.appsignal").joinpath("control.yaml"),
        {
            "listSites": sites.list_sites,
            "putSite": sites.put_site,
            "putLogSource": sites.put_log_source,
            "takeTraces": tracing.take_traces,
            "takeMetrics": metrics.take_metrics,
            "takeLogs": logs.take_logs,
            "listSavedVisuals": visuals.list_visuals,
            "putSavedVisual": visuals.put_visual,
        },
    ),
)
"""What the engine needs to serve it."""
