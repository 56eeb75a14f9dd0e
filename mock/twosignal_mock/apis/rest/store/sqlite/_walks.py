"""The statements that walk through a list: one for each kind of lead and combination of filters, made once.

An index that leads holds sort key and id behind its own column: the order of the list. It also holds name and failure,
so that a walk judges most filters without looking at a row of `trace`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import orjson

from twosignal_mock.apis.rest.store._traces import ListedTrace, TraceQuery

_MOST_TAGS = 8
"""Tags with a condition each. More of them are a list in one condition, because a statement has a largest size."""


class Lead(NamedTuple):
    """What a walk goes along."""

    kind: str
    """A key of _INDEXES."""
    values: tuple[Any, ...] = ()
    """The tag or the names; None for a lead without a value. Each value has its own walk; the walks are merged."""


class Filters(NamedTuple):
    """Which traces of a walk are shown."""

    part: bool
    """Those with a part in their name."""
    status: bool
    tags: int
    """Those with so many tags beside the one that leads; more than _MOST_TAGS stand for any number."""
    until: bool
    """Those that came in until then."""
    stayed: bool
    """Those that did not move since the walk began."""


EVERYTHING = Lead("all", (None,))
FAILING = Lead("failing", (None,))
MOVED = Lead("moved", (None,))


def filters_of(query: TraceQuery, lead: Lead) -> Filters:
    """The filters that are still to be judged when a lead has one of them."""
    part = query.name is not None and lead.kind != "name"
    status = query.failed is not None and lead != FAILING
    tags = min(len(query.tags) - (lead.kind == "tag"), _MOST_TAGS + 1)
    stayed = query.moves is not None and lead != MOVED
    return Filters(part, status, tags, query.created_until is not None, stayed)


def bindings_of(project: int, query: TraceQuery, lead: Lead, *, steps: int = 0) -> Mapping[str, Any]:
    """The values that a statement names; more than it needs."""
    sort_key, id_ = query.after
    bindings = {
        "project": project,
        "sort_key": sort_key,
        "id": id_,
        "before": query.before,
        "limit": query.limit,
        "steps": steps,
        "part": query.name,
        "failing": query.failed,
        "until": query.created_until,
        "moves": query.moves,
    }
    for number, value in enumerate(lead.values):
        bindings[f"value{number}"] = value
    if not query.tags:
        return bindings
    others = [tag for tag in query.tags if (tag,) != lead.values] if lead.kind == "tag" else query.tags
    if len(others) > _MOST_TAGS:
        bindings["others"] = orjson.dumps(others).decode()
    else:
        bindings.update((f"other{number}", tag) for number, tag in enumerate(others))
    return bindings


@cache
def walk_statement(kind: str, values: int, filters: Filters) -> str:
    """The first `:limit` traces that pass the filters."""
    if values == 1:
        # The plainest is the fastest: SQLite reads a row of `trace` when the index has said that it is shown.
        table, condition = _INDEXES[kind]
        row = _ROW_BY_ID if kind == "tag" else "trace.rowid = walk.rowid"
        asked = f"{_RANGE}{condition.format(value='value0')} AND {_conditions(filters)}"
        walked = f"{table} CROSS JOIN trace ON {row} WHERE {asked}"
        return f"SELECT {_COLUMNS} FROM {walked} ORDER BY walk.sort_key, walk.id LIMIT :limit"
    arms = (
        f"SELECT number, sort_key, id FROM {source} AS walk WHERE {_conditions(filters)}"
        for source in _sources(kind, values)
    )
    return _with_rows(f"{' UNION ALL '.join(arms)} ORDER BY sort_key, id LIMIT :limit", kind)


@cache
def bounded_statement(kind: str, values: int, filters: Filters) -> str:
    """The same, of those that are met in the first `:steps`."""
    arms = (f"SELECT * FROM {source}" for source in _sources(kind, values))
    # The steps are counted before anything is judged. SQLite walks through a subquery with LIMIT in its order.
    steps = f"({' UNION ALL '.join(arms)} ORDER BY sort_key, id LIMIT :steps)"
    return _with_rows(f"SELECT * FROM {steps} AS walk WHERE {_conditions(filters)} LIMIT :limit", kind)


@cache
def probe_statement(kind: str, values: int) -> str:
    """The sort_key that `:steps` without filters lead to; no row when there are fewer."""
    arms = (f"SELECT sort_key, id FROM {source}" for source in _sources(kind, values))
    return f"{' UNION ALL '.join(arms)} ORDER BY sort_key, id LIMIT 1 OFFSET :steps"


@cache
def moved_statement(filters: Filters) -> str:
    """The first `:limit` of the traces that moved since a walk began, with the sort keys that they had then."""
    columns = ", ".join(f"{'walk' if name == 'sort_key' else 'trace'}.{name}" for name in ListedTrace._fields)
    walked = f"{_MOVED} AS walk CROSS JOIN trace ON trace.rowid = walk.number"
    conditions = _conditions(filters, now="walk.now")
    return f"SELECT {columns} FROM {walked} WHERE {conditions} ORDER BY walk.sort_key, walk.id LIMIT :limit"


@cache
def gathering_statement(filters: Filters) -> str:
    """The first `:steps` traces with one of the `:names`, in no order; behind their columns, whether they are shown."""
    steps = f"(SELECT * FROM {_BY_NAMES} LIMIT :steps)"
    found = f"SELECT walk.number, {_conditions(filters)} AS is_found FROM {steps} AS walk"
    return f"SELECT {_COLUMNS}, is_found FROM ({found}) AS found CROSS JOIN trace ON trace.rowid = found.number"


_COLUMNS = ", ".join(f"trace.{name}" for name in ListedTrace._fields)
_RANGE = "walk.project = :project AND (walk.sort_key, walk.id) > (:sort_key, :id) AND walk.sort_key < :before"
_INDEXES: Mapping[str, tuple[str, str]] = {
    "all": ("trace AS walk INDEXED BY trace_by_sort_key", ""),
    "failing": ("trace AS walk INDEXED BY trace_failing", " AND walk.failed > 0"),
    "name": ("trace AS walk INDEXED BY trace_by_name", " AND walk.name = :{value}"),
    "tag": ("tag AS walk", " AND walk.tag = :{value}"),
}
"""Kind of lead to its table and index, and to what else is asked of it; `{value}` names what binds its value."""
_ROW_BY_ID = "trace.project = :project AND trace.id = walk.id"
_BY_NAMES = (
    "(SELECT trace.rowid AS number, trace.sort_key, trace.id, trace.name, trace.failing "
    "FROM json_each(:names) AS wanted CROSS JOIN trace INDEXED BY trace_by_name "
    "ON trace.project = :project AND trace.name = wanted.value "
    "WHERE (trace.sort_key, trace.id) > (:sort_key, :id) AND trace.sort_key < :before)"
)
_MOVED = (
    "(SELECT trace.rowid AS number, move.sort_key, trace.id, trace.name, trace.failing, trace.sort_key AS now "
    "FROM move INDEXED BY move_by_number CROSS JOIN trace ON trace.project = :project AND trace.id = move.trace "
    "WHERE move.project = :project AND move.number > :moves AND NOT EXISTS (SELECT 1 FROM move AS earlier WHERE "
    "earlier.project = :project AND earlier.trace = move.trace AND earlier.number > :moves "
    "AND earlier.number < move.number) "
    "AND (move.sort_key, trace.id) > (:sort_key, :id) AND move.sort_key < :before)"
)
"""Of each trace that moved since a walk began the first move: it tells where the trace stood then."""

_PART = "instr(walk.name, :part) > 0"
_STATUS = "walk.failing = :failing"
_UNTIL = (
    "EXISTS (SELECT 1 FROM trace AS row WHERE row.project = :project AND row.id = walk.id AND row.created <= :until)"
)
_STAYED = (
    "NOT EXISTS (SELECT 1 FROM move WHERE move.project = :project AND move.trace = walk.id AND move.number > :moves)"
)
_TAG = (
    "EXISTS (SELECT 1 FROM tag AS other WHERE other.project = :project AND other.tag = {tag} "
    "AND other.sort_key = {now} AND other.id = walk.id)"
)
_ALL_TAGS = "NOT EXISTS (SELECT 1 FROM json_each(:others) AS wanted WHERE NOT {has_tag})"


def _sources(kind: str, values: int) -> Sequence[str]:
    """The rows that a lead goes along: one source for each of its values."""
    table, condition = _INDEXES[kind]
    number = "0" if kind == "tag" else "walk.rowid"
    failing = "1" if kind == "failing" else "walk.failing"
    columns = f"{number} AS number, walk.sort_key, walk.id, walk.name, {failing} AS failing"
    asked = [_RANGE + condition.format(value=f"value{index}") for index in range(values)]
    return [f"(SELECT {columns} FROM {table} WHERE {each})" for each in asked]


def _conditions(filters: Filters, now: str = "walk.sort_key") -> str:
    """What the traces of a walk have to fulfil; `now` is where a row has the present sort key."""
    asked = ((_STATUS, filters.status), (_PART, filters.part), (_UNTIL, filters.until), (_STAYED, filters.stayed))
    conditions = [condition for condition, wanted in asked if wanted]
    if filters.tags > _MOST_TAGS:
        conditions.append(_ALL_TAGS.format(has_tag=_TAG.format(tag="wanted.value", now=now)))
    else:
        conditions += [_TAG.format(tag=f":other{number}", now=now) for number in range(filters.tags)]
    return " AND ".join(conditions) or "1"


def _with_rows(walk: str, kind: str) -> str:
    row = _ROW_BY_ID if kind == "tag" else "trace.rowid = walk.number"
    return f"SELECT {_COLUMNS} FROM ({walk}) AS walk CROSS JOIN trace ON {row} ORDER BY walk.sort_key, walk.id"
