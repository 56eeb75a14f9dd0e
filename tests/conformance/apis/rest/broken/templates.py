"""Broken servers of the area prompt templates."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.conformance.apis.rest.broken.combinators import (
    PUSHING,
    RESOLVING,
    accept,
    change_response,
    change_sent,
    drop,
    ignore_parameter,
    invent,
    refuse,
    restate,
    with_place,
)
from tests.conformance.apis.rest.broken.messages import Asked, Response, Upstream, refusal
from tests.conformance.apis.rest.broken.scores import missing
from tests.conformance.apis.rest.broken.variants import Table

NEITHER = 202
COLLISION = 0.1
"""Seconds for which a push is under way, so that others come meanwhile."""


def listing(asked: Asked) -> bool:
    """True when all templates are asked for."""
    return asked.parameter("name") is None


def resolving(asked: Asked) -> bool:
    """True when one template is asked for."""
    return not listing(asked)


def later(number: Any) -> Any:
    """The version after it."""
    return number + 1 if isinstance(number, int) else number


async def forgets_versions(asked: Asked, upstream: Upstream) -> Response:
    """The latest version is the first one."""
    if asked.operation == RESOLVING and resolving(asked) and asked.parameter("version") is None:
        asked = asked.with_parameter("version", "1")
    return await upstream.send(asked)


async def new_id(asked: Asked, upstream: Upstream) -> Response:
    """Each version has a template of its own."""
    given = await upstream.send(asked)
    if asked.operation in (PUSHING, RESOLVING) and given.accepted:
        number = given.at("data", "version", "version")
        return with_place(given, "data.id", lambda identifier: f"{identifier}-{number}")
    return given


async def overwrites(asked: Asked, upstream: Upstream) -> Response:
    """There is one version, the first, and each push overwrites it."""
    version = asked.parameter("version")
    if asked.operation == RESOLVING and resolving(asked) and version is not None:
        if version != "1":
            return refusal("unknown-resource")
        asked = asked.with_parameter("version", None)
    given = await upstream.send(asked)
    return with_place(given, "data.version.version", lambda _: 1) if asked.operation in (PUSHING, RESOLVING) else given


async def races(asked: Asked, upstream: Upstream) -> Response:
    """Of pushes at the same time the one that is written last is kept, and all get its number."""
    if asked.operation != PUSHING:
        return await upstream.send(asked)
    under_way: dict[str, asyncio.Task[Response]] = upstream.memory.setdefault("under way", {})
    name = str(asked.at("name"))
    first = under_way.get(name)
    if first is not None:
        return await asyncio.shield(first)
    under_way[name] = asyncio.create_task(_slowly(asked, upstream))
    try:
        return await under_way[name]
    finally:
        del under_way[name]


async def _slowly(asked: Asked, upstream: Upstream) -> Response:
    await asyncio.sleep(COLLISION)
    return await upstream.send(asked)


async def one_project(asked: Asked, upstream: Upstream) -> Response:
    """All projects share their templates."""
    if asked.operation in (PUSHING, RESOLVING) and asked.credential == upstream.people.other:
        asked = asked.with_credential(upstream.people.main)
    return await upstream.send(asked)


async def lists_all(asked: Asked, upstream: Upstream) -> Response:
    """A listing holds the templates of both projects."""
    given = await upstream.send(asked)
    who = upstream.people
    if asked.operation != RESOLVING or not listing(asked) or asked.credential not in (who.main, who.other):
        return given
    more = await upstream.send(asked.with_credential(who.main if asked.credential == who.other else who.other))
    return given.with_json({**given.json, "data": [*given.json["data"], *more.json["data"]]})


table = Table()
table.corrupt(
    "templates.list.status", "a listing is answered with 202", restate(NEITHER, RESOLVING, listing, accepted=True)
)
table.corrupt(
    "templates.list.answer",
    "data holds the array in templates",
    change_response("data", lambda rows: {"templates": rows}, RESOLVING, listing),
)
table.forget(
    "templates.list.answer",
    "a listed template has no updatedAt",
    change_response("data.*.updatedAt", drop, RESOLVING, listing),
)
table.forget(
    "templates.list.latest-version",
    "latestVersion stays 1",
    change_response("data.*.latestVersion", lambda _: 1, RESOLVING, listing),
)
table.weaken("templates.list.own-project", "a listing holds the templates of all projects", lists_all)
table.corrupt(
    "templates.resolve.status",
    "a resolved template is answered with 202",
    restate(NEITHER, RESOLVING, resolving, accepted=True),
)
table.corrupt(
    "templates.resolve.answer",
    "a resolved template is not in data",
    change_response("data", lambda row: [row], RESOLVING, resolving),
)
table.forget(
    "templates.resolve.answer",
    "a resolved template has no version",
    change_response("data.version", drop, RESOLVING, resolving),
)
table.forget(
    "templates.resolve.version-fields",
    "a version has no createdAt",
    change_response("data.version.createdAt", drop, RESOLVING, resolving),
)
table.forget(
    "templates.resolve.version-fields",
    "a version has no variables",
    change_response("data.version.variables", drop, RESOLVING, resolving),
)
table.forget("templates.resolve.latest", "without version the first one is resolved", forgets_versions)
table.corrupt("templates.resolve.version", "version is ignored", ignore_parameter("version", RESOLVING))
table.weaken(
    "templates.resolve.unknown-name", "an unknown name is answered with an example", accept(RESOLVING, resolving)
)
table.weaken(
    "templates.resolve.unknown-name",
    "an unknown name is answered with null",
    invent(lambda asked: {"data": None}, RESOLVING, resolving),
)
table.weaken(
    "templates.resolve.unknown-version",
    "an unknown version is answered with an example",
    accept(RESOLVING, lambda asked: asked.parameter("version") is not None),
)
table.weaken(
    "templates.push.accepted",
    "a template needs a description",
    refuse("invalid-value", PUSHING, missing("description")),
)
table.corrupt("templates.push.status", "a push is answered with 202", restate(NEITHER, PUSHING, accepted=True))
table.corrupt(
    "templates.push.first-version",
    "versions begin with 2",
    change_response("data.version.version", later, (PUSHING, RESOLVING)),
)
table.corrupt("templates.push.next-version", "each push overwrites the first version", overwrites)
table.corrupt("templates.push.same-id", "each version has a template of its own", new_id)
table.forget("templates.push.readable", "a pushed template is not stored", invent(lambda asked: None, PUSHING))
table.corrupt(
    "templates.push.content",
    "content is trimmed",
    change_response("data.version.content", lambda text: " ".join(text.split()), RESOLVING, resolving),
)
table.corrupt(
    "templates.push.content",
    "placeholders lose a brace",
    change_response(
        "data.version.content", lambda text: text.replace("{{", "{").replace("}}", "}"), RESOLVING, resolving
    ),
)
table.forget(
    "templates.push.variables",
    "variables are forgotten",
    change_response("data.version.variables", lambda _: [], RESOLVING, resolving),
)
table.forget(
    "templates.push.description",
    "descriptions are forgotten",
    change_response("data.*.description", lambda _: None, RESOLVING, listing),
)
table.forget(
    "templates.push.commit-message",
    "commit messages are forgotten",
    change_response("data.version.commitMessage", lambda _: None, RESOLVING, resolving),
)
table.weaken("templates.push.name-required", "a template needs no name", accept(PUSHING, missing("name")))
table.weaken("templates.push.content-required", "a template needs no content", accept(PUSHING, missing("content")))
table.disorder("templates.push.concurrent", "pushes at the same time get the same version", races)
table.weaken("templates.push.own-project", "a name belongs to all projects", one_project)

# --- texts at their edges, and what an answer names ---
table.corrupt("templates.push.readable", "names are trimmed", change_sent("name", str.strip, PUSHING))
table.corrupt(
    "templates.push.content",
    "content ends after ten thousand characters",
    change_sent("content", lambda text: text[:10_000], PUSHING),
)
table.forget(
    "templates.push.variables",
    "twenty variables are kept",
    change_response("data.version.variables", lambda names: names[:20], RESOLVING, resolving),
)
table.corrupt(
    "templates.push.commit-message",
    "commit messages are trimmed",
    change_response("data.version.commitMessage", lambda text: text and " ".join(text.split()), RESOLVING, resolving),
)
table.corrupt(
    "templates.push.description",
    "a template without description has one",
    change_response("data.*.description", lambda text: text or "No description", RESOLVING, listing),
)
table.corrupt(
    "templates.list.answer",
    "createdAt is null",
    change_response("data.*.createdAt", lambda _: None, RESOLVING, listing),
)
table.corrupt(
    "templates.push.next-version",
    "an answer to a push names the version before",
    change_response("data.version.version", lambda number: max(1, number - 1), PUSHING),
)
table.corrupt(
    "templates.push.same-id",
    "an answer to a push names another id",
    change_response("data.id", lambda identifier: identifier[::-1], PUSHING),
)
table.corrupt(
    "templates.resolve.version",
    "an answer to a push holds another content",
    change_response("data.version.content", str.upper, PUSHING),
)
