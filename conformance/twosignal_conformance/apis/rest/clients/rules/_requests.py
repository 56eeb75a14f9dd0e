"""Every request by itself: its path, its key, and whether its content is what the contract allows."""

from __future__ import annotations

import os.path
from collections.abc import Iterator

from twosignal_conformance.apis.rest.clients._recording import foreign
from twosignal_conformance.apis.rest.clients._validity import flaws
from twosignal_conformance.clients import Case, Link, RuleResult, RuleTable, each

RULES = RuleTable()


@RULES.covers("client.request.known-endpoint")
def known_endpoint(case: Case) -> Iterator[RuleResult]:
    """Paths and methods that the contract has."""

    def unknown(link: Link) -> str:
        return "" if link.attempt.operation is not None else f"{link.attempt.method} {link.attempt.path}"

    yield from each("client.request.known-endpoint", "a method and path of the contract", case.links, unknown)


@RULES.covers("client.base-url.prefix")
def prefix(case: Case) -> Iterator[RuleResult]:
    """The common beginning of all paths is in each path once."""
    once = os.path.commonpath([row.path for row in case.contract.operations.values()])

    def wrong(link: Link) -> str:
        path = link.attempt.path
        return path if not path.startswith(f"{once}/") or path.startswith(once * 2) else ""

    yield from each("client.base-url.prefix", f"a path below {once}, once", case.links, wrong)


@RULES.covers("client.auth.bearer")
def bearer(case: Case) -> Iterator[RuleResult]:
    """The key is in the header Authorization."""

    def without(link: Link) -> str:
        scheme = link.attempt.headers.get("authorization", "").partition(" ")[0]
        if link.attempt.cause == "missing-key" or scheme.lower() != "bearer":
            return f"Authorization {scheme!r}" if scheme else "no header Authorization"
        return ""

    keyed = [link for link in case.links if _keyed(link, case)]
    yield from each("client.auth.bearer", "Authorization: Bearer and the API key", keyed, without)


@RULES.covers("client.auth.key-not-in-url")
def key_not_in_url(case: Case) -> Iterator[RuleResult]:
    """No key stands in path, query or body, whatever the parameter or field is called."""

    def told(link: Link) -> str:
        places = " and ".join(link.attempt.key_in)
        return f"an API key in the {places} of {link.attempt.method} {link.attempt.path}" if places else ""

    # A body of which the end is not known may break the clause, but does not show that it is kept.
    shown = [link for link in case.links if link.attempt.key_in or not link.attempt.cut]
    yield from each("client.auth.key-not-in-url", "no API key in a URL or a body", shown, told)


@RULES.covers("client.request.content-type")
def content_type(case: Case) -> Iterator[RuleResult]:
    """A JSON body is declared as JSON."""
    types = {row.id: row.media_type for row in case.contract.operations.values()}

    def other(link: Link) -> str:
        value = link.attempt.headers.get("content-type", "")
        expected = types.get(link.attempt.operation or "")
        return "" if value.partition(";")[0].strip().lower() == expected else f"Content-Type {value!r}"

    with_body = [link for link in case.links if link.attempt.size and types.get(link.attempt.operation or "")]
    expected = "Content-Type application/json"
    yield from each("client.request.content-type", expected, with_body, other)


@RULES.covers("client.request.valid")
def valid(case: Case) -> Iterator[RuleResult]:
    """Body and query are what the operation takes."""

    def invalid(link: Link) -> str:
        found = flaws(link.attempt, case)
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return f"{found[0]}{more}" if found else ""

    known = [link for link in case.links if link.attempt.operation is not None]
    # A body that was cut may break the clause by its query, but does not show that it keeps it.
    shown = [link for link in known if not link.attempt.cut or invalid(link)]
    yield from each("client.request.valid", "a request that is valid against its schema", shown, invalid)


@RULES.covers("client.request.camel-case")
def camel_case(case: Case) -> Iterator[RuleResult]:
    """Fields of events have their own names, not the ones that a page of the documentation gives them."""

    def other(link: Link) -> str:
        names = [name for event in link.attempt.events for name in foreign(event, case.contract)]
        return ", ".join(dict.fromkeys(names))

    # A batch of traces alone may break the clause, but does not show that spans keep it.
    shown = [
        link
        for link in case.links
        if any(row.get("type") == "span-create" for row in link.attempt.events) or other(link)
    ]
    yield from each("client.request.camel-case", "fields in camelCase", shown, other)


@RULES.covers("client.scores.range")
def score_range(case: Case) -> Iterator[RuleResult]:
    """Values within the bounds of the schema."""
    schema = case.contract.schema("ScoreValue")
    least, most = schema["minimum"], schema["maximum"]

    def outside(link: Link) -> str:
        value = link.attempt.body.get("value") if isinstance(link.attempt.body, dict) else None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return f"value {value}" if is_number and not least <= value <= most else ""

    scores = [link for link in case.of("createScore") if not link.attempt.cut]
    yield from each("client.scores.range", f"a value from {least} to {most}", scores, outside)


def _keyed(link: Link, case: Case) -> bool:
    name = link.attempt.operation
    return name is not None and case.contract.operation(name).keyed
