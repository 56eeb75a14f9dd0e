"""What a write promises, whatever keeps it: all or nothing, its own errors, seen by whoever reads after it."""

import asyncio
from collections.abc import Callable, Collection

import pytest
from twosignal_mock.store import Reader, ScoreRecord, Store, Transaction


class RefusedError(Exception):
    """What a work raises here."""


def score(score_id: str) -> ScoreRecord:
    return ScoreRecord(score_id, "trace", None, "accuracy", 0.5, None, None, 0)


def adds(*ids: str) -> Callable[[Transaction], tuple[str, ...]]:
    def work(transaction: Transaction) -> tuple[str, ...]:
        for score_id in ids:
            transaction.scores.add(score(score_id))
        return ids

    return work


def refuses_after(score_id: str) -> Callable[[Transaction], None]:
    def work(transaction: Transaction) -> None:
        transaction.scores.add(score(score_id))
        raise RefusedError(score_id)

    return work


def ids_of(store: Store, project: int = 1) -> list[str]:
    def work(reader: Reader) -> list[str]:
        return [found.id for found in reader.scores.of_trace("trace")]

    return store.read(project, work)


async def test_a_write_gives_what_its_work_returns(store: Store) -> None:
    assert await store.write(1, adds("a", "b")) == ("a", "b")


async def test_a_read_after_a_write_sees_it(store: Store) -> None:
    await store.write(1, adds("a"))

    assert ids_of(store) == ["a"]


async def test_a_write_raises_what_its_work_raises_and_keeps_nothing(store: Store) -> None:
    with pytest.raises(RefusedError, match="a"):
        await store.write(1, refuses_after("a"))

    assert ids_of(store) == []


@pytest.mark.parametrize("repeatable", [(), range(5), range(1, 4)], ids=["none", "all", "some"])
async def test_writes_of_one_moment_are_kept_or_refused_each_by_itself(
    store: Store, repeatable: Collection[int]
) -> None:
    """Also those that may be run again."""
    works = (adds("a"), refuses_after("b"), adds("c"), refuses_after("d"), adds("e"))
    writes = (store.write(1, work, repeatable=number in repeatable) for number, work in enumerate(works))
    answers = await asyncio.gather(*writes, return_exceptions=True)

    assert [type(answer) for answer in answers] == [tuple, RefusedError, tuple, RefusedError, tuple]
    assert ids_of(store) == ["a", "c", "e"]


async def test_a_work_sees_the_works_before_it(store: Store) -> None:
    def counts(transaction: Transaction) -> int:
        transaction.scores.add(score("x"))
        return len(transaction.scores.of_trace("trace"))

    assert await asyncio.gather(*(store.write(1, counts) for _ in range(10))) == list(range(1, 11))


async def test_more_writes_than_any_queue_holds_are_all_answered(store: Store) -> None:
    many = 3000
    await asyncio.gather(*(store.write(1, adds(str(number))) for number in range(many)))

    assert sorted(map(int, ids_of(store))) == list(range(many))


async def test_a_project_sees_nothing_of_another(store: Store) -> None:
    await store.write(1, adds("mine"))
    await store.write(2, adds("theirs"))

    assert (ids_of(store, 1), ids_of(store, 2)) == (["mine"], ["theirs"])


async def test_a_caller_that_stops_waiting_disturbs_nobody(store: Store) -> None:
    gone = asyncio.ensure_future(store.write(1, adds("gone")))
    stays = asyncio.ensure_future(store.write(1, adds("stays")))
    await asyncio.sleep(0)
    gone.cancel()

    assert await stays == ("stays",)
    assert "stays" in ids_of(store)


async def test_a_read_sees_one_state_and_the_next_one_what_was_written_since(store: Store) -> None:
    await store.write(1, adds("a"))
    for written in ("b", "c", "d"):
        before = ids_of(store)
        assert ids_of(store) == before

        await store.write(1, adds(written))

        assert ids_of(store) == [*before, written]
