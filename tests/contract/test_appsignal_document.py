"""The AppSignal contract agrees with itself: its tables, its sentences and its examples say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from twosignal_contract import Contract, Operation, load_contract

CONTRACT: Contract = load_contract(Path(__file__).parents[2] / "contracts" / "appsignal.openapi.yaml")
METRICS: Mapping[str, Any] = CONTRACT.extension("x-appsignal-metrics")
LOG_QUERY: Mapping[str, Any] = CONTRACT.extension("x-appsignal-log-query")
EVERY_OPERATION = pytest.mark.parametrize("operation", CONTRACT.operations.values(), ids=CONTRACT.operations)


def properties(node: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every property of the schemas below a place."""
    if isinstance(node, Mapping):
        for name, schema in node.get("properties", {}).items():
            yield f"{place}/{name}", schema
        for key, value in node.items():
            yield from properties(value, f"{place}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from properties(value, f"{place}/{index}")


def error_examples(operation: Operation) -> Iterator[tuple[int, Any]]:
    """Status and body of every example of an error."""
    document = CONTRACT.document["paths"][operation.path][operation.method.lower()]
    for status, response in document["responses"].items():
        if not status.startswith("2"):
            content = CONTRACT.resolve(response)["content"]["application/json"]
            for example in content["examples"].values():
                yield int(status), example["value"]


@EVERY_OPERATION
def test_every_operation_documents_the_four_statuses_of_the_overview(operation: Operation) -> None:
    causes = ("invalid-key", "unknown-resource", "invalid-value", "internal")
    statuses = {status for status, _ in error_examples(operation)}
    assert {CONTRACT.error(cause).status for cause in causes} <= statuses


@EVERY_OPERATION
def test_every_operation_takes_the_token_in_two_ways(operation: Operation) -> None:
    names = [set(alternative) for alternative in CONTRACT.document["security"]]
    assert names == [{name} for name in CONTRACT.security_schemes]
    document = CONTRACT.document["paths"][operation.path][operation.method.lower()]
    assert "security" not in document


def test_every_property_is_described() -> None:
    schemas = CONTRACT.document["components"]["schemas"]
    assert [
        place
        for place, schema in properties(schemas, "")
        if not (schema.get("description") or CONTRACT.resolve(schema).get("description"))
    ] == []


def test_sentences_state_the_numbers_of_the_tables() -> None:
    limits = LOG_QUERY["limits"]
    bounded = CONTRACT.clause("logs.query.bounded").says
    for phrase in ("characters", "terms"):
        assert f"{limits[phrase]:,} {phrase}" in bounded
    assert f"{limits['depth']} levels" in bounded
    assert f"{METRICS['most-points']:,} intervals" in CONTRACT.clause("metrics.timeseries.most-points").says
    for limit in CONTRACT.payload_limits.values():
        assert f"{limit.bytes:,} bytes" in CONTRACT.clause("errors.payload.accepted").says
        assert f"{limit.refused_above:,} bytes" in CONTRACT.clause("errors.payload.refused").says
    largest = CONTRACT.schema("PerPage")["maximum"]
    for clause in ("paging.per-page.largest", "paging.per-page.above"):
        assert re.search(rf"\b{largest}\b", CONTRACT.clause(clause).says)
    for delay in CONTRACT.retry.delays:
        assert f"{delay:g}" in CONTRACT.clause("client.retry.backoff").says
    for severity in LOG_QUERY["severities"]:
        assert severity in CONTRACT.clause("logs.line.severity").says


def test_every_slug_that_a_sentence_names_is_in_the_catalogue() -> None:
    named = {slug for clause in CONTRACT.clauses.values() for slug in re.findall(r"slug ([a-z]+_[a-z_]+)", clause.says)}
    assert named
    assert named <= {error.code for error in CONTRACT.errors.values()}


def test_the_tables_of_metrics_are_whole() -> None:
    rows = METRICS["automatic"]
    assert {row["resolution"] for row in rows} <= METRICS["resolutions"].keys()
    ends = [row["up-to"] for row in rows[:-1]]
    assert ends == sorted(ends)
    assert "up-to" not in rows[-1]
    names = [name for key, row in METRICS["aggregations"].items() for name in (key, *row.get("also", ()))]
    assert len(names) == len(set(names))


def test_the_language_of_log_queries_is_whole() -> None:
    signs = [row["sign"] for row in LOG_QUERY["operators"]]
    assert len(signs) == len(set(signs))
    assert {row["negates"] for row in LOG_QUERY["operators"] if "negates" in row} <= set(signs)
    assert {*LOG_QUERY["list"]["operators"], LOG_QUERY["words"]["operator"]} <= set(signs)
    assert LOG_QUERY["words"]["field"] in LOG_QUERY["fields"]
    assert f"slug {CONTRACT.error(LOG_QUERY['legacy']['cause']).code}." in CONTRACT.clause("logs.query.legacy").says
    description = CONTRACT.document["paths"]["/api/v2/logs/lines"]["post"]["description"]
    assert all(f'"{sign}"' in description for sign in (*signs, *LOG_QUERY["group"]))


def test_the_legacy_field_of_the_example_is_one() -> None:
    error = CONTRACT.error(LOG_QUERY["legacy"]["cause"])
    fields = [
        body["details"]["field"]
        for operation in CONTRACT.operations.values()
        for _, body in error_examples(operation)
        if body["error"] == error.code
    ]
    assert fields
    assert all(re.fullmatch(LOG_QUERY["legacy"]["pattern"], field) for field in fields)
