"""Values of filters that are long, odd, alike or many: each finds what has it, and nothing else."""

from __future__ import annotations

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.group import Group
from twosignal_conformance.engine.edges import texts

_LONG = 250
"""Characters of names that differ in the last one: more than a careless comparison, less than any URL may have."""

_MANY = 10
"""Tags of one trace, of which a filter names all."""


@covers("traces.list.name.substring", "traces.list.name.excludes")
def test_names_are_compared_to_their_end(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Long names that differ in the last character, and names with spaces and signs; each is asked for as a whole."""
    group = Group(client, judge, data, "values")
    long = f"{group.prefix} ".ljust(_LONG - 1, "x")
    names = [f"{long}1", f"{long}2", *texts(group.prefix)]
    traces = group.taken(*(data.trace(name=name) for name in names))
    judge.require(traces, "the traces were refused")
    group.shown(*traces)
    for trace in traces:
        page = _find(client, {"name": trace["name"]})
        if not page.ok:
            continue  # A URL may be longer than a server reads.
        found = [str(row.get("name")) for row in responses.traces(page) if isinstance(row, dict)]
        judge.check(
            "traces.list.name.substring",
            trace["name"] in found,
            expected=f"the trace with the name {trace['name']!r}",
            actual=f"{len(found)} traces without it" if trace["name"] not in found else "it is there",
            evidence=page,
        )
        wrong = [name for name in found if trace["name"].casefold() not in name.casefold()]
        judge.check(
            "traces.list.name.excludes",
            not wrong,
            expected=f"only names that contain {trace['name']!r}",
            actual=wrong[0] if wrong else "no others",
            evidence=page,
        )


@covers("traces.list.tags.all", "traces.list.tags.one")
def test_many_tags_and_odd_ones(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A trace with ten tags: all of them, and nine with one that it has not; tags with spaces, signs and letters."""
    group = Group(client, judge, data, "tags")
    many = [data.tag() for _ in range(_MANY)]
    full, less = group.trace("ten", tags=many), group.trace("nine", tags=many[:-1])
    odd = [text.replace(",", ".").strip() for text in texts(data.tag("odd"))]
    single = [group.trace("odd", tags=[tag]) for tag in odd]
    taken = group.taken(full, less, *single)
    group.shown(*taken)
    asked = [("traces.list.tags.all", many, full), ("traces.list.tags.all", many[::-1], full)]
    asked += [("traces.list.tags.one", trace["tags"], trace) for trace in single if trace in taken]
    for clause, tags, trace in asked:
        page = _find(client, {"tags": tags})
        found = [row.get("id") for row in responses.traces(page) if isinstance(row, dict)]
        judge.check(
            clause,
            found == [trace["id"]],
            expected=f"the trace with {' and '.join(map(repr, tags))} alone",
            actual=f"status {page.status}, {len(found)} traces",
            evidence=page,
        )


def _find(client: ApiClient, query: dict[str, object]) -> Exchange:
    """The page of a query once it shows something; what is asked for shows already."""
    return client.settle(
        lambda: client.call("listTraces", query=query), until=lambda page: not page.ok or bool(responses.traces(page))
    ).value
