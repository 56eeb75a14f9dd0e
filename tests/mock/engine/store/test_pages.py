"""Pages of the list against a plain look at every trace: any filters, any place to begin, in stores of every make.

A store chooses among several ways to a page, by how many traces and names there are: a world has few names or many, so
that each way is gone. A failure prints the blob that repeats it (@reproduce_failure).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twosignal_mock.engine.store import (
    CopyPlace,
    ListedTrace,
    MemoryStore,
    Reader,
    TraceQuery,
    TraceRecord,
    Transaction,
)

_FIRST = (-(1 << 62), "")
_LAST = 1 << 62
_TAGS = ("production", "v2", "canary", "incident", "\u00fc", 'not "v2')
"""The last one's text in JSON ends with that of another one."""

_FEW_NAMES = (
    "support-agent",
    "Support-Agent",
    "100%_agent",
    'say "hi" AND (no)',
    "\u65e5\u672c\u8a9e\u30c6\u30b9\u30c8",
    "caf\u00e9",
    "",
)
_ODD_PARTS = (
    '"hi"',
    "AND",
    "*",
    "%_a",
    "\u65e5\u672c\u8a9e",
    "\u672c\u8a9e\u30c6\u30b9",
    "f\u00e9",
    "\U0001f600\U0001f600\U0001f600",
    "-agent-",
    "'--",
    "a" * 200,
)


def few_names(chance: random.Random, number: int) -> str:
    del number
    return chance.choice(_FEW_NAMES)


def many_names(chance: random.Random, number: int) -> str:
    """Each its own; some parts are in all of them, some in a few."""
    rare = chance.choice(["zebra-", "\U0001f600\U0001f600\U0001f600"]) if number % 60 == 0 else ""
    return f"{chance.choice(['support', 'billing'])}-agent-{rare}{number:05d}"


def repeated_names(chance: random.Random, number: int) -> str:
    """More names than may lead a walk, each of several traces."""
    del number
    return f"{chance.choice(_FEW_NAMES)}{chance.randrange(600)}"


@dataclass(frozen=True)
class World:
    """A store, and what must be in it."""

    store: MemoryStore
    traces: Sequence[TraceRecord]


def drawn(chance: random.Random, number: int, named: str) -> TraceRecord:
    shares = (0.5, 0.5, 0.05, 0.005, 0.2, 0.2)
    tags = [tag for tag, share in zip(_TAGS, shares, strict=True) if chance.random() < share]
    if named == "tagged":
        tags.append(f"run {number}")
    return TraceRecord(
        id=chance.choice([f"{number:06d}", f"t-{chance.getrandbits(64):x}", f"\u00e9{number}", f"\U0001f600{number}"]),
        created=chance.randrange(100),
        place=None if chance.random() < 0.02 else -chance.randrange(300),
        name=_MAKES[named](chance, number),
        tags=chance.choice([None, "[]"]) if not tags else orjson.dumps(tags).decode(),
        failed=chance.choice([0, 0, 0, 0, 0, 0, 0, 0, 1, 7]),
    )


def changed(chance: random.Random, trace: TraceRecord, name: str) -> None:
    """As later events change a trace: all that an index holds."""
    trace.name = name
    trace.failed += chance.randrange(2)
    trace.tags = orjson.dumps([chance.choice(_TAGS)]).decode()
    trace.place = -chance.randrange(300)


@cache
def world(named: str, count: int) -> World:
    """The traces of a seed; a third of them changed after they were stored. Another project has others."""
    chance = random.Random(f"{named} {count}")  # noqa: S311 - repeats on purpose
    store = MemoryStore()
    records = {record.id: record for record in (drawn(chance, n, named) for n in range(count))}

    def fill(transaction: Transaction) -> None:
        for record in records.values():
            transaction.traces.save(record)

    def change(transaction: Transaction) -> None:
        for record in list(records.values())[::3]:
            found = transaction.traces.find(record.id)
            assert found == record
            changed(chance, found, _MAKES[named](chance, chance.randrange(count)))
            transaction.traces.save(found)
            records[record.id] = found

    asyncio.run(store.write(1, fill))
    asyncio.run(store.write(2, fill))
    asyncio.run(store.write(1, change))
    return World(store, list(records.values()))


_MAKES: dict[str, Callable[[random.Random, int], str]] = {
    "few": few_names,
    "many": many_names,
    "repeated": repeated_names,
    "tagged": few_names,
}
"""How a world's traces are named; in the last one each has a tag of its own too."""
_WORLDS = [("few", 12), ("few", 1500), ("many", 250), ("many", 3000), ("repeated", 3000), ("tagged", 3000)]


def expected(traces: Iterable[TraceRecord], query: TraceQuery) -> list[str]:
    """The ids of the page, said as plainly as possible."""
    found = [
        (trace.place, trace.id.encode(), trace.id)
        for trace in traces
        if trace.place is not None
        and (trace.place, trace.id.encode()) > (query.after[0], query.after[1].encode())
        and trace.place < query.before
        and (query.name is None or query.name in trace.name)
        and (query.failed is None or query.failed == (trace.failed > 0))
        and set(query.tags) <= set(orjson.loads(trace.tags or "[]"))
        and (query.created_until is None or trace.created <= query.created_until)
    ]
    return [id_ for _, _, id_ in sorted(found)[: query.limit]]


def listed(store: MemoryStore, query: TraceQuery, project: int = 1) -> Sequence[ListedTrace]:
    def work(reader: Reader) -> Sequence[ListedTrace]:
        return reader.traces.page(query)

    return asyncio.run(store.read(project, work))


def ids_of(store: MemoryStore, query: TraceQuery, project: int = 1) -> list[str]:
    return [trace[0] for trace in listed(store, query, project)]


@st.composite
def parts(draw: st.DrawFn, traces: Sequence[TraceRecord]) -> str:
    """A part of a name that is there, or an odd one."""
    name = draw(st.sampled_from(traces)).name
    start = draw(st.integers(0, len(name)))
    return draw(st.sampled_from(_ODD_PARTS)) if not name[start:] else name[start : start + draw(st.integers(1, 12))]


@st.composite
def queries(draw: st.DrawFn) -> tuple[str, int, TraceQuery]:
    named, count = draw(st.sampled_from(_WORLDS))
    traces = world(named, count).traces
    begin = draw(st.none() | st.sampled_from(traces))
    query = TraceQuery(
        after=_FIRST if begin is None or begin.place is None else (begin.place, draw(st.sampled_from([begin.id, ""]))),
        before=draw(st.just(_LAST) | st.integers(-300, 1)),
        limit=draw(st.sampled_from([1, 2, 21, 101])),
        name=draw(st.none() | parts(traces)),
        failed=draw(st.none() | st.booleans()),
        tags=tuple(draw(st.lists(st.sampled_from(_TAGS), max_size=3, unique=True))),
        created_until=draw(st.none() | st.integers(0, 100)),
    )
    return named, count, query


@given(queries())
@settings(max_examples=400, print_blob=True, deadline=None)
@example(("many", 3000, TraceQuery(_FIRST, _LAST, 21, name="zebra")))
@example(("many", 3000, TraceQuery(_FIRST, _LAST, 101, name="agent-zebra", tags=("v2",), failed=False)))
@example(("many", 3000, TraceQuery(_FIRST, _LAST, 101, name="-02", created_until=50)))
@example(("repeated", 3000, TraceQuery(_FIRST, _LAST, 101, name="t77", failed=True)))
@example(("few", 1500, TraceQuery(_FIRST, _LAST, 101, tags=("incident", "v2"))))
@example(("few", 1500, TraceQuery(_FIRST, _LAST, 101, tags=("canary",), failed=True, created_until=50)))
@example(("tagged", 3000, TraceQuery(_FIRST, _LAST, 101, name="caf", tags=("incident",))))
@example(("tagged", 3000, TraceQuery(_FIRST, _LAST, 101, tags=("run 2", "v2"))))
def test_a_page_holds_what_a_plain_look_at_all_traces_finds(asked: tuple[str, int, TraceQuery]) -> None:
    named, count, query = asked
    there = world(named, count)

    assert ids_of(there.store, query) == expected(there.traces, query)


@pytest.mark.parametrize("count", [8, 9, 10, 5000])
def test_any_number_of_tags_is_asked_for(count: int) -> None:
    store = MemoryStore()
    tags = tuple(str(number) for number in range(count))
    record = TraceRecord("t", 0, place=-1, tags=orjson.dumps(tags).decode())
    asyncio.run(store.write(1, lambda transaction: transaction.traces.save(record)))

    assert ids_of(store, TraceQuery(_FIRST, _LAST, 21, tags=tags)) == ["t"]
    assert ids_of(store, TraceQuery(_FIRST, _LAST, 21, tags=(*tags, "none"))) == []


@pytest.mark.parametrize(("named", "count"), _WORLDS)
def test_a_page_holds_only_traces_of_its_project(named: str, count: int) -> None:
    store = world(named, count).store

    assert ids_of(store, TraceQuery(_FIRST, _LAST, 5000, name="agent"), project=3) == []
    assert ids_of(store, TraceQuery(_FIRST, _LAST, 5000), project=3) == []


def copy_some(place: CopyPlace, transaction: Transaction) -> CopyPlace | None:
    return transaction.rows.copy_some(7, place, 700)


@pytest.mark.parametrize(("named", "count"), [("few", 12), ("many", 3000), ("repeated", 3000)])
def test_copied_and_loaded_rows_are_listed_as_those_that_were_ingested(named: str, count: int) -> None:
    there = world(named, count)
    store = MemoryStore()
    exported = asyncio.run(there.store.read(1, lambda reader: reader.rows.export()))
    asyncio.run(store.write(7, lambda transaction: transaction.rows.load(exported)))
    place: CopyPlace | None = CopyPlace()
    while place is not None:
        place = asyncio.run(store.write(8, partial(copy_some, place)))

    for name in ("agent", "zebra", "t77", "Sup", "\u65e5\u672c\u8a9e"):
        for tags in ((), ("v2",)):
            query = TraceQuery(_FIRST, _LAST, 101, name=name, tags=tags)
            for project in (7, 8):
                assert ids_of(store, query, project) == expected(there.traces, query)


def test_dropped_rows_leave_no_name_behind() -> None:
    store = MemoryStore()
    query = TraceQuery(_FIRST, _LAST, 21, name="zebra")
    for _ in range(3):
        asyncio.run(store.write(1, lambda transaction: transaction.traces.save(TraceRecord("t", 0, -1, "a zebra"))))
        assert ids_of(store, query) == ["t"]
        while asyncio.run(store.write(1, lambda transaction: transaction.rows.drop_some(2))):
            pass
        assert ids_of(store, query) == []
        assert asyncio.run(store.read(1, lambda reader: reader.rows.numbers())) == []
