"""What --only selects: clauses by their id, or by the beginning of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from twosignal_contract import hint


class SelectionError(ValueError):
    """Something that --only names and that is not there."""


def select(wanted: Sequence[str], clauses: Iterable[str]) -> frozenset[str]:
    """The ids that are named: an id selects itself, anything else what begins with it. All when nothing is named."""
    known = list(clauses)
    if not wanted:
        return frozenset(known)
    found: set[str] = set()
    for name in wanted:
        if not name:
            raise SelectionError("--only '': expected the id of a clause, or the beginning of one")
        matching = [name] if name in known else [clause for clause in known if clause.startswith(name)]
        if not matching:
            areas = {clause.rpartition(".")[0] for clause in known}
            raise SelectionError(f"--only {name}: no clause has this id or begins so{hint(name, [*known, *areas])}")
        found.update(matching)
    return frozenset(found)
