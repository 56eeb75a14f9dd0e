"""Pages of the list against a plain look at every trace: any filters, any place to begin, in stores of every make.

A store chooses among several ways to a page, by how many traces and names there are: a world has few names or many, so
that each way is gone. A failure prints the blob that repeats it (@reproduce_failure).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twosignal_mock.apis.rest.store import TABLES, ListedTrace, TraceQuery, TraceRecord, repositories_of
from twosignal_mock.engine.store import Archive, CopyPosition, ProjectRegistry, Store, Transaction

from tests.mock.store_implementations import IMPLEMENTATIONS

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

    store: Store
    before: Sequence[TraceRecord]
    """The traces as they were stored first."""
    traces: Sequence[TraceRecord]

    def placed(self, query: TraceQuery) -> Sequence[TraceRecord]:
        """The traces, where they stood when there were no moves if the query asks for that."""
        if query.moves is None:
            return self.traces
        pairs = zip(self.before, self.traces, strict=True)
        return [now if old.sort_key is None else replace(now, sort_key=old.sort_key) for old, now in pairs]


class Worlds:
    """The worlds of one implementation, each made when it is first asked for."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._open = IMPLEMENTATIONS[kind]
        self._folder = folder
        self._worlds: dict[tuple[str, int], World] = {}
        self._stores: list[Store] = []

    def world(self, named: str, count: int) -> World:
        """The traces of a seed; a third of them changed after they were stored. Another project has others."""
        if (named, count) not in self._worlds:
            first, records = seeded(named, count)
            store = self.empty_store()
            asyncio.run(store.write(1, partial(save, first)))
            asyncio.run(store.write(2, partial(save, first)))
            asyncio.run(store.write(1, partial(change, records)))
            self._worlds[named, count] = World(store, first, records)
        return self._worlds[named, count]

    def empty_store(self) -> Store:
        folder = self._folder / str(len(self._stores))
        folder.mkdir()
        self._stores.append(self._open(folder, [TABLES]))
        return self._stores[-1]

    def close(self) -> None:
        for store in self._stores:
            asyncio.run(store.close())


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def worlds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """Stores of each implementation, closed after the last test."""
    made = Worlds(request.param, tmp_path_factory.mktemp("worlds"))
    yield made
    made.close()


def drawn(chance: random.Random, number: int, named: str) -> TraceRecord:
    shares = (0.5, 0.5, 0.05, 0.005, 0.2, 0.2)
    tags = [tag for tag, share in zip(_TAGS, shares, strict=True) if chance.random() < share]
    if named == "tagged":
        tags.append(f"run {number}")
    return TraceRecord(
        id=chance.choice([f"{number:06d}", f"t-{chance.getrandbits(64):x}", f"\u00e9{number}", f"\U0001f600{number}"]),
        created=chance.randrange(100),
        sort_key=None if chance.random() < 0.02 else -chance.randrange(300),
        name=_MAKES[named](chance, number),
        tags=chance.choice([None, "[]"]) if not tags else orjson.dumps(tags).decode(),
        failed=chance.choice([0, 0, 0, 0, 0, 0, 0, 0, 1, 7]),
    )


def changed(chance: random.Random, trace: TraceRecord, name: str) -> None:
    """As later events change a trace: all that an index holds."""
    trace.name = name
    trace.failed += chance.randrange(2)
    trace.tags = orjson.dumps([chance.choice(_TAGS)]).decode()
    trace.sort_key = -chance.randrange(300)


@cache
def seeded(named: str, count: int) -> tuple[Sequence[TraceRecord], Sequence[TraceRecord]]:
    """The traces of a seed as they are stored first, and as they are after a third of them changed."""
    chance = random.Random(f"{named} {count}")  # noqa: S311 - repeats on purpose
    first = {record.id: record for record in (drawn(chance, n, named) for n in range(count))}
    last = {id_: replace(record) for id_, record in first.items()}
    for record in list(last.values())[::3]:
        changed(chance, record, _MAKES[named](chance, chance.randrange(count)))
    return list(first.values()), list(last.values())


def save(records: Sequence[TraceRecord], transaction: Transaction) -> None:
    traces = repositories_of(transaction).traces
    for record in records:
        traces.save(record)


def change(records: Sequence[TraceRecord], transaction: Transaction) -> None:
    traces = repositories_of(transaction).traces
    for record in records[::3]:
        assert traces.find(record.id) is not None
        traces.save(record)


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
        (trace.sort_key, trace.id.encode(), trace.id)
        for trace in traces
        if trace.sort_key is not None
        and (trace.sort_key, trace.id.encode()) > (query.after[0], query.after[1].encode())
        and trace.sort_key < query.before
        and (query.name is None or query.name in trace.name)
        and (query.failed is None or query.failed == (trace.failed > 0))
        and set(query.tags) <= set(orjson.loads(trace.tags or "[]"))
        and (query.created_until is None or trace.created <= query.created_until)
    ]
    return [id_ for _, _, id_ in sorted(found)[: query.limit]]


def listed(store: Store, query: TraceQuery, project: int = 1) -> Sequence[ListedTrace]:
    return asyncio.run(store.read(project, lambda transaction: repositories_of(transaction).traces.page(query)))


def ids_of(store: Store, query: TraceQuery, project: int = 1) -> list[str]:
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
    _, traces = seeded(named, count)
    begin = draw(st.none() | st.sampled_from(traces))
    query = TraceQuery(
        after=_FIRST
        if begin is None or begin.sort_key is None
        else (begin.sort_key, draw(st.sampled_from([begin.id, ""]))),
        before=draw(st.just(_LAST) | st.integers(-300, 1)),
        limit=draw(st.sampled_from([1, 2, 21, 101])),
        name=draw(st.none() | parts(traces)),
        failed=draw(st.none() | st.booleans()),
        tags=tuple(draw(st.lists(st.sampled_from(_TAGS), max_size=3, unique=True))),
        created_until=draw(st.none() | st.integers(0, 100)),
        moves=draw(st.sampled_from([None, None, 0])),
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
@example(("few", 1500, TraceQuery(_FIRST, _LAST, 101, name="agent", tags=("v2",), failed=True, moves=0)))
@example(("many", 3000, TraceQuery(_FIRST, _LAST, 101, name="zebra", moves=0)))
def test_a_page_holds_what_a_plain_look_at_all_traces_finds(worlds: Worlds, asked: tuple[str, int, TraceQuery]) -> None:
    named, count, query = asked
    there = worlds.world(named, count)

    assert ids_of(there.store, query) == expected(there.placed(query), query)


@pytest.mark.parametrize("count", [8, 9, 10, 5000])
def test_any_number_of_tags_is_asked_for(worlds: Worlds, count: int) -> None:
    store = worlds.empty_store()
    tags = tuple(str(number) for number in range(count))
    record = TraceRecord("t", 0, sort_key=-1, tags=orjson.dumps(tags).decode())
    asyncio.run(store.write(1, partial(save, [record])))

    assert ids_of(store, TraceQuery(_FIRST, _LAST, 21, tags=tags)) == ["t"]
    assert ids_of(store, TraceQuery(_FIRST, _LAST, 21, tags=(*tags, "none"))) == []


@pytest.mark.parametrize(("named", "count"), _WORLDS)
def test_a_page_holds_only_traces_of_its_project(worlds: Worlds, named: str, count: int) -> None:
    store = worlds.world(named, count).store

    assert ids_of(store, TraceQuery(_FIRST, _LAST, 5000, name="agent"), project=3) == []
    assert ids_of(store, TraceQuery(_FIRST, _LAST, 5000), project=3) == []


def copy_some(source: int, position: CopyPosition, transaction: Transaction) -> CopyPosition | None:
    return transaction.rows.copy_some(source, position, 700)


@pytest.mark.parametrize(("named", "count"), [("few", 12), ("many", 3000), ("repeated", 3000)])
def test_copied_and_imported_traces_are_listed_as_those_that_were_ingested(
    worlds: Worlds, named: str, count: int
) -> None:
    _, records = seeded(named, count)
    store = worlds.empty_store()

    async def fill() -> int:
        """Gives the number that the traces are imported under, and copies them under the number 7."""
        registry = await ProjectRegistry.open(store, plan="free")
        made = (await registry.create_project(plan="free")).project
        await store.write(made.number, partial(save, records))
        archive = Archive(store, registry)
        imported = await archive.import_(made, await archive.export(made))
        await registry.close()  # it would remove the copy, which has no owner
        position: CopyPosition | None = CopyPosition()
        while position is not None:
            position = await store.write(7, partial(copy_some, imported.number, position))
        return imported.number

    numbers = (7, asyncio.run(fill()))
    for name in ("agent", "zebra", "t77", "Sup", "\u65e5\u672c\u8a9e"):
        for tags in ((), ("v2",)):
            query = TraceQuery(_FIRST, _LAST, 101, name=name, tags=tags)
            for number in numbers:
                assert ids_of(store, query, number) == expected(records, query)


def test_dropped_rows_leave_no_name_behind(worlds: Worlds) -> None:
    store = worlds.empty_store()
    query = TraceQuery(_FIRST, _LAST, 21, name="zebra")
    for _ in range(3):
        asyncio.run(store.write(1, partial(save, [TraceRecord("t", 0, -1, "a zebra")])))
        assert ids_of(store, query) == ["t"]
        while asyncio.run(store.write(1, lambda transaction: transaction.rows.drop_some(2))):
            pass
        assert ids_of(store, query) == []
        assert asyncio.run(store.read(1, lambda transaction: transaction.rows.numbers())) == []
