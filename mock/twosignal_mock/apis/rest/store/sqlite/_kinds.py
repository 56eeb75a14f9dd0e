"""Kinds of traces: which name, tags and status occur together, each once.

Agents run often and alike, so that a project has few kinds however many traces it has. They tell that
two filters have nothing in common (two tags that no trace has both of), where a walk would go through all traces of
the rarer one.

Where every trace has a name or tags of its own this helps nobody: a project has at most MOST kinds, and one that has so
many may have traces of others too.
"""

from __future__ import annotations

from typing import cast

import apsw
import orjson

from twosignal_mock.apis.rest.store._traces import TraceQuery
from twosignal_mock.apis.rest.store.sqlite import _names

MOST = 1000
"""Kinds of a project that are kept; as many are looked at in a tenth of a millisecond."""

DERIVED = {
    "kind": "INSERT INTO kind (project, number, name, failing, tags) "
    "SELECT project, row_number() OVER (), name, failing, tags FROM (SELECT DISTINCT project, name, failing, "
    f"coalesce(tags, '[]') AS tags FROM trace WHERE project = ? LIMIT {MOST})",
}
"""What makes the rows of each table from the others."""


def add(connection: apsw.Connection, project: int, name: str, tags: str | None, *, failing: bool) -> None:
    """Keeps the kind of a trace, and its name; `tags` is their JSON."""
    values = (project, name, tags or "[]", failing)
    if connection.execute(_IS_KNOWN, values).fetchone() is not None:
        return
    row = connection.execute(_LAST, (project,)).fetchone()
    last = 0 if row is None else cast(int, row[0])
    if last < MOST:
        connection.execute(_ADD, (*values, last + 1))
    connection.execute(_names.ADD, (project, name))


def may_occur(connection: apsw.Connection, project: int, query: TraceQuery) -> bool:
    """Whether there may be a trace that passes all filters; False: there is none, wherever a page begins."""
    # A tag's text may be found at the end of another one that has a quotation mark in it: then it only may occur.
    tags = orjson.dumps([orjson.dumps(tag).decode() for tag in query.tags]).decode()
    values = {"project": project, "most": MOST, "part": query.name, "failing": query.failed, "tags": tags}
    return connection.execute(_MAY_OCCUR, values).fetchone() is not None


_IS_KNOWN = "SELECT 1 FROM kind WHERE project = ? AND name = ? AND tags = ? AND failing = ?"
_LAST = "SELECT number FROM kind WHERE project = ? ORDER BY number DESC LIMIT 1"
_ADD = "INSERT INTO kind (project, name, tags, failing, number) VALUES (?, ?, ?, ?, ?)"
_MAY_OCCUR = (
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM kind WHERE project = :project AND number = :most) "
    "OR EXISTS (SELECT 1 FROM kind WHERE project = :project AND number < :most "
    "AND (:failing IS NULL OR failing = :failing) AND (:part IS NULL OR instr(name, :part) > 0) AND NOT EXISTS "
    "(SELECT 1 FROM json_each(:tags) AS wanted WHERE instr(kind.tags, wanted.value) = 0))"
)
