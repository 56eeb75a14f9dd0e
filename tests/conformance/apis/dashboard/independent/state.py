"""What the honest dashboard keeps, and who may touch it."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

ROLES = {
    "OWNER": {"view", "edit", "members"},
    "ADMIN": {"view", "edit", "members"},
    "MEMBER": {"view", "edit"},
    "VIEWER": {"view"},
}


class RefusedError(Exception):
    """A call that is refused."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def missing(what: str) -> RefusedError:
    """Nothing of this id, for this caller."""
    return RefusedError(404, "NOT_FOUND", f"{what} not found")


def now() -> str:
    """A timestamp."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


@dataclass
class State:
    """Everything."""

    people: dict[str, str] = field(default_factory=dict)
    """Id to e-mail."""
    rows: dict[str, dict[str, Json]] = field(default_factory=lambda: defaultdict(dict))
    """Kind to id to row."""
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Project to its usage."""

    # --- things ---

    def add(self, kind: str, **values: Any) -> Json:
        """A new row."""
        row: Json = {"id": str(uuid.uuid4()), "createdAt": now(), **values}
        self.rows[kind][row["id"]] = row
        return row

    def of(self, kind: str, project: str) -> list[Json]:
        """The rows of a project, the oldest first."""
        return [row for row in self.rows[kind].values() if row.get("projectId") == project]

    def members(self, organization: str) -> list[Json]:
        """The members of an organization."""
        return [row for row in self.rows["membership"].values() if row["organizationId"] == organization]

    # --- access ---

    def allow(self, caller: str, organization: str, may: str, what: str) -> Json:
        """The membership of a caller who may do this; refused otherwise."""
        row = next((row for row in self.members(organization) if row["userId"] == caller), None)
        if row is None:
            raise missing(what)
        if may not in ROLES[row["role"]]:
            raise RefusedError(403, "FORBIDDEN", f"Your role {row['role']} does not allow this action")
        return row

    def project(self, caller: str, identifier: str, may: str) -> Json:
        """A project that the caller may use so."""
        row = self.rows["project"].get(identifier)
        if row is None:
            raise missing("Project")
        self.allow(caller, row["organizationId"], may, "Project")
        return row

    def thing(self, caller: str, kind: str, given: Json, may: str, name: str = "id") -> Json:
        """A thing of a project that the caller may use so."""
        row = self.rows[kind].get(given[name])
        if row is None or given.get("projectId") not in (None, row["projectId"]):
            raise missing(kind)
        try:
            self.project(caller, row["projectId"], may)
        except RefusedError as refused:
            raise (missing(kind) if refused.status == 404 else refused) from None
        return row

    # --- traces ---

    def take(self, project: str, body: Json) -> str:
        """Store a trace or a span; the id of the trace."""
        if "traceId" in body:
            self.rows["span"][body["id"]] = {"projectId": project, "createdAt": now(), **body}
            self.count(project, "spanCount")
            return str(body["traceId"])
        row = {"projectId": project, "createdAt": now(), "scores": [], "tags": [], **body}
        self.rows["trace"][body["id"]] = row
        self.count(project, "traceCount")
        return str(body["id"])

    def spans(self, trace: str) -> list[Json]:
        """The spans of a trace."""
        return [row for row in self.rows["span"].values() if row["traceId"] == trace]

    def facts(self, trace: str) -> Json | None:
        """What evaluators read of a trace; None when it has no root span."""
        spans = self.spans(trace)
        if not spans:
            return None
        root = spans[0]
        facts = {"traceId": trace, "spanId": root["id"], "duration": _milliseconds(root), "cost": _cost(spans)}
        facts["cost"] = float(facts["cost"])
        return facts | {
            "sent_input": root.get("input"),
            "sent_output": root.get("output"),
            "input": str(root.get("input")),
        }

    def score(self, trace: str, values: Json) -> None:
        """Add a score to a trace."""
        kept = {name: values.get(name) for name in ("evaluatorName", "value", "label", "reasoning")}
        self.rows["trace"][trace]["scores"].append({"id": str(uuid.uuid4()), "createdAt": now(), **kept})

    def count(self, project: str, name: str) -> None:
        """One more in the usage of a project."""
        self.counts[project][name] += 1

    def shown(self, trace: Json) -> Json:
        """A trace as lists show it."""
        spans = self.spans(trace["id"])
        failed = any(span.get("status") == "ERROR" for span in spans)
        tokens = sum((span.get("usage") or {}).get("totalTokens", 0) for span in spans)
        kept = {name: trace[name] for name in ("id", "projectId", "name", "startTime", "createdAt", "tags")}
        return kept | {
            "status": "ERROR" if failed else "OK",
            "durationMs": max(map(_milliseconds, spans), default=None),
            "totalTokens": tokens,
            "totalCost": str(_cost(spans)),
            "metadata": trace.get("metadata"),
            "_count": {"spans": len(spans), "scores": len(trace["scores"])},
        }


def _milliseconds(span: Json) -> int:
    start, end = (datetime.fromisoformat(span[name]) for name in ("startTime", "endTime"))
    return round((end - start).total_seconds() * 1000)


def _cost(spans: list[Json]) -> Decimal:
    return sum((Decimal(str(span.get("cost") or 0)) for span in spans), Decimal(0))
