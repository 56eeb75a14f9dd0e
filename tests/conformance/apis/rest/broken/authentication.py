"""Broken servers of the area authentication."""

from __future__ import annotations

from collections.abc import Callable

from tests.conformance.apis.rest.broken.combinators import (
    INGESTION,
    KEYED,
    LISTING,
    ROUTING,
    SCORING,
    VALIDATING,
    always,
    concerns,
    recode,
    refuse,
)
from tests.conformance.apis.rest.broken.messages import CONTRACT, Asked, Behaviour, People, Response, Upstream
from tests.conformance.apis.rest.broken.variants import Table

FORBIDDEN = 403
"""A status that the document gives to nothing."""

Who = Callable[[Asked, People], bool]


def as_main(who: Who, on: str | tuple[str, ...] = KEYED) -> Behaviour:
    """Some requests are taken as those of the main project."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        if concerns(asked, on) and who(asked, upstream.people):
            asked = asked.with_credential(upstream.people.main)
        return await upstream.send(asked)

    return behaviour


def forbid(who: Who, status: int = FORBIDDEN) -> Behaviour:
    """Some requests are refused with another status."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        given = await upstream.send(asked)
        meant = concerns(asked, KEYED, always) and not given.accepted and who(asked, upstream.people)
        return given.with_status(status) if meant else given

    return behaviour


def keyless(asked: Asked, _: People) -> bool:
    """Without any Authorization."""
    return asked.header("authorization") is None


def stranger(asked: Asked, people: People) -> bool:
    """With a key that nobody issued."""
    return asked.credential not in (None, people.main, people.other, people.revoked)


def revoked(asked: Asked, people: People) -> bool:
    """With the revoked key."""
    return asked.credential == people.revoked


def other(asked: Asked, people: People) -> bool:
    """With the key of the other project."""
    return asked.credential == people.other


def other_scheme(asked: Asked, _: People) -> bool:
    """With something that is not Bearer."""
    return asked.header("authorization") is not None and asked.credential is None


async def stores_refused(asked: Asked, upstream: Upstream) -> Response:
    """A batch is queued before its key is looked at."""
    given = await upstream.send(asked)
    if asked.operation == INGESTION and stranger(asked, upstream.people):
        await upstream.send(asked.with_credential(upstream.people.main))
    return given


table = Table()
table.weaken("auth.key.bearer", "the key does not open validation", refuse("invalid-key", VALIDATING))
table.weaken("auth.key.bearer", "the key does not open scores", refuse("invalid-key", SCORING))
table.weaken("auth.key.missing", "no operation asks for a key", as_main(keyless))
table.weaken("auth.key.missing", "model routing asks for no key", as_main(keyless, ROUTING))
table.corrupt("auth.key.missing-status", "a missing key is answered with 403", forbid(keyless))
table.weaken("auth.key.missing", "scores ask for no key", as_main(keyless, SCORING))
table.weaken("auth.key.invalid", "any key opens the project", as_main(stranger))
table.weaken("auth.key.invalid", "any key opens scores", as_main(stranger, SCORING))
table.weaken("auth.key.invalid", "any key opens the templates", as_main(stranger, "getPromptTemplates"))
table.corrupt(
    "auth.key.invalid-status",
    "a wrong key is answered with 404",
    forbid(stranger, CONTRACT.error("unknown-resource").status),
)
table.weaken("auth.key.revoked", "a revoked key still works", as_main(revoked))
table.weaken("auth.key.revoked", "a revoked key still reads", as_main(revoked, LISTING))
table.weaken("auth.key.revoked", "a revoked key still scores", as_main(revoked, SCORING))
table.corrupt("auth.key.revoked-status", "a revoked key is answered with 403", forbid(revoked))
table.corrupt(
    "auth.key.code",
    "a 401 has the code UNAUTHENTICATED",
    recode(CONTRACT.error("missing-key").status, "UNAUTHENTICATED"),
)
table.weaken("auth.key.reads-own-project", "the other key reads the main project", as_main(other, LISTING))
table.weaken("auth.key.reads-own-project", "the other key reads and writes the main project", as_main(other))


def _as_bearer(asked: Asked, people: People) -> bool:
    return other_scheme(asked, people) and (asked.header("authorization") or "").split(" ")[-1] == people.main


table.weaken("auth.key.other-scheme", "the key is taken under any scheme", as_main(_as_bearer))
table.weaken("auth.key.invalid", "what comes with an unknown key is stored for the project", stores_refused)
