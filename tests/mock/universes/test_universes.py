"""Universes: one for each project, apart from one another, and new after a reset."""

from dataclasses import replace

import pytest
from twosignal_mock._call import Project
from twosignal_mock.contract import Contract
from twosignal_mock.universes import Attempt, Universes, parse_clock

NOON = "2026-01-31T12:00:00Z"


@pytest.fixture
def project(plan: str) -> Project:
    return Project(3, "an-id", "checkout", plan)


@pytest.fixture
def universes(contract: Contract) -> Universes:
    return Universes(contract, clock=parse_clock(NOON))


def test_a_project_has_one_universe(universes: Universes, project: Project) -> None:
    universe = universes.of(project)
    assert universes.of(project) is universe
    assert universes.by_id(project.id) is universe
    assert list(universes) == [universe]
    assert len(universes) == 1


def test_universes_share_nothing(universes: Universes, project: Project, operation: str) -> None:
    first, second = universes.of(project), universes.of(replace(project, number=4, id="other", name="search"))
    first.clock.advance(1)
    first.faults.add({"kind": "reset"})
    first.journal.record(Attempt("GET", "/things", 200, first.clock.now(), 0.0, 0.0))
    first.ledger.stored(["e"])
    first.next_ordinal(operation)
    first.window("key").take(first.clock.now())
    assert second.clock.now() == parse_clock(NOON).at
    assert (len(second.faults), len(second.journal), len(second.ledger)) == (0, 0, 0)
    assert second.next_ordinal(operation) == 1
    assert first.new_id() != second.new_id()


def test_ordinals_count_each_operation(
    universes: Universes, project: Project, operation: str, other_operation: str
) -> None:
    universe = universes.of(project)
    ordinals = [universe.next_ordinal(name) for name in (operation, operation, other_operation)]
    assert ordinals == [1, 2, 1]


def test_a_dropped_universe_is_new_when_its_project_calls_again(universes: Universes, project: Project) -> None:
    first_id = universes.of(project).new_id()
    assert universes.drop(project.id)
    assert not universes.drop(project.id)
    assert universes.by_id(project.id) is None
    assert universes.of(project).new_id() == first_id


def test_a_universe_goes_on_when_the_rows_of_its_project_were_replaced(universes: Universes, project: Project) -> None:
    universe = universes.of(project)
    moved = replace(project, number=9)
    assert universes.of(moved) is universe
    assert universe.project is moved
    # A request that found its key before, and comes late.
    assert universes.of(project) is universe
    assert universe.project is moved
    assert universes.drop(project.id)
    assert list(universes) == []


def test_the_same_seed_and_name_give_the_same_ids_in_another_server(contract: Contract, project: Project) -> None:
    def ids(seed: int, salt: str = "") -> list[str]:
        universe = Universes(contract, seed=seed, salt=salt).of(project)
        return [universe.new_id() for _ in range(3)]

    assert ids(1) == ids(1)
    assert not set(ids(1)) & {*ids(2), *ids(1, "second run")}
