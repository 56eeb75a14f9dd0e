"""What a write promises, whatever keeps it: all or nothing, its own errors, seen by whoever reads after it."""

import asyncio
from collections.abc import Callable, Collection, Sequence

import pytest
from twosignal_mock.engine.store import Store, Transaction

from tests.mock.engine.store.notes import NOTES, Note, notes_of


class RefusedError(Exception):
    """What a work raises here."""


def adds(*ids: str) -> Callable[[Transaction], tuple[str, ...]]:
    def work(transaction: Transaction) -> tuple[str, ...]:
        for note_id in ids:
            transaction.of(NOTES).notes.add(Note(note_id))
        return ids

    return work


def refuses_after(note_id: str) -> Callable[[Transaction], None]:
    def work(transaction: Transaction) -> None:
        transaction.of(NOTES).notes.add(Note(note_id))
        raise RefusedError(note_id)

    return work


async def ids_of(store: Store, project: int = 1) -> list[str]:
    return [note.id for note in await store.read(project, notes_of)]


async def test_a_write_gives_what_its_work_returns(store: Store) -> None:
    assert await store.write(1, adds("a", "b")) == ("a", "b")


async def test_a_read_after_a_write_sees_it(store: Store) -> None:
    await store.write(1, adds("a"))

    assert await ids_of(store) == ["a"]


async def test_a_write_raises_what_its_work_raises_and_keeps_nothing(store: Store) -> None:
    with pytest.raises(RefusedError, match="a"):
        await store.write(1, refuses_after("a"))

    assert await ids_of(store) == []


@pytest.mark.parametrize("together", [(), range(5), range(1, 4)], ids=["none", "all", "some"])
async def test_writes_of_one_moment_are_kept_or_refused_each_by_itself(store: Store, together: Collection[int]) -> None:
    """Also those that are carried out together."""

    def all_of(ids: Sequence[str], transaction: Transaction) -> Sequence[tuple[str, ...]]:
        for note_id in ids:
            transaction.of(NOTES).notes.add(Note(note_id))
            if note_id in "bd":
                raise RefusedError(note_id)
        return [(note_id,) for note_id in ids]

    works = {"a": adds("a"), "b": refuses_after("b"), "c": adds("c"), "d": refuses_after("d"), "e": adds("e")}
    writes = (
        store.write_together(1, all_of, name) if number in together else store.write(1, work)
        for number, (name, work) in enumerate(works.items())
    )
    answers = await asyncio.gather(*writes, return_exceptions=True)

    assert [type(answer) for answer in answers] == [tuple, RefusedError, tuple, RefusedError, tuple]
    assert sorted(await ids_of(store)) == ["a", "c", "e"]


async def test_writes_of_one_kind_that_come_together_are_one_work_for_each_project(store: Store) -> None:
    seen: list[Sequence[int]] = []

    def doubled(numbers: Sequence[int], transaction: Transaction) -> Sequence[int]:
        seen.append(numbers)
        for number in numbers:
            transaction.of(NOTES).notes.add(Note(str(number)))
        return [2 * number for number in numbers]

    answers = await asyncio.gather(*(store.write_together(number // 5, doubled, number) for number in range(10)))

    assert answers == [2 * number for number in range(10)]
    assert seen == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert [await ids_of(store, project) for project in (0, 1)] == [
        ["0", "1", "2", "3", "4"],
        ["5", "6", "7", "8", "9"],
    ]


async def test_what_waits_to_be_written_together_is_written_before_a_hold_and_before_the_end(store: Store) -> None:
    done: list[str] = []

    def notes(ids: Sequence[str], _: Transaction) -> Sequence[None]:
        done.extend(ids)
        return [None] * len(ids)

    first = asyncio.ensure_future(store.write_together(1, notes, "first"))
    await asyncio.sleep(0)
    with store.hold(1):
        await store.write(2, lambda _: done.append("copied"))
    last = asyncio.ensure_future(store.write_together(1, notes, "last"))
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(first, last)
    assert done == ["first", "copied", "last"]


async def test_a_work_sees_the_works_before_it(store: Store) -> None:
    def counts(transaction: Transaction) -> int:
        transaction.of(NOTES).notes.add(Note("x"))
        return len(notes_of(transaction))

    assert await asyncio.gather(*(store.write(1, counts) for _ in range(10))) == list(range(1, 11))


async def test_more_writes_than_any_queue_holds_are_all_answered(store: Store) -> None:
    many = 3000
    await asyncio.gather(*(store.write(1, adds(str(number))) for number in range(many)))

    assert sorted(map(int, await ids_of(store))) == list(range(many))


async def test_a_project_sees_nothing_of_another(store: Store) -> None:
    await store.write(1, adds("mine"))
    await store.write(2, adds("theirs"))

    assert (await ids_of(store, 1), await ids_of(store, 2)) == (["mine"], ["theirs"])


async def test_a_caller_that_stops_waiting_disturbs_nobody(store: Store) -> None:
    gone = asyncio.ensure_future(store.write(1, adds("gone")))
    stays = asyncio.ensure_future(store.write(1, adds("stays")))
    await asyncio.sleep(0)
    gone.cancel()

    assert await stays == ("stays",)
    assert "stays" in await ids_of(store)


async def test_a_read_sees_one_state_and_the_next_one_what_was_written_since(store: Store) -> None:
    await store.write(1, adds("a"))
    for written in ("b", "c", "d"):
        before = await ids_of(store)
        assert await ids_of(store) == before

        await store.write(1, adds(written))

        assert await ids_of(store) == [*before, written]
