"""The REST API beside the dashboard: what is ingested there shows here, and what is made here counts there."""

from __future__ import annotations

from typing import Any, Unpack

from twosignal_contract import Contract, documents, load_contract

from twosignal_conformance.apis.dashboard.checks.data import Json, TestData
from twosignal_conformance.engine.api_client import (
    MISSING,
    ApiClient,
    Creation,
    Exchange,
    Key,
    Options,
    Unanswered,
    member,
)
from twosignal_conformance.engine.judgement import Judge

NAME = "rest"
"""/x-api/name of its contract."""


def contract_of(client: ApiClient) -> Contract:
    """The contract of the REST API, as it is shipped."""
    return client.once(_contract)


def _contract(_client: ApiClient) -> Contract:
    for contract in map(load_contract, documents()):
        if contract.api.name == NAME:
            return contract
    raise LookupError(f"no contract of the API {NAME} is installed")


def call(client: ApiClient, operation_id: str, api_key: str | None = None, **options: Unpack[Options]) -> Exchange:
    """The response of an operation of the REST API, with an API key or an access token, or with none."""
    operation = contract_of(client).operation(operation_id)
    options["key"] = Key.NONE
    if api_key is not None:
        options["token"] = api_key
    exchange = client.request(operation.method, operation.path, **options)
    if exchange.status is None:
        raise Unanswered(exchange)
    return exchange


def ingest(client: ApiClient, judge: Judge, data: TestData, api_key: str, *bodies: Json) -> Exchange:
    """The response to an ingestion; the check ends here when it is refused."""
    exchange = send(client, data, api_key, *bodies)
    judge.require(exchange.ok or client.settings.dry, f"the ingestion over REST was answered with {exchange.status}")
    return exchange


def send(client: ApiClient, data: TestData, api_key: str, *bodies: Json) -> Exchange:
    """The response to an ingestion, whatever it is."""
    traces = [Creation("trace", body["id"], body["name"]) for body in bodies if "traceId" not in body]
    return call(client, "ingestTraces", api_key, json=data.batch(contract_of(client), *bodies), creates=traces)


def takes(client: ApiClient, api_key: str) -> tuple[bool, Exchange]:
    """True when the REST API takes a key, with the response."""
    exchange = call(client, "listTraces", api_key, query={"limit": 1})
    return exchange.ok, exchange


def refuses(client: ApiClient, api_key: str) -> tuple[bool, Exchange]:
    """True when the REST API refuses a key as one that is not valid, with the response."""
    exchange = call(client, "listTraces", api_key, query={"limit": 1})
    return exchange.status == contract_of(client).error("invalid-key").status, exchange


def decision(exchange: Exchange) -> Any:
    """The model of a routing decision, bare or inside of "data"; MISSING when there is none."""
    bare = exchange.at("model")
    return member(exchange.at("data"), "model") if bare is MISSING else bare


def score(client: ApiClient, api_key: str, trace: Json, **fields: object) -> Exchange:
    """The response to a score of a trace."""
    body = {"traceId": trace["id"], **fields}
    kept = [Creation("score", trace["id"], str(fields.get("evaluatorName")))]
    return call(client, "createScore", api_key, json=body, creates=kept)
