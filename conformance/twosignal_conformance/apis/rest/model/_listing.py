"""What a page that shows all traces of an example must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.model._expected import Point, TraceModel


def listed_points(
    own: Mapping[str, TraceModel], rows: Sequence[Json], statuses: tuple[Any, ...], *, scores: bool
) -> Iterator[Point]:
    """Of the traces by id and the rows that a filter for them alone gave; whether scores are counted is told."""
    ids = [row.get("id") for row in rows]
    foreign = [row for row in rows if row.get("id") not in own]
    yield Point("traces.list.tags.one", not foreign, "only traces with the tag", f"{len(foreign)} others")
    twice = [trace for trace in own.values() if ids.count(trace.id) > 1]
    clause = "traces.event.idempotent" if any(trace.repeated for trace in twice) else "traces.list.walk.no-repeat"
    yield Point(clause, not twice, "each trace once", f"{len(twice)} traces twice")
    shown = {identifier: row for row in rows if isinstance(identifier := row.get("id"), str) and identifier in own}
    lost = len(own) - len(shown)
    yield Point("traces.batch.visible", not lost, "every trace listed", f"{lost} are not listed")
    # Where an unscored trace has scores, somebody else gives them: evaluators of the project.
    others = any(row.get("scoreCount") and not own[name].scores for name, row in shown.items())
    scored = scores and not others
    # Those that were never repeated first: what is wrong with them has nothing to do with repeating.
    for name, row in sorted(shown.items(), key=lambda item: own[item[0]].repeated):
        yield from own[name].points(row, statuses, scored=scored)
    listed = [own[name].start for name in ids if name in shown]
    newest = listed == sorted(listed, reverse=True)
    yield Point("traces.list.order.newest-first", newest, "the newest first", "another order")
