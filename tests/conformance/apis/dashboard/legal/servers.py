"""Odd but legal dashboards, one row each: what is odd, and what makes it so. None may be failed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.conformance.apis.dashboard.broken.behaviours import (
    CONTRACT,
    Behaviour,
    Good,
    accepted,
    both,
    change,
    concerns,
    given,
    ignore,
    procedure,
    refusal,
    refuse,
    result,
    whole,
    with_result,
)
from tests.conformance.servers import Asked, Response

CHANGES = tuple(row.id for row in CONTRACT.operations.values() if row.method != "GET")
UNREAD = tuple(name for name in CHANGES if not name.endswith((".create", ".rotate", ".addItem", ".addMember")))
"""Changes whose results no client reads."""

SECOND = {
    name: row["same-as"] for name, row in CONTRACT.extension("x-dashboard-procedures").items() if "same-as" in row
}


@dataclass(frozen=True)
class Legal:
    """One server."""

    name: str
    says: str
    behaviour: Behaviour
    dialect: tuple[str, str] | None = None
    """The documented dialect that it speaks, and its value."""

    def __str__(self) -> str:
        return self.name


def plain(asked: Asked, good: Good) -> Response:
    """As the good server."""
    return good.send(asked)


def rewritten(function: Callable[[Any], Any]) -> Behaviour:
    """Every object of a response is written anew."""

    def behaviour(asked: Asked, good: Good) -> Response:
        response = good.send(asked)
        if not procedure(asked):
            return response
        return replace(response, body=json.dumps(_each(json.loads(response.body), function)).encode())

    return behaviour


def _each(value: Any, function: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        # What users sent stays as it is.
        kept = ("input", "output", "expectedOutput", "metadata", "config", "rules", "values")
        inner = {name: item if name in kept else _each(item, function) for name, item in value.items()}
        return function(inner)
    return [_each(item, function) for item in value] if isinstance(value, list) else value


def bare_errors(asked: Asked, good: Good) -> Response:
    """An error has no envelope."""
    response = good.send(asked)
    if accepted(response) or not procedure(asked):
        return response
    return replace(response, body=json.dumps({"error": json.loads(response.body)["error"]["json"]}).encode())


def named(asked: Asked, good: Good) -> Response:
    """Lists stand under their names."""
    response = good.send(asked)
    name = {"evaluator.list": "evaluators", "dataset.list": "datasets", "apiKey.list": "apiKeys"}.get(procedure(asked))
    if name is None or not accepted(response):
        return response
    return with_result(response, {name: result(response)})


def knows(wanted: tuple[str, ...]) -> Behaviour:
    """Some procedures do not exist."""

    def behaviour(asked: Asked, good: Good) -> Response:
        return refusal("unknown-endpoint", procedure(asked)) if procedure(asked) in wanted else good.send(asked)

    return behaviour


def secretive(asked: Asked, good: Good) -> Response:
    """What a role does not allow is not found."""
    response = good.send(asked)
    return refusal("unknown-resource", procedure(asked)) if response.status == 403 and procedure(asked) else response


def without_dates(asked: Asked, good: Good) -> Response:
    """Nothing says which texts are dates."""
    response = good.send(asked)
    if not accepted(response) or not procedure(asked) or not isinstance(json.loads(response.body), dict):
        return response
    body = json.loads(response.body)
    body["result"]["data"].pop("meta", None)
    return replace(response, body=json.dumps(body).encode())


def fine_clock(asked: Asked, good: Good) -> Response:
    """Dates have six digits."""
    response = good.send(asked)
    if not procedure(asked):
        return response
    return replace(response, body=re.sub(rb'"createdAt": "([^"]*)Z"', rb'"createdAt": "\g<1>000Z"', response.body))


def stale(asked: Asked, good: Good) -> Response:
    """A list is shown once more as it was, before it is shown as it is."""
    response = good.send(asked)
    listing = procedure(asked).endswith(".list") and procedure(asked) not in ("project.list", "organization.list")
    if not listing or not accepted(response):
        return response
    key = (asked.path, asked.query, asked.headers.get("cookie"))
    shown: dict[Any, Response] = good.memory.setdefault("shown", {})
    before = shown.get(key, response)
    shown[key] = response
    return before


def strict(asked: Asked, good: Good) -> Response:
    """Unknown fields and null are refused."""
    odd = any(name.startswith("field-") or value is None for name, value in given(asked).items())
    return refusal("invalid-value", procedure(asked)) if odd and procedure(asked) else good.send(asked)


def no_batches(asked: Asked, good: Good) -> Response:
    """One call in a request."""
    return refusal("unknown-endpoint", procedure(asked)) if "," in procedure(asked) else good.send(asked)


def charset(asked: Asked, good: Good) -> Response:
    """The media type has a parameter."""
    response = good.send(asked)
    return replace(response, headers={**response.headers, "content-type": "Application/JSON; charset=UTF-8"})


def cautious(asked: Asked, good: Good) -> Response:
    """Only the types of the published clients are known, and whole configurations."""
    usual = ("CONTAINS", "REGEX_MATCH", "JSON_SCHEMA", "LATENCY", "COST", "SIMILARITY", "LLM_JUDGE", "CUSTOM")
    other = concerns(asked, "evaluator.create") and given(asked).get("type") not in usual
    return refusal("invalid-value", procedure(asked)) if other else good.send(asked)


def one_logout(asked: Asked, good: Good) -> Response:
    """A logout ends every session of the person."""
    ended: set[str] = good.memory.setdefault("ended", set())
    owners: dict[str, str] = good.memory.setdefault("owners", {})
    if procedure(asked) and any(token in (asked.headers.get("cookie") or "") for token in ended):
        return refusal("invalid-session", procedure(asked))
    response = good.send(asked)
    if asked.path.startswith("/api/v1/auth/") and accepted(response):
        data = json.loads(response.body)["data"]
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if "access_token" in data:
            owners[data["access_token"]] = data["user"]["id"]
        elif token in owners:
            ended |= {other for other, owner in owners.items() if owner == owners[token]}
    return response


ODD = (
    Legal("plain", "The honest server itself.", plain),
    Legal("key order", "Members stand in the other order.", rewritten(lambda row: dict(reversed(row.items())))),
    Legal(
        "extra fields", "Every object has members that nobody documents.", rewritten(lambda row: row | {"x_more": 1})
    ),
    Legal(
        "other words",
        "Messages are in another language.",
        rewritten(lambda row: row | {"message": "Nein."} if "message" in row else row),
    ),
    Legal("secretive", "What a role does not allow is not found.", secretive),
    Legal("no meta", "No result says which texts are dates.", without_dates),
    Legal("fine clock", "Dates have six digits.", fine_clock),
    Legal("stale lists", "A list is shown once more as it was.", stale),
    Legal("silent changes", "Changes that nobody reads give null.", whole(lambda _: None, UNREAD)),
    Legal("strict", "Unknown fields and null are refused.", strict),
    Legal("no batches", "One call in a request.", no_batches),
    Legal("charset", "The media type has a parameter, and capitals.", charset),
    Legal("few types", "Only the types of the published clients are known.", cautious),
    Legal("no history", "There is no month before this one.", whole(lambda _: [], "usage.getHistory")),
    Legal("one logout", "A logout ends every session of the person.", one_logout),
    Legal(
        "no seats", "The plan has no seat for another member.", refuse("permission-denied", "organization.addMember")
    ),
    Legal(
        "plan", "Every organization has a plan of its own.", change("*.plan", lambda _: "CUSTOM", "organization.list")
    ),
)

DIALECTS = (
    Legal("bare errors", "Errors have no envelope.", bare_errors, ("error-shape", "plain")),
    Legal("named lists", "Lists stand under their names.", named, ("list-shape", "object")),
    Legal("first spelling", "One spelling is known.", knows(tuple(SECOND)), ("procedure-spelling", "command-line")),
    Legal(
        "second spelling",
        "The other spelling is known.",
        knows(tuple(SECOND.values())),
        ("procedure-spelling", "terminal-interface"),
    ),
    Legal("name alone", "search is ignored.", ignore("search", on="trace.list"), ("trace-name-filter", "name")),
    Legal("search alone", "name is ignored.", ignore("name", on="trace.list"), ("trace-name-filter", "search")),
    Legal(
        "numbers",
        "Costs are numbers.",
        both(
            change("traces.*.totalCost", float, "trace.list"),
            change("totalCost", float, ("trace.byId", "trace.getById")),
        ),
        ("cost-type", "number"),
    ),
)

SERVERS = (*ODD, *DIALECTS)
