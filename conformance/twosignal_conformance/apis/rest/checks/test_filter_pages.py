"""Every filter, alone and together with others, and what its pages are cut of: first filtered, then cut.

One model says which of the shared traces pass; how they were sent decides, and for the status how they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, TestData, actions, covers, responses
from twosignal_conformance.apis.rest.checks.shared_traces import (
    Item,
    Query,
    SharedTraces,
    select,
    shared_traces,
)

_BETWEEN = timedelta(seconds=1)
"""From the start of a trace to a bound: half of what lies between two shared traces."""

_PAGES = 4
"""Into which the traces that pass are cut."""


@dataclass(frozen=True, slots=True)
class _Filter:
    """A parameter of the listing with a value, the traces that pass it, and the clauses of what is wrong with it."""

    name: str
    value: object
    passes: frozenset[str]
    missing: str
    extra: str


@dataclass(frozen=True, slots=True)
class _Case:
    """Filters that are sent together; no two of the same parameter."""

    filters: tuple[_Filter, ...]
    query: Query = field(default_factory=dict)

    @property
    def passes(self) -> frozenset[str]:
        return frozenset.intersection(*(row.passes for row in self.filters))

    def clause(self, *, missing: bool) -> str:
        """Of one filter its own; of several that they are combined."""
        if len(self.filters) > 1:
            return "traces.list.filters.combined"
        return self.filters[0].missing if missing else self.filters[0].extra

    def __str__(self) -> str:
        return " and ".join(row.name for row in self.filters)


_OWN = (
    "traces.list.name.substring",
    "traces.list.name.excludes",
    "traces.list.status.ok",
    "traces.list.status.error",
    "traces.list.tags.all",
    "traces.list.start-date.after",
    "traces.list.start-date.keeps",
    "traces.list.end-date.before",
    "traces.list.end-date.keeps",
    "traces.list.limit.full",
    "traces.list.limit.size",
    "traces.list.walk.complete",
    "traces.list.walk.no-repeat",
    "traces.list.walk.filters",
)


@covers(*_OWN)
def test_each_filter_is_applied_before_pages_are_cut(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One filter each, beside the tag of the shared traces, and its complement where it has one."""
    shared = shared_traces(client, judge)
    _judge_cases(client, judge, shared, [_case(shared, row) for row in _filters(client, judge, data, shared)])


@covers("traces.list.filters.combined", *_OWN[-5:], profile="standard")
def test_filters_together_are_applied_before_pages_are_cut(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Every pair of parameters, every three, and so on, each with the values that leave the most."""
    shared = shared_traces(client, judge)
    found = _filters(client, judge, data, shared)
    for count in range(2, len({row.name for row in found}) + 1):
        best: dict[tuple[str, ...], _Case] = {}
        for rows in combinations(found, count):
            case, names = _case(shared, *rows), tuple(row.name for row in rows)
            if len(set(names)) == count and (names not in best or len(case.passes) > len(best[names].passes)):
                best[names] = case
        _judge_cases(client, judge, shared, best.values())


def _case(shared: SharedTraces, *rows: _Filter) -> _Case:
    query: Query = dict(shared.query())
    for row in rows:
        value = row.value
        if row.name == "tags" and "tags" in query:
            value = [query["tags"], *(row.value if isinstance(row.value, list) else [row.value])]
        query[row.name] = value
    return _Case(rows, query)


def _filters(client: ApiClient, judge: Judge, data: TestData, shared: SharedTraces) -> list[_Filter]:
    """Each parameter with values that keep some of the traces; those by date only where startTime is compared."""
    rows = [*_of_names(shared), *_of_statuses(client, shared), *_of_tags(shared)]
    starts = sorted(item.start for item in shared.shown())
    judge.require(client.settings.dry or starts, "the list shows no trace")
    if not starts or not _by_start(client, data, shared, starts[len(starts) // 2]):
        return rows
    early, late = (starts[len(starts) * part // 4] + _BETWEEN for part in (1, 3))
    dates = "traces.list.{}-date.{}"
    for name, bound in (("startDate", early), ("startDate", late), ("endDate", early), ("endDate", late)):
        kind = name.removesuffix("Date")
        passes = shared.ids(lambda item, bound=bound, kind=kind: (item.start > bound) == (kind == "start"))  # type: ignore[misc]
        extra = dates.format(kind, "after" if kind == "start" else "before")
        rows.append(_Filter(name, data.stamp(bound), frozenset(passes), dates.format(kind, "keeps"), extra))
    return rows


def _of_names(shared: SharedTraces) -> Iterator[_Filter]:
    for part in ("few", "many 1", "many"):
        fragment = f"{shared.prefix} {part}"
        passes = shared.ids(lambda item, fragment=fragment: fragment in item.name)  # type: ignore[misc]
        clauses = ("traces.list.name.substring", "traces.list.name.excludes")
        yield _Filter("name", fragment, frozenset(passes), *clauses)


def _of_statuses(client: ApiClient, shared: SharedTraces) -> Iterator[_Filter]:
    for status in client.contract.enum("Status"):
        passes = shared.ids(lambda item, status=status: shared.rows[item.id].get("status") == status)  # type: ignore[misc]
        clause = f"traces.list.status.{status.lower()}"
        yield _Filter("status", status, frozenset(passes), clause, clause)


def _of_tags(shared: SharedTraces) -> Iterator[_Filter]:
    """One to three tags besides those of the query, and one that nobody has at every place among them."""
    clause, more, absent = "traces.list.tags.all", f"{shared.tag}-more", f"{shared.tag}-absent"
    few = shared.ids(lambda item: item.few)
    for tags in (
        [more],
        [shared.few_tag, more],
        [more, shared.tag, shared.few_tag],
        [absent, shared.few_tag, more],
        [shared.few_tag, absent, more],
        [shared.few_tag, more, absent],
    ):
        passes = set[str]() if absent in tags else few
        yield _Filter("tags", tags, frozenset(passes), clause, clause)


def _by_start(client: ApiClient, data: TestData, shared: SharedTraces, middle: datetime) -> bool:
    """True when a bound long before all of them were created parts them."""
    bound = middle + _BETWEEN
    seen = select(client, shared, lambda _: True, {**shared.query(), "startDate": data.stamp(bound)})
    return seen.ok and not seen.own >= shared.ids(_before(bound))


def _before(bound: datetime) -> Callable[[Item], bool]:
    return lambda item: item.start < bound


def _judge_cases(client: ApiClient, judge: Judge, shared: SharedTraces, cases: Iterable[_Case]) -> None:
    """Each case; a parameter that was seen wrong is not waited for again."""
    wrong: set[str] = set()
    for case in cases:
        names = {row.name for row in case.filters}
        if not wrong & names and not _judge_case(client, judge, shared, case):
            wrong |= names


def _judge_case(client: ApiClient, judge: Judge, shared: SharedTraces, case: _Case) -> bool:
    """The whole of what passes first; then the same in pages, where that was right."""
    wanted = case.passes
    seen = select(client, shared, lambda seen: seen.is_only(wanted), case.query)
    missing, extra = wanted - seen.own, seen.own - wanted
    right = True
    for lost, names in ((True, missing), (False, extra)):
        right &= judge.check(
            case.clause(missing=lost),
            seen.ok and not names and (lost or not seen.foreign),
            expected=f"{len(wanted)} traces that pass {case}, and no others",
            actual=f"{seen}; {len(missing)} missing, {len(extra)} too many",
            evidence=seen.pages,
        )
    if right and len(wanted) > 1:
        _judge_pages(client, judge, case)
    return right


def _judge_pages(client: ApiClient, judge: Judge, case: _Case) -> None:
    limit = -(-len(case.passes) // _PAGES)
    pages = list(actions.pages(client, most=_PAGES + 1, limit=limit, **case.query))
    ids = [str(row.get("id")) for page in pages for row in responses.traces(page) if isinstance(row, dict)]
    what = f"by {case} with limit={limit}"
    foreign = [name for name in ids if name not in case.passes]
    _judge_sizes(judge, pages, limit, len(case.passes), what)
    for clause, wrong, expected in (
        ("traces.list.walk.filters", foreign, f"only traces that pass, {what}"),
        ("traces.list.walk.no-repeat", [name for name in set(ids) if ids.count(name) > 1], f"no trace twice, {what}"),
        ("traces.list.walk.complete", case.passes.difference(ids), f"all {len(case.passes)} traces, {what}"),
    ):
        judge.check(clause, not wrong, expected=expected, actual=f"{len(wrong)} are wrong", evidence=pages)


def _judge_sizes(judge: Judge, pages: list[Exchange], limit: int, matching: int, what: str) -> None:
    """Each page but the last one is full."""
    sizes = [len(responses.traces(page)) for page in pages]
    wanted = [limit] * (matching // limit) + [matching % limit]
    full = all(size >= least for size, least in zip(sizes, wanted, strict=False))
    small = all(size <= limit for size in sizes)
    told = f"pages of {sizes}"
    judge.check("traces.list.limit.size", small, expected=f"at most {limit}, {what}", actual=told, evidence=pages)
    judge.check("traces.list.limit.full", full, expected=f"full pages, {what}", actual=told, evidence=pages)
