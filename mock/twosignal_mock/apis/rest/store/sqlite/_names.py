"""The names of traces, each once, with an index of their parts: how a part of a name finds the names that have it.

Agents have few names and run often, so that a trace seldom brings a name that is new. The index of parts is SQLite's
FTS5 with trigrams, case-sensitive, which tells the names that have all trigrams of a part; `instr` has the last word.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

DERIVED = {
    "name": "INSERT OR IGNORE INTO name (project, name) SELECT DISTINCT project, name FROM trace WHERE project = ?"
}
"""What makes the rows of the table from the others."""
ADD = "INSERT OR IGNORE INTO name (project, name) VALUES (?, ?)"

SHORTEST = 3
"""Characters of a part that the index knows; shorter ones are looked for in the names themselves."""
_MOST_TERMS = 40
"""Trigrams of a part that are asked for; the rest of a long part would make nothing rarer."""
_MOST_NAMES_READ = 200
"""Names that are looked at one by one, as fast as the index is asked; a dozen microseconds."""
_MOST_NAMES_READ_FOR_SHORT = 2000
"""The same for a part that the index does not know."""


def names_with(connection: apsw.Connection, project: int, part: str, most: int) -> Sequence[str] | None:
    """All names of a project that have a part; None when there are more than `most`, or too many to look at."""
    indexed = len(part) >= SHORTEST
    bound = _MOST_NAMES_READ if indexed else _MOST_NAMES_READ_FOR_SHORT
    if connection.execute(_MANY, (project, bound)).fetchone() is None:
        rows = connection.execute(_BY_LOOKING, (project, part, most + 1))
    elif indexed:
        rows = connection.execute(_BY_PARTS, (_match_of(part), project, part, most + 1))
    else:
        return None
    names = [str(name) for (name,) in rows]
    return names if len(names) <= most else None


def _match_of(part: str) -> str:
    """The FTS5 query for texts with all trigrams of a part of at least SHORTEST characters."""
    grams = dict.fromkeys(part[start : start + SHORTEST] for start in range(len(part) - SHORTEST + 1))
    quoted = ('"' + gram.replace('"', '""') + '"' for gram in list(grams)[:_MOST_TERMS])
    return " AND ".join(quoted)


_BY_PARTS = (
    "SELECT name.name FROM name_part CROSS JOIN name ON name.number = name_part.rowid "
    "WHERE name_part MATCH ? AND name.project = ? AND instr(name.name, ?) > 0 LIMIT ?"
)
_BY_LOOKING = "SELECT name FROM name WHERE project = ? AND instr(name, ?) > 0 LIMIT ?"
_MANY = "SELECT 1 FROM name WHERE project = ? LIMIT 1 OFFSET ?"
