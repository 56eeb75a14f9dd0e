"""Steps that read beside others: queries with filters, and walks over pages while others write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from twosignal_conformance.apis.rest.checks import responses
from twosignal_conformance.apis.rest.model._example import Example
from twosignal_conformance.apis.rest.model._expected import Point, TraceModel
from twosignal_conformance.apis.rest.model._shapes import COLOURS, Filter
from twosignal_conformance.engine.api_client import Exchange

_ROOM = 2
"""Pages that are read beyond those that hold something, to see whether a walk that should have ended ever does."""


@dataclass(frozen=True, slots=True)
class Part:
    """One filter of a query."""

    keeps: Callable[[TraceModel], bool]
    missing: str
    """The clause that a trace breaks which should be there."""
    extra: str
    """The clause that a trace breaks which should not."""


def query(example: Example, kind: Filter, colour: int) -> None:
    """Compare what a query with filters shows with what it should, once that has settled."""
    asked, parts = _parts(example, kind, COLOURS[colour % len(COLOURS)])
    with example.step(f"query by {kind}") as sending:
        if not sending:
            return
        wanted = _matching(example, parts)
        exchange, rows = example.session.settle(
            lambda: example.page(**asked, limit=example.largest),
            lambda seen: sorted(str(row.get("id")) for row in seen[1]) == sorted(wanted),
        ).value
        shown = [str(row.get("id")) for row in rows]
        example.look(list(_points(example, parts, exchange, shown)), exchange)


def _parts(example: Example, kind: Filter, colour: str) -> tuple[dict[str, object], list[Part]]:
    """The parameters, and what each of them keeps."""
    fine, bad = example.session.client.contract.enum("Status")
    tag = f"{example.tag}-{colour}"
    tagged = Part(lambda trace: tag in trace.tags, "traces.list.tags.one", "traces.list.tags.one")
    both = Part(lambda trace: tag in trace.tags, "traces.list.tags.all", "traces.list.tags.all")
    own = Part(lambda trace: True, "traces.list.tags.one", "traces.list.tags.one")
    well = Part(lambda trace: not trace.failed, "traces.list.status.ok", "traces.list.status.ok")
    ill = Part(lambda trace: trace.failed, "traces.list.status.error", "traces.list.status.error")
    table: dict[Filter, tuple[dict[str, object], list[Part]]] = {
        Filter.NAME: ({"name": f"{example.prefix} {colour}"}, [_named(example, colour)]),
        Filter.TAG: ({"tags": tag}, [tagged]),
        Filter.TAGS: ({"tags": [example.tag, tag]}, [both]),
        Filter.FINE: ({"tags": example.tag, "status": fine}, [own, well]),
        Filter.FAILED: ({"tags": example.tag, "status": bad}, [own, ill]),
        Filter.NAME_AND_TAG: (
            {"name": f"{example.prefix} {COLOURS[0]}", "tags": tag},
            [_named(example, COLOURS[0]), tagged],
        ),
    }
    return table[kind]


def _named(example: Example, colour: str) -> Part:
    name = f"{example.prefix} {colour}"
    return Part(lambda trace: name in trace.name, "traces.list.name.substring", "traces.list.name.excludes")


def _matching(example: Example, parts: Sequence[Part]) -> list[str]:
    """Ids of the traces that pass all filters, the newest first."""
    return [trace.id for trace in reversed(example.traces) if all(part.keeps(trace) for part in parts)]


def _points(example: Example, parts: list[Part], exchange: Exchange, shown: list[str]) -> Iterator[Point]:
    status = example.session.client.contract.operation("listTraces").success
    yield Point("traces.list.status", exchange.status == status, f"status {status}", f"status {exchange.status}")
    wanted = _matching(example, parts)
    for clause, names in ((_missing(parts), set(wanted) - set(shown)), (None, set(shown) - set(wanted))):
        told = f"{len(names)} of the traces {'missing' if clause else 'too many'}"
        yield Point(clause or _extra(example, parts, names), not names, f"{len(wanted)} traces", told)
    yield Point("traces.list.walk.no-repeat", len(shown) == len(set(shown)), "each trace once", "one more than once")


def _missing(parts: list[Part]) -> str:
    """The last filter is the one that a query is about."""
    return parts[-1].missing


def _extra(example: Example, parts: list[Part], names: set[str]) -> str:
    """The filter that all the extra traces fail; where they fail different ones, it is how filters are combined."""
    own = {trace.id: trace for trace in example.traces}
    if names - own.keys():
        return parts[0].extra
    for part in reversed(parts):
        if not any(part.keeps(own[name]) for name in names):
            return part.extra
    return "traces.list.filters.combined"


# --- walks ---


@dataclass
class Walk:
    """A walk over the pages of an example, whose steps other steps may stand between."""

    example: Example
    limit: int
    older: tuple[TraceModel, ...] = ()
    """The traces that were there when it began."""
    pages: list[Exchange] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    cursor: str | None = None
    ended: bool = False

    def start(self) -> None:
        """The first page, once everything shows."""
        self.example.verify()
        self.older = tuple(self.example.traces)
        with self.example.step(f"walk with limit={self.limit}") as sending:
            if sending:
                page = self._read()
                size, full = len(responses.traces(page)), min(self.limit, len(self.older))
                points = [
                    Point("traces.list.limit.size", size <= self.limit, f"at most {self.limit} traces", size),
                    Point("traces.list.limit.full", size >= full, f"{full} traces", size),
                ]
                self.example.look(points, page)

    def go_on(self) -> None:
        """One more page; nothing when the server said that there is none."""
        with self.example.step("next page") as sending:
            if sending and self.pages and not self.ended:
                page = self._read()
                size = len(responses.traces(page))
                point = Point("traces.list.limit.size", size <= self.limit, f"at most {self.limit} traces", size)
                self.example.look([point], page)

    def finish(self) -> None:
        """The rest of the pages, and whether the walk showed each older trace once."""
        with self.example.step("rest of the walk") as sending:
            if sending and self.pages:
                most = -(-len(self.example.traces) // self.limit) + _ROOM
                while not self.ended and len(self.pages) < most:
                    self._read()
                self.example.look(list(self._points()), *self.pages[-3:])

    def _read(self) -> Exchange:
        page, rows = self.example.page(tags=self.example.tag, limit=self.limit, cursor=self.cursor)
        self.pages.append(page)
        self.ids += [str(row.get("id")) for row in rows]
        self.cursor = responses.next_cursor(page)
        self.ended = self.cursor is None
        return page

    def _points(self) -> Iterator[Point]:
        status = self.example.session.client.contract.operation("listTraces").success
        bad = [page.status for page in self.pages if page.status != status]
        yield Point("traces.list.status", not bad, f"status {status}", f"status {bad[0] if bad else status}")
        inserted = len(self.example.traces) > len(self.older)
        own = {trace.id for trace in self.example.traces}
        foreign = [name for name in self.ids if name not in own]
        yield Point("traces.list.walk.filters", not foreign, "only traces that match", f"{len(foreign)} others")
        twice = {trace.name for trace in self.older if self.ids.count(trace.id) > 1}
        clause = "traces.list.walk.inserts" if inserted else "traces.list.walk.no-repeat"
        yield Point(clause, not twice, "no older trace twice", f"{len(twice)} more than once")
        # What comes meanwhile is newer, so it never makes an older page empty.
        superfluous = len(self.pages) > 1 and not responses.traces(self.pages[-1])
        null = responses.is_last(self.pages[-1]) and not superfluous
        told = f"{len(self.pages)} pages, the last one {'empty' if superfluous else 'with traces'}"
        yield Point("traces.list.walk.ends", null, "nextCursor null on the page with the last trace", told)
        lost = {trace.name for trace in self.older if trace.id not in self.ids}
        clause = "traces.list.walk.inserts" if inserted else "traces.list.walk.complete"
        yield Point(clause, not lost, "every older trace", f"{len(lost)} are missing")
