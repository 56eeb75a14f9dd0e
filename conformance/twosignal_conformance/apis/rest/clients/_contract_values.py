"""Parts of scenarios that follow from the contract: what is just too large, too many, or out of bounds.

In the table `{"make": {NAME: DETAIL}}` stands for them, so that no limit of the contract is written a second time.
"""

from __future__ import annotations

import json
import os.path
from collections.abc import Mapping
from typing import Any

from twosignal_contract import Contract

from twosignal_conformance.clients import Value

Json = Any


def _traces(detail: Mapping[str, Json], contract: Contract) -> Json:
    """Plain traces: `count` of them, or as many as fill `batches`; each span's input is a `share` of a batch."""
    limit = contract.payload_limits["ingestTraces"]
    count = detail.get("count") or round(detail["batches"] * (limit.events or 1))
    rows: list[Json] = [{"name": f"agent-{number}"} for number in range(1, count + 1)]
    if "share" in detail:
        size = round(detail["share"] * limit.bytes)
        for number, row in enumerate(rows, 1):
            row["spans"] = [{"name": f"read-{number}", "type": contract.enum("SpanType")[0], "input": "x" * size}]
    return rows


def _text(operation: str, contract: Contract) -> str:
    """A text that no body of an operation can hold."""
    return "x" * (contract.payload_limits[operation].refused_above + 1)


def _above(what: str, contract: Contract) -> float:
    """A number beyond the greatest that is allowed: of a score, or of the traces of a page."""
    if what == "score":
        return float(contract.schema("ScoreValue")["maximum"]) + 0.01
    return contract.parameter("listTraces", "limit").maximum + 1


def _page(detail: Mapping[str, Json], contract: Contract) -> str:
    """The body of a page: traces with these ids, the cursor of the next, and `changes` in each trace."""
    operation = contract.operation("listTraces")
    page = operation.response(operation.success).example("page")
    sample = page["data"]["traces"][0]
    page["data"] = {
        "traces": [sample | {"id": id_} | detail.get("changes", {}) for id_ in detail["ids"]],
        "nextCursor": detail["next"],
    } | detail.get("beside", {})
    return json.dumps(page)


def _otlp(detail: Mapping[str, Json], contract: Contract) -> Json:
    """The contract's first example of an OTLP request; if `large`, an attribute of its first span is too large."""
    request = contract.operation("ingestOtlpTraces").example()
    if detail.get("large"):
        span = request["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
        value = {"stringValue": _text("ingestOtlpTraces", contract)}
        span["attributes"] = [*span.get("attributes", []), {"key": "prompt", "value": value}]
    return request


def _prefix(_: Json, contract: Contract) -> str:
    """What all paths begin with."""
    return os.path.commonpath([row.path for row in contract.operations.values()])


VALUES: Mapping[str, Value] = {
    "prefix": _prefix,
    "traces": _traces,
    "text": _text,
    "above": _above,
    "page": _page,
    "otlp": _otlp,
}
"""Name to what makes the value of a detail."""
