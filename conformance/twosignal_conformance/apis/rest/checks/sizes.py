"""Bodies at the documented edges of their size, and what is judged by them, for every operation with one body."""

from __future__ import annotations

import json
from collections.abc import Callable

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, responses
from twosignal_conformance.apis.rest.checks.data import Json

FILLING = "ü漢🚀"
"""Nine bytes of UTF-8 in three characters: a server that counts characters takes three times too much."""

_CHUNK = 1 << 16
"""Bytes of a chunk of a body without Content-Length."""


def filled(make: Callable[[str], Json], size: int) -> bytes:
    """The body that `make` builds around a text, with as much text that it has exactly `size` bytes."""
    missing = size - len(_bytes(make("")))
    count, rest = divmod(missing, len(FILLING.encode()))
    return _bytes(make(FILLING * count + "." * rest))


def judge_sizes(client: ApiClient, judge: Judge, operation_id: str, subject: str, make: Callable[[str], Json]) -> None:
    """Decide the clauses `<subject>.max-bytes-accepted`, `.max-bytes` and `.max-bytes-status` of an operation.

    Exactly at both edges, and the larger one also in chunks. The check ends here when a small body is refused.
    """
    limit = client.contract.payload_limits[operation_id]
    small = client.call(operation_id, json=make("."))
    judge.require(small.ok, f"a small body was answered with {small.status}")
    fitting = client.attempt(operation_id, content=filled(make, limit.bytes))
    judge.check(
        f"{subject}.max-bytes-accepted",
        fitting.ok,
        expected=f"a body of {limit.bytes:,} bytes is accepted",
        actual=_response(fitting),
        evidence=fitting,
    )
    wanted = client.contract.error("body-too-large").status
    for how, exchange in too_large(client, operation_id, make).items():
        refused = judge.check(
            f"{subject}.max-bytes",
            responses.refused(exchange),
            expected=f"a body of {limit.refused_above + 1:,} bytes {how} is refused",
            actual=_response(exchange),
            evidence=exchange,
        )
        # In chunks another refusal is legal: a server may take no body without Content-Length.
        if refused and exchange.status is not None and "chunks" not in how:
            judge.check(
                f"{subject}.max-bytes-status",
                exchange.status == wanted,
                expected=f"status {wanted}",
                actual=_response(exchange),
                evidence=exchange,
            )


def too_large(client: ApiClient, operation_id: str, make: Callable[[str], Json]) -> dict[str, Exchange]:
    """What a body of one byte more than may be accepted is answered with, by how it is sent."""
    body = filled(make, client.contract.payload_limits[operation_id].refused_above + 1)
    pieces = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)]
    return {
        "with its length": client.attempt(operation_id, content=body),
        "in chunks": client.attempt(operation_id, chunks=pieces),
    }


def _response(exchange: Exchange) -> str:
    return f"status {exchange.status}" if exchange.status is not None else f"no response: {exchange.problem}"


def _bytes(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
