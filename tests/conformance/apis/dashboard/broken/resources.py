"""Broken servers of organizations, projects, traces, datasets, keys, usage and routing."""

from __future__ import annotations

from typing import Any

from tests.conformance.apis.dashboard.broken.access import MEMBERS, Rows
from tests.conformance.apis.dashboard.broken.behaviours import (
    BASE,
    Behaviour,
    Good,
    accept,
    accepted,
    change,
    concerns,
    given,
    has,
    ignore,
    later,
    over_rest,
    pretend,
    refuse,
    result,
    send,
    whole,
    with_given,
    with_result,
)
from tests.conformance.apis.rest.broken.combinators import drop
from tests.conformance.servers import Asked, Response, json_response

ROUTE = "/api/v1/route-model"
DETAIL = ("trace.byId", "trace.getById")
USAGE = ("usage.currentMonth", "usage.getCurrentMonth")


def other(text: Any) -> str:
    """Another text."""
    return f"{text}."


def nothing(_: Any) -> None:
    """Null."""


def without_last(rows: list[Any]) -> list[Any]:
    """A list without its last item."""
    return rows[:-1]


def frozen(asked: Asked, good: Good) -> Response:
    """The usage is that of the first time it was asked for."""
    response = good.send(asked)
    if not concerns(asked, USAGE) or not accepted(response):
        return response
    first: Response = good.memory.setdefault("first", response)
    return first


def shows_keys(asked: Asked, good: Good) -> Response:
    """The list has whole keys."""
    keys: dict[str, str] = good.memory.setdefault("keys", {})
    response = good.send(asked)
    found = result(response)
    if concerns(asked, "apiKey.create") and accepted(response):
        keys[found["id"]] = found["key"]
    if concerns(asked, "apiKey.list") and accepted(response):
        return with_result(response, [row | {"keyPrefix": keys.get(row["id"], row["keyPrefix"])} for row in found])
    return response


def late_keys(asked: Asked, good: Good) -> Response:
    """A key works from its second request on."""
    met: set[str] = good.memory.setdefault("met", set())
    key = asked.headers.get("authorization", "")
    if asked.path == "/api/v1/traces" and asked.method == "GET" and key not in met:
        met.add(key)
        return json_response(401, {"error": {"code": "UNAUTHORIZED", "message": "later"}})
    return good.send(asked)


def keeps_old_keys(asked: Asked, good: Good) -> Response:
    """A rotation makes a key and leaves the old one as it is."""
    projects: dict[str, str] = good.memory.setdefault("projects", {})
    if concerns(asked, "apiKey.rotate") and given(asked).get("id") in projects:
        body = {"projectId": projects[given(asked)["id"]], "name": "rotated"}
        return good.send(with_given(asked, body), path=f"{BASE}apiKey.create")
    response = good.send(asked)
    if concerns(asked, "apiKey.create") and accepted(response):
        projects[result(response)["id"]] = given(asked)["projectId"]
    return response


def default_model(found: dict[str, Any]) -> dict[str, Any]:
    """A decision for a model that no rule names."""
    return {"model": "other"} if "model" in found else {"data": {"model": "other"}}


def plain(kind: str, area: str) -> Rows:
    """The rows that things of most kinds share: listed under another name, renamed or deleted in word alone."""
    return (
        (f"{area}.create.listed", "another name is listed", change("*.name", other, f"{kind}.list")),
        (f"{area}.create.description", "the description is lost", change("*.description", nothing, f"{kind}.list")),
        (f"{area}.update.name", "the name stays", pretend(f"{kind}.update")),
        (f"{area}.delete.gone", "what is deleted stays", pretend(f"{kind}.delete")),
    )


def fields(clause: str, place: str, on: str | tuple[str, ...]) -> tuple[str, str, Behaviour]:
    """A row of a list lacks a field."""
    return clause, f"{place.rpartition('.')[2]} is missing", change(place, drop, on)


TABLE: Rows = (
    *plain("project", "projects"),
    *plain("dataset", "datasets"),
    fields("organizations.list.fields", "*.plan", "organization.list"),
    fields("projects.list.fields", "*.description", "project.list"),
    fields("datasets.list.fields", "*.createdAt", "dataset.list"),
    fields("keys.list.fields", "*.lastUsedAt", "apiKey.list"),
    fields("routing.configurations.fields", "*.enabled", "modelRouting.list"),
    fields("organizations.detail.member-fields", "members.*.email", "organization.getById"),
    ("organizations.list.role", "everybody owns", change("*.role", lambda _: "OWNER", "organization.list")),
    ("organizations.create.listed", "another name is listed", change("*.name", other, "organization.list")),
    ("organizations.update.name", "the name stays", pretend("organization.update")),
    ("organizations.detail.members", "a member is missing", change("members", without_last, "organization.getById")),
    (
        "organizations.detail.member-count",
        "one member too many is counted",
        change("memberCount", lambda count: count + 1, "organization.getById"),
    ),
    (
        "organizations.members.added",
        "every role is shown as a guest's",
        change("members.*.role", lambda role: role if role == "OWNER" else "GUEST", "organization.getById"),
    ),
    (
        "organizations.members.roles",
        "nobody becomes an admin",
        refuse("invalid-value", MEMBERS[0], has("role", "ADMIN")),
    ),
    ("organizations.members.second-owner", "a second owner is taken", accept(MEMBERS[0], has("role", "OWNER"))),
    ("organizations.members.unknown-person", "anybody is taken", accept(MEMBERS[0])),
    ("organizations.members.removed", "a removed member stays", pretend(MEMBERS[1])),
    ("organizations.members.owner-stays", "the owner's removal succeeds", accept(MEMBERS[1])),
    # --- traces ---
    fields("traces.page.shape", "nextCursor", "trace.list"),
    fields("traces.page.fields", "traces.*.startTime", "trace.list"),
    fields("traces.page.counts", "traces.*._count.scores", "trace.list"),
    fields("traces.detail.fields", "tags", DETAIL),
    ("traces.page.same-data", "tokens differ", change("traces.*.totalTokens", lambda count: count + 1, "trace.list")),
    ("traces.page.same-data", "names differ", change("traces.*.name", other, "trace.list")),
    ("traces.page.order", "the oldest comes first", change("traces", lambda rows: rows[::-1], "trace.list")),
    (
        "traces.page.limit",
        "a page holds one more",
        send(lambda found: found | {"limit": found["limit"] + 1}, "trace.list", has("limit", 2)),
    ),
    ("traces.page.cursor", "a cursor counts for nothing", ignore("cursor", on="trace.list")),
    ("traces.page.status", "the status counts for nothing", ignore("status", on="trace.list")),
    ("traces.page.search", "the name counts for nothing", ignore("name", "search", on="trace.list")),
    ("traces.page.tags", "tags count for nothing", ignore("tags", on="trace.list")),
    (
        "traces.page.tags",
        "one tag is enough",
        send(lambda found: found | {"tags": found["tags"][:1]}, "trace.list", has("tags")),
    ),
    ("traces.page.days", "days count for nothing", ignore("startDate", "endDate", on="trace.list")),
    ("traces.detail.spans", "a span is missing", change("spans", without_last, DETAIL)),
    ("traces.detail.spans", "outputs are lost", change("spans.*.output", nothing, DETAIL)),
    ("traces.detail.parent", "parents are lost", change("spans.*.parentSpanId", nothing, DETAIL)),
    ("traces.detail.tokens", "tokens are lost", change("spans.*.promptTokens", lambda _: 0, DETAIL)),
    ("traces.detail.scores", "the reasoning is lost", change("scores.*.reasoning", nothing, DETAIL)),
    ("traces.detail.trace-id", "traceId alone is not enough", refuse("invalid-value", "trace.getById", has("traceId"))),
    # --- datasets ---
    ("datasets.list.count", "items are not counted", change("*._count.items", lambda _: 0, "dataset.list")),
    ("datasets.detail.items", "an item is missing", change("items", without_last, "dataset.byId")),
    fields("datasets.detail.created-at", "items.*.createdAt", ("dataset.byId", "dataset.getById")),
    ("datasets.items.added", "an item has another id", change("items.*.id", other, "dataset.byId")),
    ("datasets.items.any-json", "inputs become texts", change("items.*.input", str, "dataset.byId")),
    ("datasets.items.any-json", "expected outputs are lost", change("items.*.expectedOutput", nothing, "dataset.byId")),
    ("datasets.items.metadata", "metadata is refused", refuse("invalid-value", "dataset.addItem", has("metadata"))),
    ("datasets.items.removed", "a removed item stays", pretend("dataset.removeItem")),
    # --- keys ---
    ("keys.list.no-key", "whole keys are listed", shows_keys),
    ("keys.list.last-used", "the use of a key is not noted", change("*.lastUsedAt", nothing, "apiKey.list")),
    (
        "keys.list.last-used",
        "a key is used when it is made",
        change("*.lastUsedAt", lambda _: "2026-01-01T00:00:00.000Z", "apiKey.list"),
    ),
    ("keys.create.key", "no key is given", later(change("key", drop, "apiKey.create"), "apiKey.create")),
    ("keys.create.works", "a key works later", late_keys),
    ("keys.create.prefix", "the prefix is another one", change("*.keyPrefix", lambda text: text[::-1], "apiKey.list")),
    ("keys.revoke.refused", "a revoked key works on", pretend("apiKey.revoke")),
    ("keys.revoke.listed", "the end of a key is not listed", change("*.revokedAt", nothing, "apiKey.list")),
    ("keys.rotate.new", "the new key works nowhere", change("key", lambda key: key[::-1], "apiKey.rotate")),
    ("keys.rotate.old", "the old key works on", keeps_old_keys),
    # --- usage ---
    fields("usage.month.fields", "evalRunCount", USAGE),
    ("usage.month.name", "the month has a name", change("month", lambda _: "March 2026", USAGE)),
    ("usage.month.counted", "nothing is counted any more", frozen),
    ("usage.month.breakdown", "a project is missing", change("projectBreakdown", without_last, USAGE)),
    ("usage.month.evaluations", "evaluations are not counted", change("evalRunCount", lambda _: 0, USAGE)),
    fields("usage.history.fields", "*.spanCount", "usage.getHistory"),
    ("usage.history.months", "years are given", whole(lambda rows: rows * 36, "usage.getHistory")),
    # --- routing ---
    ("routing.configurations.created", "rules are lost", change("*.rules", lambda _: [], "modelRouting.list")),
    ("routing.configurations.used", "rules are not obeyed", over_rest(ROUTE, default_model)),
    ("routing.configurations.name-once", "a name is taken twice", accept("modelRouting.create")),
    ("routing.configurations.changed", "a change is lost", pretend("modelRouting.update")),
    ("routing.configurations.deleted", "a deleted one stays", pretend("modelRouting.delete")),
)
