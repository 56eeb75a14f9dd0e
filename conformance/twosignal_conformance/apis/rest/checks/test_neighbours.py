"""Keys, ids, names and tokens that differ in one character: at the end, in case, by one more or one less.

A server that compares beginnings, cuts what it stores, or does not regard case takes one for the other.
"""

from __future__ import annotations

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, Key, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.group import Expect, Group
from twosignal_conformance.apis.rest.checks.judging import judge_cause, judge_response
from twosignal_conformance.apis.rest.checks.sessions import refresh, sign_in
from twosignal_conformance.apis.rest.checks.templates import content_of, number_of, resolve

_USER = ("--user",)

_TELLING = 8
"""Characters: every key that is sent is hidden in reports, and a shorter text may be part of ordinary words."""


def neighbours(text: str) -> dict[str, str]:
    """Texts that are nearly this one, by what differs; those that would be the same are left out."""
    middle = len(text) // 2
    found = {
        "its last character left out": text[:-1],
        "one more character": f"{text}0",
        "another last character": text[:-1] + _other(text[-1]),
        "another character in the middle": text[:middle] + _other(text[middle]) + text[middle + 1 :],
        "the other case": text.swapcase(),
        "its first half alone": text[: max(1, middle)],
    }
    return {what: other for what, other in found.items() if other != text and len(other) >= _TELLING}


@covers("auth.key.invalid", "auth.key.invalid-status")
def test_what_is_nearly_a_key_is_refused(client: ApiClient, judge: Judge) -> None:
    """Each neighbour of the right key; nobody issued it."""
    status = client.contract.error("invalid-key").status
    for what, key in neighbours(client.secret(Key.MAIN)).items():
        exchange = client.call("listTraces", query={"limit": 1}, token=key)
        expected = f"a refusal of the key with {what}"
        if judge_response(judge, "auth.key.invalid", exchange, responses.refused(exchange), expected):
            judge_response(
                judge, "auth.key.invalid-status", exchange, exchange.status == status, f"status {status}, {expected}"
            )


@covers("sessions.refresh.invalid", "sessions.logout.invalid", needs=_USER, profile="standard")
def test_what_is_nearly_a_token_is_refused(client: ApiClient, judge: Judge) -> None:
    """Neighbours of the tokens of a session. The last character of base64 may say nothing, so it is not changed."""
    tokens = sign_in(client, judge)
    for what in ("its last character left out", "another character in the middle", "its first half alone"):
        near = neighbours(tokens.access)[what]
        exchange = client.call("logout", token=near)
        judge_cause(client, judge, "sessions.logout.invalid", exchange, "invalid-access-token", f"a token with {what}")
        exchange = refresh(client, neighbours(tokens.refresh)[what])
        judge_cause(
            client, judge, "sessions.refresh.invalid", exchange, "invalid-refresh-token", f"a token with {what}"
        )


@covers("traces.fields.id", "traces.fields.span-count", "traces.batch.visible")
def test_ids_that_are_nearly_the_same_are_different(client: ApiClient, judge: Judge, data: TestData) -> None:
    """UUIDs that differ at their end; words that differ in case and at the end, of events too; each has its spans."""
    group = Group(client, judge, data, "ids")
    most = client.contract.schema("Identifier")["maxLength"]
    uuid, word, start = data.id(), data.tag("Id"), data.tag("Id")
    long = data.tag("long").ljust(most - 1, "x")
    sets = {
        "UUIDs that differ in the last digit": [uuid[:-1] + digit for digit in "0f"],
        "words that differ in case": [word, word.swapcase()],
        "words of which one is the beginning of the other": [start, f"{start}x"],
        "long words that differ in the last character": [f"{long}0", f"{long}1"],
    }
    expectations = []
    for what, ids in sets.items():
        traces = [group.trace(what, id=identifier) for identifier in ids]
        spans = [group.span(trace) for number, trace in enumerate(traces) for _ in range(number + 1)]
        # The events, too, have ids that are nearly the same.
        events = [data.event(body, id=identifier) for body, identifier in zip(traces, ids, strict=True)]
        if not client.call("ingestTraces", json={"batch": [*events, *map(data.event, spans)]}).ok:
            continue  # Longer ids, and those that are no UUIDs, may be refused.
        for number, trace in enumerate(traces):
            expectations.append(Expect.value("traces.fields.id", trace, "id", trace["id"]))
            expectations.append(Expect.value("traces.fields.span-count", trace, "spanCount", number + 1))
    seen = group.verify(*expectations)
    wanted = {row.trace["id"] for row in expectations}
    judge.check(
        "traces.batch.visible",
        wanted <= seen.rows.keys(),
        expected=f"{len(wanted)} traces whose ids are nearly the same",
        actual=f"not there: {', '.join(sorted(wanted - seen.rows.keys())) or 'none'}",
        evidence=seen.page,
    )


@covers("scores.trace.unknown", "scores.span.unknown")
def test_what_is_nearly_the_id_of_something_is_unknown(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A score of a trace, and of a span, whose ids differ in the last digit from those that are there."""
    group = Group(client, judge, data, "near")
    trace = group.trace()
    span = group.span(trace)
    group.ingest(trace, span)
    seen = group.see(trace, until=lambda seen: seen.row(trace).get("spanCount") == 1)
    judge.require(seen.row(trace).get("spanCount") == 1, "the span did not show in the spanCount of its trace")
    right = client.call("createScore", json=data.score(trace, spanId=span["id"]))
    judge.require(right.ok, f"a score of the span itself was answered with {right.status}")
    near_trace, near_span = (_next_digit(body["id"]) for body in (trace, span))
    for clause, body, what in (
        ("scores.trace.unknown", data.score(near_trace), "a trace"),
        ("scores.span.unknown", data.score(trace, spanId=near_span), "a span"),
    ):
        exchange = client.call("createScore", json=body)
        told = f"{what} with another last digit in its id"
        judge_cause(client, judge, clause, exchange, "unknown-resource", told)


@covers("templates.push.content", "templates.push.first-version", "templates.resolve.unknown-name")
def test_names_of_templates_that_are_nearly_the_same(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Each a template of its own, with a content and a first version of its own; one that nobody pushed is unknown."""
    core = data.tag("Name")
    most = client.contract.schema("TemplateName")["maxLength"]
    long = data.tag("long").ljust(most - 1, "x")
    names = [core, f"{core}a", core[:-1], core.swapcase(), f"{long}0", f"{long}1"]
    templates = [data.template(name=name, content=f"{{{{question}}}} {number}") for number, name in enumerate(names)]
    taken = [template for template in templates if client.call("pushPromptTemplate", json=template).ok]
    judge.require(len(taken) > 1, "the templates were refused")
    for template in taken:
        seen = resolve(client, template)
        judge.require(seen.ok, f"the template {template['name']} was not resolved")
        _judge_own(client, judge, template, seen)
    absent = client.call("getPromptTemplates", query={"name": f"{core}b"})
    judge_cause(
        client,
        judge,
        "templates.resolve.unknown-name",
        absent,
        "unknown-resource",
        "a name with another last character",
    )


@covers("traces.list.tags.one")
def test_tags_that_are_nearly_the_same(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Traces with one of them each; each tag finds its own trace alone."""
    group = Group(client, judge, data, "tags")
    core = data.tag("Tag")
    tags = [core, f"{core}x", core.swapcase(), core[:-1] + _other(core[-1])]
    traces = {tag: group.trace(f"{number}", tags=[tag]) for number, tag in enumerate(tags)}
    group.ingest(*traces.values())
    group.shown(*traces.values())
    for tag, trace in traces.items():
        page = client.settle(
            lambda tag=tag: client.call("listTraces", query={"tags": tag}),  # type: ignore[misc]
            until=lambda page: bool(responses.traces(page)),
        ).value
        found = [row.get("id") for row in responses.traces(page) if isinstance(row, dict)]
        others = [other for other, row in traces.items() if other != tag and row["id"] in found]
        judge.check(
            "traces.list.tags.one",
            found == [trace["id"]],
            expected=f"the trace with the tag {tag} alone",
            actual=f"{len(found)} traces, also with {', '.join(others) or 'none of the others'}",
            evidence=page,
        )


def _judge_own(client: ApiClient, judge: Judge, template: Json, seen: Exchange) -> None:
    content, number = content_of(seen), number_of(seen)
    first = client.contract.schema("VersionNumber")["minimum"]
    judge.check(
        "templates.push.content",
        content == template["content"],
        expected=f"the content {template['content']!r} of {template['name']}",
        actual=content,
        evidence=seen,
    )
    judge.check(
        "templates.push.first-version",
        number == first,
        expected=f"version {first} of {template['name']}",
        actual=f"version {number}",
        evidence=seen,
    )


def _next_digit(uuid: str) -> str:
    """A UUID with another last digit."""
    return uuid[:-1] + ("0" if uuid[-1] != "0" else "1")


def _other(character: str) -> str:
    """Another letter or digit of the same kind."""
    return ("1" if character == "0" else "0") if character.isdigit() else ("b" if character in "aA" else "a")
