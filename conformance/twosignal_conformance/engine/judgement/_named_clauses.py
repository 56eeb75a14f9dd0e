"""The clauses that an operator names: those of --only, and known deviations, which a stale entry fails.

A file of known deviations has one clause a line: its id, the reason, and at the end if wanted `until YYYY-MM-DD`, the
last day of it. Lines that are empty or begin with # are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from twosignal_contract import Clause, Level, hint

from twosignal_conformance.engine.judgement._verdict import Judgement, Known, Verdict

_UNTIL = re.compile(r"\s*\buntil\s+(\S+)\s*\Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")


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


class KnownError(Exception):
    """A file of known deviations that cannot be used; each line of the message is "file:line: problem"."""


def read_known(path: Path, clauses: Mapping[str, Clause]) -> dict[str, Known]:
    """The deviations by clause id."""
    try:
        # Editors of some systems begin a file with a byte order mark, which utf-8-sig skips.
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise KnownError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise KnownError(f"{path}: is not text in UTF-8") from None
    found: dict[str, Known] = {}
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        row = _row(line.strip(), number)
        problem = row if isinstance(row, str) else _problem(row, clauses, found)
        if problem:
            problems.append(f"{path}:{number}: {problem}")
        elif isinstance(row, Known):
            found[row.clause] = row
    if problems:
        raise KnownError("\n".join(problems))
    return found


def outdated(known: Mapping[str, Known], judgements: Iterable[Judgement], today: date) -> Iterator[str]:
    """What is no longer true of the file: deviations that did not occur, and those whose time is over."""
    for row in judgements:
        entry = known.get(row.clause.id)
        if entry is None:
            continue
        if row.verdict is Verdict.PASS:
            yield f"line {entry.line}: {entry.clause} is kept now; take the line out"
        elif entry.until is not None and date.fromisoformat(entry.until) < today:
            yield f"line {entry.line}: {entry.clause} was known until {entry.until}; mend it or give it more time"


def _row(line: str, number: int) -> Known | str:
    """The deviation of a line, or what is wrong with it."""
    clause, _, rest = line.partition(" ")
    until = _UNTIL.search(f" {rest}")
    day = until[1] if until else None
    reason = (rest[: len(rest) - len(until[0].lstrip())] if until else rest).strip()
    if day is not None:
        try:
            date.fromisoformat(day if _DATE.match(day) else "no date")
        except ValueError:
            return f"{day!r} is not a date; expected until YYYY-MM-DD"
    if not reason:
        return f"{clause} has no reason; expected one after the id"
    return Known(clause, reason, day, number)


def _problem(row: Known, clauses: Mapping[str, Clause], found: Mapping[str, Known]) -> str | None:
    if row.clause not in clauses:
        judged = {clause.about for clause in clauses.values()}
        return f"{row.clause} is no clause about {' or '.join(sorted(judged))}s{hint(row.clause, clauses)}"
    if clauses[row.clause].level is Level.MAY:
        return f"{row.clause} is a `may`, which is never failed; take the line out"
    if row.clause in found:
        return f"{row.clause} stands on line {found[row.clause].line} already"
    return None
