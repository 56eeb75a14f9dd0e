"""Ids repeat for the same seed, sandbox and order of calls, and are UUIDs."""

import uuid

import pytest
from twosignal_mock.engine.sandbox import IdSource


def taken(source: IdSource, count: int = 100) -> list[str]:
    return [source() for _ in range(count)]


def test_ids_are_distinct_uuids_of_version_4() -> None:
    ids = taken(IdSource(0, "checkout"), 1000)
    assert len(set(ids)) == len(ids)
    for text in ids:
        parsed = uuid.UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 4, uuid.RFC_4122)


def test_the_same_seed_and_name_give_the_same_ids() -> None:
    assert taken(IdSource(7, "checkout")) == taken(IdSource(7, "checkout"))


@pytest.mark.parametrize(
    "other", [IdSource(8, "checkout"), IdSource(7, "search"), IdSource(7, "checkout", "second run")],
    ids=["seed", "name", "salt"],
)  # fmt: skip
def test_another_seed_name_or_salt_gives_other_ids(other: IdSource) -> None:
    assert not set(taken(IdSource(7, "checkout"))) & set(taken(other))


def test_a_branch_gives_other_ids_and_the_same_ones_each_time() -> None:
    first, second = IdSource(7, "checkout"), IdSource(7, "checkout")
    first.branch("import")
    second.branch("import")
    ids = taken(first)
    assert ids == taken(second)
    assert not set(ids) & set(taken(IdSource(7, "checkout")))
