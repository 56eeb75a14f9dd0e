"""The clients of the REST API: their scenarios, the rules for them, and what only this API knows of their requests."""

from pathlib import Path

from twosignal_conformance.apis.rest._api import SECRET_NAMES, WORDING
from twosignal_conformance.apis.rest.clients._contract_values import VALUES
from twosignal_conformance.apis.rest.clients._recording import items, names_in, noun, recorded_names, traces_created
from twosignal_conformance.apis.rest.clients._stored_traces import StoredTraces
from twosignal_conformance.apis.rest.clients.rules import RULES
from twosignal_conformance.clients import ClientApi

_NOT_AGAIN = "the client sent nothing again"
_NO_RESULT = "the command printed no result of it"

CLIENTS = ClientApi(
    wording=WORDING,
    secret_names=SECRET_NAMES,
    scenarios=Path(__file__).with_name("scenarios.json"),
    scenario_schema=Path(__file__).with_name("scenario.schema.json"),
    values=VALUES,
    rules=RULES,
    items=items,
    names=recorded_names,
    noun=noun,
    created=traces_created,
    kind="trace",
    state=StoredTraces(),
    without_key=("client.auth.bearer", "client.request.known-endpoint", "client.auth.key-not-in-url"),
    needs_scenario=frozenset(
        {
            "client.delivery.nothing-lost",
            "client.delivery.not-doubled",
            "client.delivery.shutdown",
            "client.answers.unknown-fields",
            "client.answers.unknown-values",
            "client.answers.error-envelope",
            "client.answers.odd-body",
            "client.paging.ends",
            "client.paging.complete",
            "client.sessions.refresh",
            "client.timestamps.true",
        }
    ),
    missing={
        "client.retry.rate-limit-wait": f"{_NOT_AGAIN} after a 429",
        "client.retry.rate-limit-reset": f"{_NOT_AGAIN} after a 429",
        "client.retry.backoff": f"{_NOT_AGAIN} after the server's error",
        "client.retry.most": f"{_NOT_AGAIN} often enough after the server's errors",
        "client.retry.same-ids": _NOT_AGAIN,
        "client.delivery.not-doubled": f"{_NOT_AGAIN}, so nothing could be doubled",
        "client.paging.cursor": "the client asked for no second page",
        "client.paging.same-filters": "the client asked for no second page",
        "client.answers.error-envelope": _NO_RESULT,
        "client.answers.unknown-fields": _NO_RESULT,
        "client.answers.unknown-values": _NO_RESULT,
    },
)

__all__ = ["CLIENTS", "RULES", "names_in"]
