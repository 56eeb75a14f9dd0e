"""The filters of the listing: name, status, tags, and several at once; those by date are in `test_dates`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, covers
from twosignal_conformance.apis.rest.checks.judging import judge_status
from twosignal_conformance.apis.rest.checks.shared_traces import (
    LITERALS,
    MIXED,
    Item,
    Selection,
    SharedTraces,
    select,
    shared_traces,
)

Condition = Callable[[Item], bool]


@covers("traces.list.name.substring", "traces.list.name.excludes")
def test_the_filter_name_keeps_the_names_that_contain_it(client: ApiClient, judge: Judge) -> None:
    """The beginning, the middle, the end and the whole of names."""
    shared = shared_traces(client, judge, filtered=False)
    whole = shared.items[0].name
    for fragment in (shared.prefix, whole[3:-3], whole[3:], whole):
        _judge_name(client, judge, shared, fragment)


@covers("traces.list.name.literal")
def test_signs_in_the_filter_name_stand_for_themselves(client: ApiClient, judge: Judge) -> None:
    """Signs that are wildcards in databases and shells."""
    shared = shared_traces(client, judge, filtered=False)
    for end in LITERALS[:-1]:
        name = f"{shared.prefix} {end}"
        _judge_only(client, judge, shared, "traces.list.name.literal", _named(name), name=name)


@covers("traces.list.name.case", "traces.list.name.empty", "traces.list.tags.empty", profile="standard")
def test_odd_names_and_tags(client: ApiClient, judge: Judge) -> None:
    """Small letters for capital ones, an empty name, empty tags."""
    shared = shared_traces(client, judge)
    seen = _look(client, shared, name=f"{shared.prefix} {MIXED.lower()}")
    judge.observe("traces.list.name.case", "does not matter" if seen.own else "matters", evidence=seen.pages)
    seen = _look(client, shared, tags=shared.tag, name="")
    judge.observe("traces.list.name.empty", f"{seen}, {len(shared.rows)} in all", evidence=seen.pages)
    seen = _look(client, shared, tags=f"{shared.few_tag},,")
    told = "ignored" if seen.is_only(shared.ids(_few)) else f"not ignored: {seen}"
    judge.observe("traces.list.tags.empty", told, evidence=seen.pages)


@covers("traces.list.status.ok", "traces.list.status.error", "traces.list.status.unknown")
def test_the_filter_status_keeps_one_status(client: ApiClient, judge: Judge) -> None:
    """Both of them over traces of both, and one that there is not."""
    shared = shared_traces(client, judge)
    for status in client.contract.enum("Status"):
        clause, wanted = f"traces.list.status.{status.lower()}", _ended(shared, status)
        if shared.ids(wanted) in (set(), shared.ids()):
            judge.untested(clause, "the list does not show traces of both statuses")
            continue
        _judge_only(client, judge, shared, clause, wanted, **shared.query(), status=status)
    exchange = client.call("listTraces", query={"status": "UNDECIDED", "limit": 1})
    refusal = client.contract.error("invalid-value").status
    judge_status(judge, "traces.list.status.unknown", exchange, refusal)


@covers("traces.list.tags.one", "traces.list.tags.all", "traces.list.tags.whole")
def test_the_filter_tags_keeps_the_traces_with_all_of_them(client: ApiClient, judge: Judge) -> None:
    """One tag, two, one with one that nobody has, and a part of one."""
    shared = shared_traces(client, judge, filtered=False)
    none = _named("")
    for clause, tags, wanted in (
        ("traces.list.tags.one", [shared.few_tag], _few),
        ("traces.list.tags.all", [shared.tag, shared.few_tag], _few),
        ("traces.list.tags.all", [shared.few_tag, f"{shared.tag}-absent"], none),
        ("traces.list.tags.whole", [shared.few_tag[:-1]], none),
    ):
        _judge_only(client, judge, shared, clause, wanted, tags=tags)


@covers("traces.list.filters.combined")
def test_several_filters_keep_what_passes_all(client: ApiClient, judge: Judge) -> None:
    """A name, a tag and a status, each of which keeps more than all of them."""
    shared = shared_traces(client, judge, filtered=False)
    failed = client.contract.enum("Status")[-1]
    ended = _ended(shared, failed)

    def wanted(item: Item) -> bool:
        return item.few and ended(item)

    judge.require(client.settings.dry or shared.ids(wanted), "the list does not show traces of both statuses")
    query = {"name": shared.prefix, "tags": [shared.few_tag, shared.tag], "status": failed}
    _judge_only(client, judge, shared, "traces.list.filters.combined", wanted, **query)


def _few(item: Item) -> bool:
    return item.few


def _named(name: str) -> Condition:
    return lambda item: item.name == name


def _ended(shared: SharedTraces, status: str) -> Condition:
    """As the list shows it: whether that is right is judged elsewhere."""
    return lambda item: shared.rows[item.id].get("status") == status


def _look(client: ApiClient, shared: SharedTraces, **query: Any) -> Selection:
    return select(client, shared, lambda _: True, query)


def _judge_name(client: ApiClient, judge: Judge, shared: SharedTraces, fragment: str) -> None:
    """All names that contain the fragment, and no others: two clauses. Whether case matters is the server's choice."""
    wanted = shared.ids(lambda item: fragment in item.name)
    seen = select(client, shared, lambda seen: seen.is_only(wanted), {"name": fragment})
    judge.check(
        "traces.list.name.substring",
        seen.own >= wanted,
        expected=f"all {len(wanted)} traces whose name contains {fragment!r}",
        actual=str(seen),
        evidence=seen.pages,
    )
    wrong = [row.get("name") for row in seen.rows if fragment.casefold() not in str(row.get("name")).casefold()]
    judge.check(
        "traces.list.name.excludes",
        not wrong,
        expected=f"only traces whose name contains {fragment!r}",
        actual=f"{len(wrong)} others, such as {wrong[0]!r}" if wrong else "no others",
        evidence=seen.pages,
    )


def _judge_only(
    client: ApiClient, judge: Judge, shared: SharedTraces, clause: str, wanted: Condition, **query: Any
) -> None:
    """Judge that a query shows exactly those shared traces that satisfy a condition."""
    ids = shared.ids(wanted)
    seen = select(client, shared, lambda seen: seen.is_only(ids), query)
    judge.check(
        clause,
        seen.is_only(ids),
        expected=f"{len(ids)} of these traces and no others",
        actual=f"{seen}; {len(ids - seen.own)} missing, {len(seen.own - ids)} too many",
        evidence=seen.pages,
    )
