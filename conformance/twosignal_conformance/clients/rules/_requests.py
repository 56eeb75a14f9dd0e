"""Every request by itself: where it goes, who it says it is, and whether the contract knows what it holds."""

from __future__ import annotations

import os.path
from collections.abc import Iterator

from twosignal_conformance.clients._case import Case, Rules, Saying, each
from twosignal_conformance.clients._chains import Link
from twosignal_conformance.clients._spelling import foreign
from twosignal_conformance.clients._validity import flaws

RULES = Rules()


@RULES.decide("client.request.known-endpoint")
def known_endpoint(case: Case) -> Iterator[Saying]:
    """Paths and methods that the contract has."""

    def unknown(link: Link) -> str:
        return "" if link.attempt.operation is not None else f"{link.attempt.method} {link.attempt.path}"

    yield from each("client.request.known-endpoint", "a method and path of the contract", case.links, unknown)


@RULES.decide("client.base-url.prefix")
def prefix(case: Case) -> Iterator[Saying]:
    """The common beginning of all paths stands in each request once."""
    once = os.path.commonpath([row.path for row in case.law.operations.values()])

    def wrong(link: Link) -> str:
        path = link.attempt.path
        return path if not path.startswith(f"{once}/") or path.startswith(once * 2) else ""

    yield from each("client.base-url.prefix", f"a path below {once}, once", case.links, wrong)


@RULES.decide("client.auth.bearer")
def bearer(case: Case) -> Iterator[Saying]:
    """The key goes where it is looked for."""

    def without(link: Link) -> str:
        scheme = link.attempt.headers.get("authorization", "").partition(" ")[0]
        if link.attempt.cause == "missing-key" or scheme.lower() != "bearer":
            return f"Authorization {scheme!r}" if scheme else "no header Authorization"
        return ""

    keyed = [link for link in case.links if _keyed(link, case)]
    yield from each("client.auth.bearer", "Authorization: Bearer and the API key", keyed, without)


@RULES.decide("client.auth.key-not-in-url")
def key_not_in_url(case: Case) -> Iterator[Saying]:
    """The journal hides the values of parameters whose names say that they are secret: there is none of them."""

    def told(link: Link) -> str:
        return f"a secret parameter in {link.attempt.target}" if "[redacted]" in link.attempt.query else ""

    yield from each("client.auth.key-not-in-url", "no API key in a URL", case.links, told)


@RULES.decide("client.request.content-type")
def content_type(case: Case) -> Iterator[Saying]:
    """A JSON body says that it is one."""
    types = {row.id: row.media_type for row in case.law.operations.values()}

    def other(link: Link) -> str:
        value = link.attempt.headers.get("content-type", "")
        expected = types.get(link.attempt.operation or "")
        return "" if value.partition(";")[0].strip().lower() == expected else f"Content-Type {value!r}"

    with_body = [link for link in case.links if link.attempt.size and types.get(link.attempt.operation or "")]
    expected = "Content-Type application/json"
    yield from each("client.request.content-type", expected, with_body, other)


@RULES.decide("client.request.valid")
def valid(case: Case) -> Iterator[Saying]:
    """Body and query are what the operation takes."""

    def invalid(link: Link) -> str:
        found = flaws(link.attempt, case.law.operation(str(link.attempt.operation)), case.law)
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return f"{found[0]}{more}" if found else ""

    known = [link for link in case.links if link.attempt.operation is not None]
    yield from each("client.request.valid", "a request that is valid against its schema", known, invalid)


@RULES.decide("client.request.camel-case")
def camel_case(case: Case) -> Iterator[Saying]:
    """Fields of events under their own names, not under those that one page gives them."""

    def other(link: Link) -> str:
        names = [name for event in link.attempt.events for name in foreign(event, case.law)]
        return ", ".join(dict.fromkeys(names))

    # A batch of traces alone breaks it, but does not show that spans keep it.
    shown = [
        link
        for link in case.links
        if any(row.get("type") == "span-create" for row in link.attempt.events) or other(link)
    ]
    yield from each("client.request.camel-case", "fields in camelCase", shown, other)


@RULES.decide("client.scores.range")
def score_range(case: Case) -> Iterator[Saying]:
    """Values within the bounds of the schema."""
    schema = case.law.schema("ScoreValue")
    least, most = schema["minimum"], schema["maximum"]

    def outside(link: Link) -> str:
        value = link.attempt.body.get("value") if isinstance(link.attempt.body, dict) else None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return f"value {value}" if is_number and not least <= value <= most else ""

    yield from each("client.scores.range", f"a value from {least} to {most}", case.of("createScore"), outside)


def _keyed(link: Link, case: Case) -> bool:
    name = link.attempt.operation
    return name is not None and case.law.operation(name).keyed
