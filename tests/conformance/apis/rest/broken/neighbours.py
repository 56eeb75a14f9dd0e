"""Broken servers that take one key, id, name or token for another that is nearly the same."""

from __future__ import annotations

from collections.abc import Callable

from tests.conformance.apis.rest.broken.authentication import as_main, stranger
from tests.conformance.apis.rest.broken.combinators import (
    INGESTION,
    PUSHING,
    RESOLVING,
    SCORING,
    change_parameter,
    change_sent,
)
from tests.conformance.apis.rest.broken.filters import keeping
from tests.conformance.apis.rest.broken.messages import Asked, Behaviour, People, Response, Upstream
from tests.conformance.apis.rest.broken.sessions import LOGIN, REFRESH
from tests.conformance.apis.rest.broken.variants import Table

BEGINNING = 12
"""Characters of a key by which a careless server knows it."""

UUID = 36


def begins_alike(asked: Asked, people: People) -> bool:
    """With a key that begins as the right one."""
    return stranger(asked, people) and str(asked.credential)[:BEGINNING] == people.main[:BEGINNING]


def other_case(asked: Asked, people: People) -> bool:
    """With the right key in another case."""
    return stranger(asked, people) and str(asked.credential).casefold() == people.main.casefold()


def known_by(place: str, part: Callable[[str], str]) -> Behaviour:
    """Ids of traces and spans are compared by a part of them: the first that was seen stands for all."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        known: dict[str, str] = upstream.memory.setdefault("known", {})
        if asked.operation == INGESTION:
            for event in asked.at("batch") or ():
                identifier = event["body"].get("id")
                if isinstance(identifier, str):
                    known.setdefault(part(identifier), identifier)
        found = asked.at(place)
        if asked.operation == SCORING and isinstance(found, str):
            asked = asked.with_json({**asked.json, place: known.get(part(found), found)})
        return await upstream.send(asked)

    return behaviour


def both(one: Behaviour, other: Behaviour, first: str) -> Behaviour:
    """One behaviour for an operation, another one for the rest."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        return await (one if asked.operation == first else other)(asked, upstream)

    return behaviour


def names_as(function: Callable[[str], str]) -> Behaviour:
    """Names of templates are kept and compared otherwise."""
    return both(change_sent("name", function, PUSHING), change_parameter("name", function, RESOLVING), PUSHING)


async def half_tokens(asked: Asked, upstream: Upstream) -> Response:
    """Half of a refresh token is enough."""
    known: list[str] = upstream.memory.setdefault("tokens", [])
    token = asked.at("refresh_token")
    if asked.operation == REFRESH and isinstance(token, str) and token not in known:
        whole = next((each for each in known if each.startswith(token)), token)
        asked = asked.with_json({"refresh_token": whole})
    given = await upstream.send(asked)
    if asked.operation in (LOGIN, REFRESH) and given.accepted:
        known.append(given.at("data", "refresh_token"))
    return given


table = Table()
table.weaken("auth.key.invalid", "keys are known by their first characters", as_main(begins_alike))
table.weaken("auth.key.invalid", "keys have no case", as_main(other_case))
table.corrupt(
    "traces.batch.visible", "event ids have no case", change_sent("batch.*.id", lambda text: text.lower(), INGESTION)
)
table.corrupt(
    "traces.batch.visible", "event ids end like UUIDs", change_sent("batch.*.id", lambda text: text[:UUID], INGESTION)
)
table.weaken(
    "scores.trace.unknown", "a trace is known by 35 digits", known_by("traceId", lambda text: text[: UUID - 1])
)
table.weaken("scores.span.unknown", "a span is known by 35 digits", known_by("spanId", lambda text: text[: UUID - 1]))
table.corrupt("templates.push.first-version", "names of templates have no case", names_as(str.casefold))
table.corrupt("templates.push.first-version", "names of templates end early", names_as(lambda name: name[:191]))
table.weaken(
    "traces.list.tags.one",
    "tags have no case",
    keeping("tags", lambda row, wanted: wanted.casefold() in map(str.casefold, row["tags"])),
)
table.weaken("sessions.refresh.invalid", "half of a refresh token is enough", half_tokens)
