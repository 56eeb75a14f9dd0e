"""Sandboxes: one for each project, apart from one another, and new after a reset."""

from dataclasses import replace

import pytest
from twosignal_contract import Contract
from twosignal_mock.engine.api import Project
from twosignal_mock.engine.sandbox import Attempt, Sandboxes, parse_clock

from tests.mock.engine.sandbox.conftest import window_of

NOON = "2026-01-31T12:00:00Z"


@pytest.fixture
def project(plan: str) -> Project:
    return Project(3, "an-id", "checkout", plan)


@pytest.fixture
def sandboxes(contract: Contract) -> Sandboxes:
    return Sandboxes([contract], clock=parse_clock(NOON))


def test_a_project_has_one_sandbox(sandboxes: Sandboxes, project: Project) -> None:
    sandbox = sandboxes.of(project)
    assert sandboxes.of(project) is sandbox
    assert sandboxes.by_id(project.id) is sandbox
    assert list(sandboxes) == [sandbox]
    assert len(sandboxes) == 1


def test_sandboxes_share_nothing(sandboxes: Sandboxes, project: Project, operation: str) -> None:
    first, second = sandboxes.of(project), sandboxes.of(replace(project, number=4, id="other", name="search"))
    first.clock.advance(1)
    first.faults.add({"kind": "reset"})
    first.journal.record(Attempt("GET", "/things", 200, first.clock.now(), 0.0, 0.0))
    first.ledger.stored(["e"])
    first.next_ordinal(operation)
    window_of(first, "key").take(first.clock.now())
    assert second.clock.now() == parse_clock(NOON).at
    assert (len(second.faults), len(second.journal), len(second.ledger)) == (0, 0, 0)
    assert second.next_ordinal(operation) == 1
    assert first.new_id() != second.new_id()


def test_ordinals_count_each_operation(
    sandboxes: Sandboxes, project: Project, operation: str, other_operation: str
) -> None:
    sandbox = sandboxes.of(project)
    ordinals = [sandbox.next_ordinal(name) for name in (operation, operation, other_operation)]
    assert ordinals == [1, 2, 1]


def test_a_dropped_sandbox_is_new_when_its_project_calls_again(sandboxes: Sandboxes, project: Project) -> None:
    first_id = sandboxes.of(project).new_id()
    assert sandboxes.drop(project.id)
    assert not sandboxes.drop(project.id)
    assert sandboxes.by_id(project.id) is None
    assert sandboxes.of(project).new_id() == first_id


def test_a_sandbox_goes_on_when_the_rows_of_its_project_were_replaced(sandboxes: Sandboxes, project: Project) -> None:
    sandbox = sandboxes.of(project)
    moved = replace(project, number=9)
    assert sandboxes.of(moved) is sandbox
    assert sandbox.project is moved
    # A request that found its key before, and comes late.
    assert sandboxes.of(project) is sandbox
    assert sandbox.project is moved
    assert sandboxes.drop(project.id)
    assert list(sandboxes) == []


def test_the_same_seed_and_name_give_the_same_ids_in_another_server(contract: Contract, project: Project) -> None:
    def ids(seed: int, salt: str = "") -> list[str]:
        sandbox = Sandboxes([contract], seed=seed, salt=salt).of(project)
        return [sandbox.new_id() for _ in range(3)]

    assert ids(1) == ids(1)
    assert not set(ids(1)) & {*ids(2), *ids(1, "second run")}
