"""Prompt templates: pushing one and reading it back, by its name and in the list, and that projects are apart."""

from __future__ import annotations

from twosignal_conformance.apis.rest.checks import (
    ABSENT,
    MISSING,
    ApiClient,
    Exchange,
    Judge,
    Key,
    TestData,
    covers,
    responses,
)
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.judging import judge_cause, judge_response, judge_status
from twosignal_conformance.apis.rest.checks.sizes import too_large
from twosignal_conformance.apis.rest.checks.templates import (
    content_of,
    listed,
    number_of,
    push,
    resolve,
    rows,
    version_of,
)

_VERSION_FIELDS = ("id", "version", "content", "variables", "commitMessage", "createdAt")
_SUMMARY_FIELDS = ("id", "name", "description", "latestVersion", "createdAt", "updatedAt")
"""Of templates.resolve.version-fields and templates.list.answer, which name more than the schemas require."""

_CONTENT = 'Hallo {{question}},\n\n\tantworte als {{voice}} „kurz“ 漢字 🚀 "so" \\ {nicht das}.  \r\n'
"""Whitespace at the end, a tab, a carriage return, quotes, a backslash, single braces, astral characters."""


@covers(
    "templates.push.accepted",
    "templates.push.status",
    "templates.push.answer",
    "templates.push.readable",
    "templates.push.first-version",
    "templates.push.content",
    "templates.push.variables",
    "templates.push.commit-message",
    "templates.push.description",
    "templates.resolve.status",
    "templates.resolve.answer",
    "templates.resolve.version-fields",
    "templates.list.status",
    "templates.list.answer",
    "templates.list.order",
)
def test_a_pushed_template_is_resolved_and_listed(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A template with every field."""
    template = data.template(
        content=_CONTENT, description=f"Made up by {data.run_id} 漢字", commitMessage="Première 漢字"
    )
    pushed = client.call("pushPromptTemplate", json=template)
    if not _judge_push(client, judge, pushed, template):
        return
    resolved = resolve(client, template)
    if judge.check(
        "templates.push.readable",
        resolved.status != client.contract.error("unknown-resource").status,
        expected="the template is resolved by its name",
        actual=f"status {resolved.status}",
        evidence=(pushed, resolved),
    ):
        _judge_resolved(client, judge, resolved, template)
    row, listing = listed(client, template)
    judge_status(judge, "templates.list.status", listing, client.contract.operation("getPromptTemplates").success)
    judge.require(listing.ok, f"the listing was answered with {listing.status}")
    _judge_listing(judge, listing, row, template)


@covers("templates.push.name-required", "templates.push.content-required", "templates.resolve.unknown-name")
def test_a_template_needs_a_name_and_a_content(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Each of them left out; then the name of the one without content is resolved in vain."""
    exchange = client.call("pushPromptTemplate", json=data.template(name=ABSENT))
    judge_cause(client, judge, "templates.push.name-required", exchange, "invalid-value", "a template without name")
    template = data.template(content=ABSENT)
    exchange = client.call("pushPromptTemplate", json=template)
    what = "a template without content"
    if judge_cause(client, judge, "templates.push.content-required", exchange, "invalid-value", what):
        exchange = client.call("getPromptTemplates", query={"name": template["name"]})
    else:
        exchange = client.call("getPromptTemplates", query={"name": data.tag("nobody")})
    what = "a name that the project does not have"
    judge_cause(client, judge, "templates.resolve.unknown-name", exchange, "unknown-resource", what)


@covers("templates.push.own-project", "templates.list.own-project", needs=(Key.OTHER,))
def test_templates_of_two_projects_are_apart(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One name in both projects, and a name that the other project alone has."""
    own = data.template()
    theirs = {**own, "content": f"Another text of {data.run_id}."}
    foreign = data.template()
    push(client, judge, own)
    push(client, judge, theirs, key=Key.OTHER)
    push(client, judge, foreign, key=Key.OTHER)
    seen = {key: resolve(client, own, key=key) for key in (Key.MAIN, Key.OTHER)}
    judge.require(all(exchange.ok for exchange in seen.values()), "a template that was pushed was not resolved")
    contents = [content_of(seen[key]) for key in (Key.MAIN, Key.OTHER)]
    ids = [responses.data_at(seen[key], "id") for key in (Key.MAIN, Key.OTHER)]
    judge.check(
        "templates.push.own-project",
        contents == [own["content"], theirs["content"]] and ids[0] != ids[1],
        expected="each project resolves the name to a template of its own",
        actual=f"contents {contents}, ids {ids}",
        evidence=tuple(seen.values()),
    )
    there, _ = listed(client, foreign, key=Key.OTHER)
    judge.require(there, "the other project does not list its own template")
    row, listing = listed(client, own)
    judge.require(listing.ok, f"the listing was answered with {listing.status}")
    foreigners = [
        row for row in rows(listing) if row.get("name") == foreign["name"] or row.get("id") == ids[1] != ids[0]
    ]
    judge.check(
        "templates.list.own-project",
        not foreigners,
        expected="no template of the other project",
        actual=foreigners or f"{len(rows(listing))} templates of its own{'' if row else ', not all'}",
        evidence=listing,
    )


@covers("templates.push.max-bytes", profile="standard")
def test_the_size_of_a_template_has_a_limit_in_bytes(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Content of several bytes a character, one byte more than is allowed."""
    found = too_large(client, "pushPromptTemplate", lambda text: data.template(content=text, variables=[]))
    seen = ", ".join(f"status {exchange.status} {how}" for how, exchange in found.items())
    judge.observe("templates.push.max-bytes", seen, evidence=tuple(found.values()))


def _judge_push(client: ApiClient, judge: Judge, exchange: Exchange, template: Json) -> bool:
    """Accepted, with a documented status; what the response holds is the server's choice."""
    accepted = judge_response(
        judge, "templates.push.accepted", exchange, exchange.ok, "a template with name and content is accepted"
    )
    if accepted:
        statuses = client.contract.statuses("templates.push.status")
        if judge_status(judge, "templates.push.status", exchange, *statuses):
            client.dialects.note("template-status", str(exchange.status))
        same = responses.data_at(exchange, "name") == template["name"] and number_of(exchange) is not MISSING
        judge.observe("templates.push.answer", "as documented" if same else exchange.text, evidence=exchange)
    return accepted


def _judge_resolved(client: ApiClient, judge: Judge, exchange: Exchange, template: Json) -> None:
    success = client.contract.operation("getPromptTemplates").success
    judge_status(judge, "templates.resolve.status", exchange, success)
    if not exchange.ok:
        return
    found, version = responses.data_at(exchange), version_of(exchange)
    if not judge.check(
        "templates.resolve.answer",
        isinstance(found, dict)
        and isinstance(found.get("id"), str)
        and found.get("name") == template["name"]
        and bool(version),
        expected='an object "data" with id, name and version',
        actual=exchange.text,
        evidence=exchange,
    ):
        return
    missing = [name for name in _VERSION_FIELDS if name not in version]
    judge.check(
        "templates.resolve.version-fields",
        not missing,
        expected=f"a version with {', '.join(_VERSION_FIELDS)}",
        actual=f"no {', '.join(missing)}" if missing else "all",
        evidence=exchange,
    )
    first = client.contract.schema("VersionNumber")["minimum"]
    for clause, name, wanted in (
        ("templates.push.first-version", "version", first),
        ("templates.push.content", "content", template["content"]),
        ("templates.push.commit-message", "commitMessage", template["commitMessage"]),
    ):
        if name in version:
            judge.check(
                clause,
                version[name] == wanted,
                expected=f"{name} {wanted!r}",
                actual=version[name],
                evidence=exchange,
            )
    variables = version.get("variables")
    # In which order they stand nobody says.
    judge.check(
        "templates.push.variables",
        isinstance(variables, list) and sorted(map(str, variables)) == sorted(template["variables"]),
        expected=f"variables {template['variables']}",
        actual=variables,
        evidence=exchange,
    )


def _judge_listing(judge: Judge, listing: Exchange, row: Json | None, template: Json) -> None:
    found = rows(listing)
    missing = [name for name in _SUMMARY_FIELDS if row is not None and name not in row]
    judge.check(
        "templates.list.answer",
        row is not None and not missing,
        expected=f'an array "data" that has the template with {", ".join(_SUMMARY_FIELDS)}',
        actual=f"{len(found)} templates" + (f", no {', '.join(missing)}" if row else ", not this one"),
        evidence=listing,
    )
    if row is not None and "description" in row:
        judge.check(
            "templates.push.description",
            row["description"] == template["description"],
            expected=f"description {template['description']!r}",
            actual=row["description"],
            evidence=listing,
        )
    names = [str(row.get("name")) for row in found]
    judge.observe(
        "templates.list.order",
        f"{len(names)} templates {'by name' if names == sorted(names) else 'in another order'}",
        evidence=listing,
    )
