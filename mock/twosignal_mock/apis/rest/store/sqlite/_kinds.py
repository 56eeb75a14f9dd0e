"""Kinds and names of traces, each once: they tell which traces there can be, without a look at traces.

A kind is a name, tags and a status that occur together. Agents run often and alike, so a project has few kinds however
many traces it has. Kinds tell that two filters have nothing in common (two tags that no trace has both of), where a
walk would go through all traces of the rarer one. Where every trace has a name or tags of its own, kinds help nobody: a
project has a bounded number of them, and one that has so many may have traces of other kinds too.

A part of a name finds the names that have it by an index, SQLite's FTS5 with trigrams, case-sensitive. It gives the
names that have all trigrams of the part; `instr` has the last word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import apsw
import orjson

from twosignal_mock.apis.rest.store._traces import TraceQuery

_MOST_KINDS = 1000
"""Kinds of a project that are kept; as many are looked at in a tenth of a millisecond."""

DERIVED = {
    "kind": "INSERT INTO kind (project, number, name, failing, tags) "
    "SELECT project, row_number() OVER (), name, failing, tags FROM (SELECT DISTINCT project, name, failing, "
    f"coalesce(tags, '[]') AS tags FROM trace WHERE project = ? LIMIT {_MOST_KINDS})",
    "name": "INSERT OR IGNORE INTO name (project, name) SELECT DISTINCT project, name FROM trace WHERE project = ?",
}
"""What makes the rows of each table from the others."""

_SHORTEST = 3
"""Characters of a part that the index knows; shorter ones are looked for in the names themselves."""
_MOST_TERMS = 40
"""Trigrams of a part that are asked for; the rest of a long part would make nothing rarer."""
_MOST_NAMES_READ = 200
"""Names that are looked at one by one, as fast as the index is asked; a dozen microseconds."""
_MOST_NAMES_READ_FOR_SHORT = 2000
"""The same for a part that the index does not know."""


def add_kind(connection: apsw.Connection, project: int, name: str, tags: str | None, *, failing: bool) -> None:
    """Keeps the kind of a trace, and its name; `tags` is their JSON."""
    values = (project, name, tags or "[]", failing)
    if connection.execute(_IS_KNOWN, values).fetchone() is not None:
        return
    row = connection.execute(_LAST, (project,)).fetchone()
    last = 0 if row is None else cast(int, row[0])
    if last < _MOST_KINDS:
        connection.execute(_ADD_KIND, (*values, last + 1))
    connection.execute(_ADD_NAME, (project, name))


def may_occur(connection: apsw.Connection, project: int, query: TraceQuery) -> bool:
    """False when no trace passes all filters, wherever a page begins."""
    # A tag's text may be found at the end of another one that has a quotation mark in it: then it only may occur.
    tags = orjson.dumps([orjson.dumps(tag).decode() for tag in query.tags]).decode()
    values = {"project": project, "most": _MOST_KINDS, "part": query.name, "failing": query.failed, "tags": tags}
    return connection.execute(_MAY_OCCUR, values).fetchone() is not None


def names_with(connection: apsw.Connection, project: int, part: str, most: int) -> Sequence[str] | None:
    """All names of a project that have a part; None when there are more than `most`, or too many to look at."""
    indexed = len(part) >= _SHORTEST
    bound = _MOST_NAMES_READ if indexed else _MOST_NAMES_READ_FOR_SHORT
    if connection.execute(_MORE_NAMES, (project, bound)).fetchone() is None:
        rows = connection.execute(_BY_LOOKING, (project, part, most + 1))
    elif indexed:
        rows = connection.execute(_BY_PARTS, (_match_of(part), project, part, most + 1))
    else:
        return None
    names = [str(name) for (name,) in rows]
    return names if len(names) <= most else None


def _match_of(part: str) -> str:
    """The FTS5 query for texts with all trigrams of a part of at least _SHORTEST characters."""
    grams = dict.fromkeys(part[start : start + _SHORTEST] for start in range(len(part) - _SHORTEST + 1))
    quoted = ('"' + gram.replace('"', '""') + '"' for gram in list(grams)[:_MOST_TERMS])
    return " AND ".join(quoted)


_IS_KNOWN = "SELECT 1 FROM kind WHERE project = ? AND name = ? AND tags = ? AND failing = ?"
_LAST = "SELECT number FROM kind WHERE project = ? ORDER BY number DESC LIMIT 1"
_ADD_KIND = "INSERT INTO kind (project, name, tags, failing, number) VALUES (?, ?, ?, ?, ?)"
_MAY_OCCUR = (
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM kind WHERE project = :project AND number = :most) "
    "OR EXISTS (SELECT 1 FROM kind WHERE project = :project AND number < :most "
    "AND (:failing IS NULL OR failing = :failing) AND (:part IS NULL OR instr(name, :part) > 0) AND NOT EXISTS "
    "(SELECT 1 FROM json_each(:tags) AS wanted WHERE instr(kind.tags, wanted.value) = 0))"
)
_BY_PARTS = (
    "SELECT name.name FROM name_part CROSS JOIN name ON name.number = name_part.rowid "
    "WHERE name_part MATCH ? AND name.project = ? AND instr(name.name, ?) > 0 LIMIT ?"
)
_BY_LOOKING = "SELECT name FROM name WHERE project = ? AND instr(name, ?) > 0 LIMIT ?"
_MORE_NAMES = "SELECT 1 FROM name WHERE project = ? LIMIT 1 OFFSET ?"
_ADD_NAME = "INSERT OR IGNORE INTO name (project, name) VALUES (?, ?)"
