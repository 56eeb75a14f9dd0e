"""Calls of procedures in superjson envelopes, and what stands in their responses, in every documented dialect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Unpack

from twosignal_contract import Contract

from twosignal_conformance.apis.dashboard.checks.data import Json
from twosignal_conformance.engine.api_client import MISSING, ApiClient, Exchange, Options, member


def options_of(contract: Contract, procedure: str, given: Any = MISSING, meta: Json | None = None) -> Options:
    """How an input travels: in the parameter `input` of a query, as the body of a mutation; MISSING sends none."""
    envelope = {"json": given} | ({"meta": meta} if meta else {})
    if contract.operation(procedure).method != "GET":
        return {"json": {} if given is MISSING else envelope}
    return {} if given is MISSING else {"query": {"input": json.dumps(envelope)}}


def call(
    client: ApiClient,
    procedure: str,
    given: Any = MISSING,
    *,
    meta: Json | None = None,
    **options: Unpack[Options],
) -> Exchange:
    """The response to a procedure."""
    sent: Options = {**options_of(client.contract, procedure, given, meta), **options}
    return client.call(procedure, **sent)


def result(exchange: Exchange) -> Any:
    """The result of a call; MISSING when there is none."""
    return exchange.at("result", "data", "json")


def rows(client: ApiClient, exchange: Exchange, name: str = "") -> list[Any]:
    """The rows of a list, which may stand in an object under their name; empty when it is neither."""
    found = result(exchange)
    if isinstance(found, list):
        return found
    within = member(found, name)
    if isinstance(within, list) and name in NAMED_LISTS.values():
        client.dialects.note("list-shape", "object")
        return within
    return []


NAMED_LISTS: Mapping[str, str] = {
    "evaluator.list": "evaluators",
    "dataset.list": "datasets",
    "apiKey.list": "apiKeys",
}
"""Lists that may stand in an object, under which name: /x-dialects, list-shape."""


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What an error says."""

    message: Any
    code: Any


def error_of(client: ApiClient, exchange: Exchange) -> ErrorBody | None:
    """The error of a response in either documented shape; None when it has none."""
    for shape, found in (("superjson", exchange.at("error", "json")), ("plain", exchange.at("error"))):
        if isinstance(found, dict):
            client.dialects.note("error-shape", shape)
            return ErrorBody(found.get("message", MISSING), member(found, "data", "code"))
    return None


def code_of(client: ApiClient, exchange: Exchange) -> Any:
    """The code of an error; MISSING when there is none."""
    error = error_of(client, exchange)
    return MISSING if error is None else error.code


def is_refusal(exchange: Exchange) -> bool:
    """True when a call was refused: any 4xx."""
    return exchange.status is not None and 400 <= exchange.status < 500


def known(client: ApiClient, procedure: str) -> str:
    """The spelling of a procedure that this server knows, which may be the other one."""
    return client.once(_spellings).get(procedure, procedure)


def spellings(contract: Contract) -> Mapping[str, str]:
    """Each further spelling of a procedure to the first one."""
    table = contract.extension("x-dashboard-procedures")
    return {name: row["same-as"] for name, row in table.items() if "same-as" in row}


def _spellings(client: ApiClient) -> dict[str, str]:
    """Each procedure that has two spellings to the one that is known; probed with an id that nobody has."""
    found: dict[str, str] = {}
    if client.settings.dry:
        return found
    for other, first in spellings(client.contract).items():
        # An input that lacks everything is refused by a procedure, and unknown is a path that leads to none.
        if _leads_nowhere(client, first):
            found[first] = other
        elif _leads_nowhere(client, other):
            found[other] = first
    return found


def _leads_nowhere(client: ApiClient, procedure: str) -> bool:
    exchange = call(client, procedure, {})
    return exchange.status == client.contract.error("unknown-endpoint").status
