"""Every evaluator that needs nothing but texts, with each setting at its edges, on texts at theirs.

The contract's schemas say which types there are and what their settings may be. What a server does not run is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twosignal_conformance.apis.rest.checks import ABSENT, ApiClient, Exchange, Judge, covers
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.evaluators import TEXT, results
from twosignal_conformance.apis.rest.checks.responses import is_number
from twosignal_conformance.engine.api_client import member

_OUTSIDE = ("LLM_JUDGE", "GROUNDEDNESS", "FACTUAL_ACCURACY", "WEBHOOK", "CUSTOM")
"""Types that ask a model or another server: a guest makes nobody pay for, or call, something."""

_SETTLED = ("mode", "model", "api_key")
"""Settings that choose a model, of types that have others as well. CONTAINS has a mode of its own, tried elsewhere."""

_KNOWN: Mapping[str, Any] = {"pattern": "refund", "flags": "i", "schema": {"type": "object"}, "value": "refund"}
"""Settings that not any text fits."""

_PAIRS: tuple[tuple[str, Any], ...] = (
    (TEXT, TEXT),
    (TEXT, ABSENT),
    ("", ""),
    ("a", ""),
    ("", "a"),
    ("a", "a"),
    ("a", "b"),
    (" \n", "\t"),
    ("Ä\U0001f642", "ä\U0001f642"),
    ("{}", "[]"),
    ("0", 0),
    ("null", None),
)
"""Outputs and what is expected."""


@covers("validate.results.score-range", "validate.results.one-each")
def test_scores_stay_in_range_at_every_edge(client: ApiClient, judge: Judge) -> None:
    """All settings of all types at once; when they are refused, or are an error, each by itself."""
    evaluators = [row for row in _evaluators(client) if _ask(client, TEXT, TEXT, [row]).ok]
    judge.require(client.settings.dry or evaluators, "the server runs none of the evaluators that decide from texts")
    for output, expected in _PAIRS:
        for rows in _parts(client, evaluators):
            if not _judge_pair(client, judge, output, expected, rows):
                return  # An error is asked for again with longer and longer waits: one is enough.


def _judge_pair(client: ApiClient, judge: Judge, output: str, expected: Any, rows: Sequence[Json]) -> bool:
    """False when it led to an error of the server."""
    exchange = _ask(client, output, expected, rows)
    internal = client.contract.error("internal").status
    if len(rows) > 1 and not exchange.ok:
        return all(_judge_pair(client, judge, output, expected, [row]) for row in rows)
    if not exchange.ok:
        return exchange.status != internal  # which is looked for in all responses
    found = results(exchange)
    judge.check(
        "validate.results.one-each",
        len(found) == len(rows),
        expected=f"{len(rows)} results, one for each evaluator, several of one type",
        actual=f"{len(found)} results",
        evidence=exchange,
    )
    wrong = [result for result in found if not _in_range(client, member(result, "score"))]
    judge.check(
        "validate.results.score-range",
        not wrong,
        expected=f"scores in their range for {output!r} where {expected!r} is expected",
        actual=wrong[0] if wrong else "all are",
        evidence=exchange,
    )
    return True


def _evaluators(client: ApiClient) -> Iterator[Json]:
    """Each type with the least configuration, and with each of its settings at each of its edges."""
    for choice in client.contract.schema("Evaluator")["oneOf"]:
        schema = client.contract.resolve(choice)
        kind, config = schema["properties"]["type"]["const"], schema["properties"]["config"]
        if kind in _OUTSIDE:
            continue
        least = {
            name: _KNOWN.get(name, _first(client, config["properties"][name])) for name in config.get("required", ())
        }
        yield {"type": kind, "config": least}
        for name, setting in config.get("properties", {}).items():
            for value in _edges(client, name, setting):
                yield {"type": kind, "config": {**least, name: value}}


def _edges(client: ApiClient, name: str, schema: Mapping[str, Any]) -> Iterator[Any]:
    schema = client.contract.resolve(schema)
    if name in _SETTLED or name in _KNOWN:
        return
    if "enum" in schema:
        yield from schema["enum"]
    elif schema.get("type") == "boolean":
        yield from (True, False)
    elif schema.get("type") in ("number", "integer"):
        yield from (schema[bound] for bound in ("minimum", "maximum") if bound in schema)
        yield 1
    elif schema.get("type") == "array":
        yield from ([], [_first(client, schema["items"])])


def _first(client: ApiClient, schema: Mapping[str, Any]) -> Any:
    """A value of a setting that has to be there."""
    schema = client.contract.resolve(schema)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "array":
        return [_first(client, schema["items"])]
    if kind == "object":
        return {name: _first(client, schema["properties"][name]) for name in schema.get("required", ())}
    return schema.get("maximum", 1) if kind in ("number", "integer") else "a"


def _parts(client: ApiClient, rows: Sequence[Json]) -> Iterator[Sequence[Json]]:
    """As many at once as a validation may have."""
    most = client.contract.schema("ValidateRequest")["properties"]["evaluators"]["maxItems"]
    for start in range(0, len(rows), most):
        yield rows[start : start + most]


def _ask(client: ApiClient, output: str, expected: Any, rows: Sequence[Json]) -> Exchange:
    body: Json = {"output": output, "input": output, "evaluators": list(rows)}
    told = body if expected is ABSENT else {**body, "expectedOutput": expected}
    return client.call("validateOutput", json=told)


def _in_range(client: ApiClient, score: object) -> bool:
    bounds = client.contract.schema("ScoreValue")
    return is_number(score) and bool(bounds["minimum"] <= score <= bounds["maximum"])
