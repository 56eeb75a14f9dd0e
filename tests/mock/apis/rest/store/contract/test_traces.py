"""What is new: event ids and spans that came before are known, in whatever numbers and groups they come."""

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twosignal_mock.apis.rest.store import TABLES, Repositories, SpanRecord, TraceQuery, TraceRecord, repositories_of
from twosignal_mock.engine.store import Store, Transaction

from tests.mock.store_implementations import IMPLEMENTATIONS, opened

T = TypeVar("T")

_SIZES = st.sampled_from([1, 2, 7, 8, 9, 30])
"""A store may treat few at once in another way than many."""


@st.composite
def groups(draw: st.DrawFn) -> list[list[int]]:
    """Numbers in groups, some of them again."""
    sizes = draw(st.lists(_SIZES, min_size=1, max_size=4))
    highest = draw(st.sampled_from([3, 40, 10_000]))
    return [draw(st.lists(st.integers(0, highest), min_size=size, max_size=size)) for size in sizes]


def first_seen(groups: Iterable[list[int]]) -> list[list[bool]]:
    seen: set[int] = set()
    return [[number not in seen and not seen.add(number) for number in group] for group in groups]  # type: ignore[func-returns-value]


def span(number: int) -> SpanRecord:
    """Of the trace of its last digit."""
    return SpanRecord(f"t{number % 10}", f"s{number}", None, None, "step", "LLM", 1, 2, False, 0, None, "{}")


def run(kind: str, work: Callable[[Repositories], T]) -> T:
    """What the work gives on an empty store of a kind."""

    async def on_empty_store() -> T:
        async with opened(kind, [TABLES]) as store:
            return await store.write(1, lambda transaction: work(repositories_of(transaction)))

    return asyncio.run(on_empty_store())


every_kind = pytest.mark.parametrize("kind", IMPLEMENTATIONS)


@every_kind
@given(groups())
@settings(deadline=None)
def test_an_event_id_is_new_once(kind: str, came: list[list[int]]) -> None:
    def work(repositories: Repositories) -> list[list[bool]]:
        claims = [repositories.traces.claim([f"e{number}" for number in group]) for group in came]
        return [[index not in old for index in range(len(group))] for group, old in zip(came, claims, strict=True)]

    assert run(kind, work) == first_seen(came)


_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
"""What the gate lets through: no U+0000, and nothing that is half a character."""


@every_kind
@given(st.lists(_TEXTS, min_size=8, max_size=40, unique=True), st.integers(0, 8))
@settings(deadline=None)
def test_event_ids_are_told_apart_whatever_they_are_made_of(kind: str, ids: list[str], known: int) -> None:
    def work(repositories: Repositories) -> list[bool]:
        repositories.traces.claim(ids[:known])
        old = repositories.traces.claim(ids)
        return [index not in old for index in range(len(ids))]

    assert run(kind, work) == [index >= known for index in range(len(ids))]


@every_kind
@given(groups(), st.booleans())
@settings(deadline=None)
def test_a_span_is_new_once_in_its_trace(kind: str, came: list[list[int]], looks: bool) -> None:
    def work(repositories: Repositories) -> tuple[list[list[bool]], int]:
        found = []
        for group in came:
            if looks:
                for number in group:
                    repositories.traces.find(f"t{number % 10}")
            old = repositories.traces.add_spans([span(number) for number in group])
            found.append([index not in old for index in range(len(group))])
        return found, sum(len(repositories.traces.spans(f"t{digit}")) for digit in range(10))

    expected = first_seen(came)
    assert run(kind, work) == (expected, sum(map(sum, expected)))


async def test_what_a_write_before_stored_is_not_new(store: Store) -> None:
    def work(transaction: Transaction) -> tuple[int, int]:
        traces = repositories_of(transaction).traces
        trace = traces.find("t1") or TraceRecord("t1", 0)
        events = traces.claim([f"e{number}" for number in range(20)])
        spans = traces.add_spans([span(10 * number + 1) for number in range(20)])
        traces.save(trace)
        return len(events), len(spans)

    assert await store.write(1, work) == (0, 0)
    assert await store.write(1, work) == (20, 20)
    assert await store.write(2, work) == (0, 0)


@every_kind
@pytest.mark.parametrize("begins_with_page", [True, False])
def test_a_transaction_knows_of_every_move_before_it(kind: str, begins_with_page: bool) -> None:
    everything = TraceQuery(after=(-(1 << 62), ""), before=1 << 62, limit=10)

    def place(sort_key: int) -> Callable[[Transaction], None]:
        def work(transaction: Transaction) -> None:
            traces = repositories_of(transaction).traces
            trace = traces.find("t1") or TraceRecord("t1", 0)
            trace.sort_key = sort_key
            traces.save(trace)

        return work

    def count(transaction: Transaction) -> int:
        traces = repositories_of(transaction).traces
        if begins_with_page:
            traces.page(everything)
        return traces.moves()

    async def counts() -> list[int]:
        found: list[int] = []
        async with opened(kind, [TABLES]) as store:
            for number in range(5):
                await store.write(1, place(number))
                await store.write(2, place(0))  # another project, which has no moves
                found += [await store.read(1, count), await store.read(1, count), await store.read(2, count)]
        return found

    assert asyncio.run(counts()) == [count for number in range(5) for count in (number, number, 0)]
