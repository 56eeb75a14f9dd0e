"""Broken servers of sessions, envelopes, errors, roles and of what belongs to others."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from tests.conformance.apis.dashboard.broken.behaviours import (
    Behaviour,
    Good,
    accept,
    accepted,
    body_of,
    change,
    concerns,
    error,
    example,
    has,
    procedure,
    refusal,
    refuse,
    restate,
    result,
    send,
    whole,
    with_result,
)
from tests.conformance.apis.dashboard.broken.callers import (
    as_anybody,
    as_owner,
    by_others,
    cookie,
    cookies,
    with_cookie,
)
from tests.conformance.apis.rest.broken.combinators import drop
from tests.conformance.servers import Asked, Response

Rows = tuple[tuple[str, str, Behaviour], ...]

LOGIN, REFRESH = "/api/v1/auth/login", "/api/v1/auth/refresh"


def blocks(path: str, first: int) -> Behaviour:
    """Access tokens that a path handed out are refused, from so many on for one e-mail."""

    def behaviour(asked: Asked, good: Good) -> Response:
        blocked: list[str] = good.memory.setdefault("blocked", [])
        if procedure(asked) and any(token in cookie(asked) for token in blocked):
            return refusal("invalid-session", procedure(asked))
        response = good.send(asked)
        if asked.path == path and accepted(response):
            body = json.loads(response.body)
            seen: list[str] = good.memory.setdefault(body["data"]["user"]["email"], [])
            seen.append(body["data"]["access_token"])
            blocked += seen[first:]
        return response

    return behaviour


def lets_in(text: str) -> Behaviour:
    """A cookie with this in it is as good as that of the run's own user; an empty text means no cookie at all."""

    def behaviour(asked: Asked, good: Good) -> Response:
        met = cookies(asked, good)
        odd = text in cookie(asked) if text else not cookie(asked)
        return good.send(with_cookie(asked, met[0]) if odd and met and procedure(asked) else asked)

    return behaviour


def encoded_only(asked: Asked, good: Good) -> Response:
    """Cookies are read with percent-encoding alone."""
    if procedure(asked) and '"' in cookie(asked):
        return refusal("invalid-session", procedure(asked))
    return good.send(with_cookie(asked, unquote(cookie(asked))) if cookie(asked) else asked)


def whole_cookies_only(asked: Asked, good: Good) -> Response:
    """Pieces are not read."""
    return refusal("invalid-session", procedure(asked)) if "-auth-token.0=" in cookie(asked) else good.send(asked)


def needs_input(asked: Asked, good: Good) -> Response:
    """Every query needs an input."""
    bare = procedure(asked) == "organization.list" and not asked.query
    return refusal("invalid-value", procedure(asked)) if bare else good.send(asked)


def without_envelope(asked: Asked, good: Good) -> Response:
    """A result stands in result.data itself."""
    response = good.send(asked)
    if procedure(asked) != "dataset.list" or not accepted(response):
        return response
    return replace(response, body=json.dumps({"result": {"data": result(response)}}).encode())


def html_errors(asked: Asked, good: Good) -> Response:
    """What is not found is told by a page."""
    response = good.send(asked)
    if not procedure(asked) or response.status != 404:
        return response
    return Response(404, b"<html>404</html>", {"content-type": "text/html"})


def offsets(asked: Asked, good: Good) -> Response:
    """Dates have an offset."""
    response = good.send(asked)
    if not procedure(asked):
        return response
    return replace(response, body=re.sub(rb'(T[\d:]+\.\d+)Z"', rb'\1+00:00"', response.body))


def also(kind: str) -> Behaviour:
    """A list also has the rows that others made."""

    def behaviour(asked: Asked, good: Good) -> Response:
        made: list[Any] = good.memory.setdefault("made", [])
        response = good.send(asked)
        found = result(response)
        if concerns(asked, f"{kind}.create") and accepted(response):
            made.append(found)
        if not concerns(asked, f"{kind}.list") or not isinstance(found, list):
            return response
        ids = {row["id"] for row in found}
        return with_result(response, found + [row for row in made if row["id"] not in ids])

    return behaviour


def hides_nothing(name: str) -> Behaviour:
    """A project without access, or none at all, has an empty list."""

    def behaviour(asked: Asked, good: Good) -> Response:
        response = good.send(asked)
        if not concerns(asked, name) or response.status != 404:
            return response
        return with_result(example(name), [] if name != "trace.list" else {"traces": [], "nextCursor": None})

    return behaviour


def forbids(asked: Asked, good: Good) -> Response:
    """What is not there is forbidden."""
    response = good.send(asked)
    if response.status == 404 and procedure(asked) and (body_of(response) or {}).get("error"):
        return refusal("permission-denied", procedure(asked))
    return response


MEMBERS = ("organization.addMember", "organization.removeMember")

TABLE: Rows = (
    ("sessions.token.refreshed-accepted", "tokens of a refresh are refused", blocks(REFRESH, 0)),
    ("sessions.cookie.accepted", "tokens of a second login are refused", blocks(LOGIN, 1)),
    ("sessions.cookie.missing", "nobody needs a cookie", lets_in("")),
    ("sessions.cookie.unknown-token", "any token lets in", lets_in("never-issued")),
    ("sessions.cookie.raw-json", "the cookie has to be percent-encoded", encoded_only),
    ("sessions.cookie.pieces", "pieces of a cookie are not read", whole_cookies_only),
    ("envelope.query.get", "a query refuses GET", refuse("method-not-allowed", "project.list")),
    ("envelope.query.no-input", "every query needs an input", needs_input),
    ("envelope.mutation.post", "a mutation refuses POST", refuse("method-not-allowed", "dataset.create")),
    ("envelope.result.data", "a result has no envelope", without_envelope),
    (
        "envelope.result.status",
        "a creation has status 201",
        restate(201, lambda asked, response: procedure(asked).endswith(".create") and accepted(response)),
    ),
    ("envelope.result.json", "errors are pages", html_errors),
    ("envelope.dates.utc", "dates have an offset", offsets),
    (
        "envelope.lists.array",
        "projects stand in an object",
        whole(lambda found: {"projects": found}, "project.list"),
    ),
    (
        "envelope.procedures.both-spellings",
        "the other spelling gives another name",
        change("name", lambda name: f"{name}.", "dataset.getById"),
    ),
    (
        "envelope.fields.both-spellings",
        "only one spelling of the id is read",
        refuse("invalid-value", "trace.byId", has("traceId")),
    ),
    (
        "envelope.fields.absent",
        "a config that is absent is emptied",
        send(lambda found: {"config": {"value": ""}, **found}, "evaluator.update"),
    ),
    (
        "envelope.fields.project-beside-id",
        "a project beside an id is refused",
        refuse("invalid-value", "evaluator.update", has("projectId")),
    ),
    ("errors.shape.message", "the message is a number", error("error.json.message", lambda _: 7)),
    ("errors.shape.code", "an error has no code", error("error.json.data.code", drop)),
    ("roles.denied.refused", "a viewer's change is answered as done", by_others(accept("dataset.create"))),
    ("roles.denied.no-effect", "a viewer's change is refused and done", as_owner("dataset.update", told=False)),
    (
        "roles.owner.creator",
        "who creates an organization is an admin",
        change("*.role", lambda role: "ADMIN" if role == "OWNER" else role, "organization.list"),
    ),
    ("roles.admin.members", "an admin adds nobody", by_others(refuse("permission-denied", MEMBERS[0]))),
    ("roles.admin.members", "an admin removes nobody", by_others(refuse("permission-denied", MEMBERS[1]))),
    ("roles.member.edit", "a member renames nothing", by_others(refuse("permission-denied", "dataset.update"))),
    ("roles.member.no-members", "a member adds members", as_owner(MEMBERS[0])),
    ("roles.member.no-members", "a member removes members", as_owner(MEMBERS[1])),
    ("roles.viewer.view", "a viewer sees no keys", by_others(refuse("permission-denied", "apiKey.list"))),
    ("roles.viewer.no-edit", "a viewer deletes datasets", as_owner("dataset.delete")),
    ("roles.viewer.no-edit", "a viewer makes keys", as_owner("apiKey.create")),
    ("projects.access.unknown", "an unknown project has no traces", hides_nothing("trace.list")),
    ("projects.access.foreign", "a project without access has no evaluators", hides_nothing("evaluator.list")),
    ("projects.access.foreign", "keys of every project are listed", as_anybody("apiKey.list")),
    ("projects.access.not-found", "what is not found is forbidden", forbids),
    ("projects.access.lists", "datasets of all projects are listed", also("dataset")),
    ("projects.access.things", "datasets are read by everybody", as_anybody("dataset.byId")),
    ("projects.access.things", "evaluators are deleted by everybody", as_anybody("evaluator.delete")),
    ("organizations.list.own", "organizations of others are listed", also("organization")),
)
