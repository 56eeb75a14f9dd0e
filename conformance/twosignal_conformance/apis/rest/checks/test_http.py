"""HTTP around the operations: paths, encodings, chunks, preflights, and parameters that nobody knows."""

from __future__ import annotations

import gzip
import json

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, Key, TestData, actions, covers

_ORIGIN = "https://conformance.example"
"""A page that may not exist (RFC 2606); nothing is sent there."""


@covers("http.base-path.origin", profile="standard")
def test_the_operations_are_where_the_contract_has_them(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Each one without a key or with an empty body: whatever it says, it is there."""
    status = client.contract.error("unknown-endpoint").status
    requests = actions.valid_requests(client.contract, data)
    missing = []
    for name, operation in client.contract.operations.items():
        if operation.media_type is None:
            exchange = client.attempt(name, key=Key.NONE, query=requests.get(name, {}).get("query", {}))
        else:
            exchange = client.attempt(name, key=Key.NONE, json={})
        if exchange.status == status:
            missing.append(exchange)
    judge.check(
        "http.base-path.origin",
        not missing,
        expected="every operation is served",
        actual=", ".join(f"{row.status} for {row.method} {row.path}" for row in missing) or "all are",
        evidence=missing,
    )


@covers("http.query.unknown", profile="standard")
def test_unknown_parameters(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One that no operation has."""
    exchange = client.call("listTraces", query={"limit": 1, "unknownParameter": data.run_id})
    told = "ignored" if exchange.ok else f"status {exchange.status}"
    judge.observe("http.query.unknown", told, evidence=exchange)


@covers("http.query.repeated", profile="standard")
def test_a_parameter_that_is_sent_twice(client: ApiClient, judge: Judge) -> None:
    """The same limit again: whichever is taken, it is a mistake worth hearing of."""
    exchange = client.call("listTraces", query=[("limit", "1"), ("limit", "1")])
    judge.observe("http.query.repeated", "taken" if exchange.ok else f"status {exchange.status}", evidence=exchange)


@covers("http.chunked.accepted", profile="standard")
def test_a_body_in_chunks(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A batch without Content-Length, cut in the middle of a sign of several bytes."""
    body = json.dumps(data.batch(data.trace(metadata={"sign": "\U0001f642"})), ensure_ascii=False).encode()
    cut = body.index("\U0001f642".encode()) + 2
    exchange = client.attempt("ingestTraces", chunks=[body[:cut], body[cut:]])
    told = "read" if exchange.ok else f"status {exchange.status}"
    judge.observe("http.chunked.accepted", told, evidence=exchange)


@covers("http.gzip.accepted", profile="standard")
def test_a_body_that_is_compressed(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A small batch, and one that is small only as long as it is compressed."""
    limit = client.contract.payload_limits["ingestTraces"].refused_above
    small, large = (json.dumps(data.batch(data.trace())).encode() for _ in range(2))
    large += b" " * (limit + 1 - len(large))
    packed, headers = [gzip.compress(body, mtime=0) for body in (small, large)], {"Content-Encoding": "gzip"}
    exchanges = [client.attempt("ingestTraces", content=body, headers=headers) for body in packed]
    told = [f"status {exchange.status}" for exchange in exchanges]
    judge.observe("http.gzip.accepted", f"{told[0]}; {told[1]} when too large decompressed", evidence=exchanges)


@covers("http.cors.preflight", profile="standard")
def test_a_preflight(client: ApiClient, judge: Judge) -> None:
    """What a browser asks before a page may send the key."""
    headers = {
        "Origin": _ORIGIN,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    path = client.contract.operation("listTraces").path
    exchange = client.request("OPTIONS", path, key=Key.NONE, headers=headers)
    allowed = exchange.header("Access-Control-Allow-Headers") or "none"
    judge.observe("http.cors.preflight", f"status {exchange.status}, allows the headers: {allowed}", evidence=exchange)
