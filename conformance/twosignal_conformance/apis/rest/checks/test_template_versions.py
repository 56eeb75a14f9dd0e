"""Versions of prompt templates: how they are numbered, which one is resolved, and what comes of pushes at one time."""

from __future__ import annotations

from functools import partial

from twosignal_conformance.apis.rest.checks import ABSENT, MISSING, ApiClient, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.judging import judge_cause
from twosignal_conformance.apis.rest.checks.responses import same
from twosignal_conformance.apis.rest.checks.templates import content_of, listed, number_of, push, resolve, version_of

_PUSHES = 3

_AT_ONCE = 4
"""Pushes at the same time: enough for a read and a write that are not one step to collide."""


@covers(
    "templates.push.next-version",
    "templates.push.same-id",
    "templates.resolve.latest",
    "templates.resolve.version",
    "templates.resolve.unknown-version",
    "templates.list.latest-version",
)
def test_a_push_gives_the_next_version(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Two pushes under one name; then both versions, the latest one, and one that is not there."""
    first = data.template()
    second = {**first, "content": f"{first['content']} Again, {data.run_id}."}
    push(client, judge, first)
    before = resolve(client, first)
    old = number_of(before)
    judge.require(before.ok and isinstance(old, int), "the first version was not resolved")
    push(client, judge, second)
    after = resolve(client, second, version=old + 1)
    numbered = judge.check(
        "templates.push.next-version",
        after.ok and number_of(after) != old and content_of(after) == second["content"],
        expected=f"version {old + 1} is what was pushed second",
        actual=f"status {after.status}: {after.text}",
        evidence=(before, after),
    )
    latest = resolve(client, second, until=lambda exchange: content_of(exchange) == second["content"])
    judge.check(
        "templates.resolve.latest",
        content_of(latest) == second["content"],
        expected="what was pushed last",
        actual=version_of(latest) or f"status {latest.status}",
        evidence=latest,
    )
    judge.check(
        "templates.push.same-id",
        responses.data_at(latest, "id") == responses.data_at(before, "id"),
        expected=f"id {responses.data_at(before, 'id')}",
        actual=responses.data_at(latest, "id"),
        evidence=(before, latest),
    )
    judge.require(numbered, "the second push did not give the next version")
    row, listing = listed(client, first, until=lambda row: row.get("latestVersion") == old + 1)
    judge.require(row, "the template did not show in the listing")
    judge.check(
        "templates.list.latest-version",
        row is not None and row.get("latestVersion") == old + 1,
        expected=f"latestVersion {old + 1}",
        actual=row,
        evidence=listing,
    )
    again = resolve(client, first, version=old)
    exact = judge.check(
        "templates.resolve.version",
        number_of(again) == old and content_of(again) == first["content"],
        expected=f"version {old} with what was pushed first",
        actual=version_of(again) or f"status {again.status}",
        evidence=again,
    )
    judge.require(exact, "the server does not look at the version")
    absent = client.call("getPromptTemplates", query={"name": first["name"], "version": old + 100})
    what = "a version that the template does not have"
    judge_cause(client, judge, "templates.resolve.unknown-version", absent, "unknown-resource", what)


@covers(
    "templates.push.first-version",
    "templates.push.next-version",
    "templates.push.same-id",
    "templates.resolve.version",
    "templates.list.latest-version",
)
def test_what_the_answer_to_a_push_names_is_true(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Which members an answer has is the server's choice; an id, a number or a content that it names has to be true."""
    template = data.template(variables=[])
    seen = None
    for number in range(1, _PUSHES + 1):
        body = {**template, "content": f"Text {number} of {data.run_id}"}
        pushed = push(client, judge, body)
        seen = resolve(client, body, until=lambda exchange, body=body: content_of(exchange) == body["content"])  # type: ignore[misc]
        judge.require(content_of(seen) == body["content"], "what was pushed was not resolved")
        clause = "templates.push.first-version" if number == 1 else "templates.push.next-version"
        for name, place in (
            (clause, ("version", "version")),
            ("templates.resolve.version", ("version", "id")),
            ("templates.resolve.version", ("version", "content")),
            ("templates.push.same-id", ("id",)),
        ):
            told, true = responses.data_at(pushed, *place), responses.data_at(seen, *place)
            judge.check(
                name,
                told is MISSING or same(told, true),
                expected=f"data.{'.'.join(place)} {true!r}, as it is resolved, or none",
                actual=told,
                evidence=(pushed, seen),
            )
    row, listing = listed(client, template, until=lambda row: row.get("latestVersion") == _PUSHES)
    judge.require(row and seen, "the template did not show in the listing")
    for name, told, true in (
        ("templates.list.latest-version", (row or {}).get("latestVersion"), _PUSHES),
        ("templates.push.same-id", (row or {}).get("id"), responses.data_at(seen, "id") if seen else None),
    ):
        judge.check(name, told == true, expected=f"{true!r} in the list", actual=told, evidence=listing)


@covers("templates.push.concurrent", profile="standard")
def test_pushes_at_the_same_time_get_different_versions(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Different contents under one new name; then every version is resolved."""
    bodies = [{**data.template(), "content": f"Text {number} of {data.run_id}"} for number in range(_AT_ONCE)]
    bodies = [{**body, "name": bodies[0]["name"], "variables": []} for body in bodies]
    pushed = client.together(*(partial(client.call, "pushPromptTemplate", json=body) for body in bodies))
    judge.require(any(exchange.ok for exchange in pushed), "no push was accepted")
    numbers = range(1, len(bodies) + 1)
    seen = [resolve(client, bodies[0], version=number) for number in numbers]
    contents = [content_of(exchange) for exchange in seen]
    judge.check(
        "templates.push.concurrent",
        all(exchange.ok for exchange in pushed) and sorted(map(str, contents)) == [body["content"] for body in bodies],
        expected=f"versions 1 to {len(bodies)}, one for each push",
        actual=f"pushes answered with {[exchange.status for exchange in pushed]}, versions hold {contents}",
        evidence=(*pushed, *seen)[:5],
    )


@covers("templates.push.same-content", "templates.push.variables-found", profile="standard")
def test_a_template_without_variables_and_the_same_again(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Variables that stand in the content, one of them twice; the same template is pushed twice."""
    content = "Say {{second}} and {{ first }}, then {{second}} again."
    template = data.template(content=content, variables=ABSENT)
    push(client, judge, template)
    seen = resolve(client, template)
    judge.observe("templates.push.variables-found", f"variables {version_of(seen).get('variables')!r}", evidence=seen)
    push(client, judge, template)
    row, listing = listed(client, template)
    number = (row or {}).get("latestVersion")
    judge.observe("templates.push.same-content", f"latestVersion {number!r} after two pushes", evidence=listing)


@covers("templates.resolve.version-alone", "templates.resolve.version-invalid", profile="standard")
def test_versions_that_make_no_sense(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A version without a name, and versions that are no positive integers."""
    status = client.contract.error("invalid-value").status
    alone = client.call("getPromptTemplates", query={"version": 1})
    judge.observe("templates.resolve.version-alone", f"status {alone.status}", evidence=alone)
    template = data.template()
    push(client, judge, template)
    resolve(client, template)
    found = {
        version: client.call("getPromptTemplates", query={"name": template["name"], "version": version})
        for version in ("0", "-1", "1.5", "latest", "")
    }
    judge.check(
        "templates.resolve.version-invalid",
        all(exchange.status == status for exchange in found.values()),
        expected=f"status {status} for all",
        actual={version: exchange.status for version, exchange in found.items()},
        evidence=tuple(found.values()),
    )
