"""What is new: event ids and spans that came before are known, in whatever numbers and groups they come."""

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st
from twosignal_mock.engine.store import MemoryStore, SpanRecord, Store, TraceRecord, Transaction

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


def run(work: object) -> object:
    """What the work gives on an empty store, as soon as it can: a store in memory never waits."""
    try:
        MemoryStore().write(1, work).send(None)  # type: ignore[arg-type]
    except StopIteration as end:
        return end.value
    raise AssertionError("a store in memory waited")


@given(groups())
@settings(deadline=None)
def test_an_event_id_is_new_once(came: list[list[int]]) -> None:
    def work(transaction: Transaction) -> list[list[bool]]:
        claims = [transaction.traces.claim([f"e{number}" for number in group]) for group in came]
        return [[index not in old for index in range(len(group))] for group, old in zip(came, claims, strict=True)]

    assert run(work) == first_seen(came)


_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
"""What the gate lets through: no U+0000, and nothing that is half a character."""


@given(st.lists(_TEXTS, min_size=8, max_size=40, unique=True), st.integers(0, 8))
@settings(deadline=None)
def test_event_ids_are_told_apart_whatever_they_are_made_of(ids: list[str], known: int) -> None:
    def work(transaction: Transaction) -> list[bool]:
        transaction.traces.claim(ids[:known])
        old = transaction.traces.claim(ids)
        return [index not in old for index in range(len(ids))]

    assert run(work) == [index >= known for index in range(len(ids))]


@given(groups(), st.booleans())
@settings(deadline=None)
def test_a_span_is_new_once_in_its_trace(came: list[list[int]], looks: bool) -> None:
    def work(transaction: Transaction) -> tuple[list[list[bool]], int]:
        found = []
        for group in came:
            if looks:
                for number in group:
                    transaction.traces.find(f"t{number % 10}")
            old = transaction.traces.add_spans([span(number) for number in group])
            found.append([index not in old for index in range(len(group))])
        return found, sum(len(transaction.traces.spans(f"t{digit}")) for digit in range(10))

    expected = first_seen(came)
    assert run(work) == (expected, sum(map(sum, expected)))


async def test_what_a_write_before_stored_is_not_new(store: Store) -> None:
    def work(transaction: Transaction) -> tuple[int, int]:
        trace = transaction.traces.find("t1") or TraceRecord("t1", 0)
        events = transaction.traces.claim([f"e{number}" for number in range(20)])
        spans = transaction.traces.add_spans([span(10 * number + 1) for number in range(20)])
        transaction.traces.save(trace)
        return len(events), len(spans)

    assert await store.write(1, work) == (0, 0)
    assert await store.write(1, work) == (20, 20)
    assert await store.write(2, work) == (0, 0)
