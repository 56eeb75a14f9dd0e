"""What is new: event ids and spans that came before are known, in whatever numbers and groups they come."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twosignal_mock.apis.rest.store import (
    TABLES,
    Arrived,
    Repositories,
    SpanRecord,
    TraceEvent,
    TraceQuery,
    TraceRecord,
    repositories_of,
)
from twosignal_mock.engine.store import Store, Transaction

from tests.mock.apis.rest.store import records
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


def event(number: int) -> TraceEvent:
    """Of the trace of its last digit."""
    return TraceEvent(f"t{number % 10}", f"e{number}")


def run(kind: str, work: Callable[[Repositories], T]) -> T:
    """What the work gives on an empty store of a kind."""

    async def on_empty_store() -> T:
        async with opened(kind, [TABLES]) as store:
            return await store.write(1, lambda transaction: work(repositories_of(transaction)))

    return asyncio.run(on_empty_store())


every_kind = pytest.mark.parametrize("kind", IMPLEMENTATIONS)


@every_kind
@given(groups(), st.booleans(), st.sampled_from([event, span]))
@settings(deadline=None)
def test_an_id_is_new_once_in_its_trace(
    kind: str, came: list[list[int]], looks: bool, of: Callable[[int], Arrived]
) -> None:
    def work(repositories: Repositories) -> tuple[list[list[bool]], int]:
        found, seen = [], set[str]()
        for group in came:
            arrived = [of(number) for number in group]
            new = {each.trace for each in arrived} - seen if looks else ()
            known = repositories.spans.add(arrived, new)
            seen |= {each.trace for each in arrived}
            found.append([index not in known for index in range(len(group))])
        kept = [*repositories.spans.all(), *repositories.spans.all_events()]
        assert [each for digit in range(10) for each in repositories.spans.of_trace(f"t{digit}")] == sorted(
            repositories.spans.all(), key=lambda each: (each.trace, each.id)
        )
        return found, len(kept)

    expected = first_seen(came)
    assert run(kind, work) == (expected, sum(map(sum, expected)))


_TEXTS = st.text(
    st.one_of(st.sampled_from("\\\n\r\"n',"), st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    min_size=1,
    max_size=12,
)
"""What the gate lets through: no U+0000, and nothing that is half a character."""


@every_kind
@given(st.lists(_TEXTS, min_size=1, max_size=40, unique=True), st.integers(0, 40), st.booleans())
@settings(deadline=None)
def test_ids_are_told_apart_whatever_they_are_made_of(kind: str, ids: list[str], known: int, spans: bool) -> None:
    def work(repositories: Repositories) -> tuple[list[bool], list[str]]:
        made: list[Arrived] = [
            records.BARE_SPAN._replace(id=id_, detail='["a\nb",\n1]'.replace("a\n", "a"))
            if spans
            else TraceEvent("t1", id_)
            for id_ in ids
        ]
        repositories.spans.add(made[:known])
        old = repositories.spans.add(made)
        kept = [span.id for span in repositories.spans.all()] + [each.event for each in repositories.spans.all_events()]
        return [index not in old for index in range(len(ids))], kept

    assert run(kind, work) == ([index >= known for index in range(len(ids))], sorted(ids))


async def test_what_a_write_before_stored_is_not_new(store: Store) -> None:
    arrived = [arrive(10 * number + 1) for number in range(20) for arrive in (event, span)]

    def work(transaction: Transaction) -> int:
        return len(repositories_of(transaction).spans.add(arrived))

    assert await store.write(1, work) == 0
    assert await store.write(1, work) == 40
    assert await store.write(2, work) == 0


async def test_an_event_of_a_span_that_is_known_is_known_afterwards(store: Store) -> None:
    """The span came by another event: what this one says counts for nothing, and its id is taken."""
    again = records.SPAN._replace(event="e9")

    def work(transaction: Transaction) -> list[Collection[int]]:
        spans = repositories_of(transaction).spans
        return [spans.add([records.SPAN]), spans.add([again]), spans.add([TraceEvent("t1", "e9")])]

    assert await store.write(1, work) == [set(), {0}, {0}]


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
