"""Projects, keys and users: found as they were made, changed one by one, told apart."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from twosignal_mock.engine.store import UNKEYED, Project, ProjectRegistry, Store, TakenError, Transaction

from tests.mock.engine.store.notes import NOTES, Note, notes_of
from tests.mock.engine.store.waiting import until_empty


async def add_note(store: Store, project: Project) -> None:
    await store.write(project.number, lambda transaction: transaction.of(NOTES).notes.add(Note("a")))


async def test_a_made_key_finds_its_project(registry: ProjectRegistry) -> None:
    made = await registry.create_project(plan="pro", name="mine")
    found = registry.find_key(made.api_key)

    assert made.api_key.startswith("ts_")
    assert found is not None
    assert (found.project, found.revoked) == (made.project, False)
    assert made.api_key.endswith(found.tail)
    assert (made.project.name, made.project.plan) == ("mine", "pro")


@pytest.mark.parametrize("key", ["", "ts_never_issued", "TS_", "caf\xe9", "\ud800"])
async def test_a_key_that_was_never_issued_finds_nothing(registry: ProjectRegistry, key: str) -> None:
    await registry.create_project(plan="pro")

    assert registry.find_key(key) is None


async def test_a_revoked_key_is_known_as_revoked_and_the_others_stay(registry: ProjectRegistry) -> None:
    made = await registry.create_project(plan="pro")
    other = await registry.add_key(made.project.id)

    assert await registry.revoke_key(made.project.id, made.api_key)
    assert [key.revoked for key in map(registry.find_key, (made.api_key, other)) if key] == [True, False]


async def test_a_key_of_another_project_cannot_be_revoked(registry: ProjectRegistry) -> None:
    mine, theirs = [await registry.create_project(plan="pro") for _ in range(2)]

    assert not await registry.revoke_key(mine.project.id, theirs.api_key)
    assert (found := registry.find_key(theirs.api_key)) is not None
    assert not found.revoked


@pytest.mark.parametrize(
    ("taken", "field"),
    [({"api_key": "ts_mine"}, "api_key"), ({"email": "Me@Example.com"}, "email")],
    ids=str,
)
async def test_what_must_be_unique_is_refused_the_second_time(
    registry: ProjectRegistry, taken: dict[str, Any], field: str
) -> None:
    await registry.create_project(plan="pro", api_key="ts_mine", email="me@example.com")

    with pytest.raises(TakenError) as refused:
        await registry.create_project(plan="pro", **taken)
    assert refused.value.field == field
    assert len(registry.projects()) == 2


async def test_of_two_requests_for_one_key_at_once_one_gets_it(registry: ProjectRegistry) -> None:
    both = (registry.create_project(plan="pro", api_key="ts_one") for _ in range(2))
    answers = await asyncio.gather(*both, return_exceptions=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["Credentials", "TakenError"]


@pytest.mark.parametrize(
    ("email", "password", "signed_in"),
    [
        ("me@example.com", "secret", True),
        ("ME@example.COM", "secret", True),
        ("me@example.com", "Secret", False),
        ("me@example.com", "", False),
        ("you@example.com", "secret", False),
    ],
)
async def test_who_signs_in_needs_the_password_and_any_case_of_the_address(
    registry: ProjectRegistry, email: str, password: str, *, signed_in: bool
) -> None:
    made = await registry.create_project(plan="pro", email="me@example.com", password="secret")  # noqa: S106 - not one
    user = registry.sign_in(email, password)

    assert (user is not None) == signed_in
    if user is not None:
        assert (user.email, user.project_id) == ("me@example.com", made.project.id)
        assert registry.find_user_by_id(user.id) == user


async def test_a_reset_project_keeps_its_id_and_key_and_loses_its_data(store: Store, registry: ProjectRegistry) -> None:
    made = await registry.create_project(plan="pro")
    await add_note(store, made.project)
    fresh = await registry.reset_project(made.project.id)

    assert (fresh.id, fresh.name, fresh.plan) == (made.project.id, made.project.name, made.project.plan)
    assert fresh.number != made.project.number
    assert (found := registry.find_key(made.api_key)) is not None
    assert found.project == fresh
    assert await store.read(fresh.number, notes_of) == []


def numbers(transaction: Transaction) -> Sequence[int]:
    return transaction.rows.numbers()


async def test_the_rows_of_a_reset_project_are_removed_in_the_background(
    store: Store, registry: ProjectRegistry
) -> None:
    made = await registry.create_project(plan="pro")
    await add_note(store, made.project)
    await registry.reset_project(made.project.id)
    await until_empty(lambda: store.read(0, numbers))


async def test_a_dropped_project_is_gone_with_key_and_user(registry: ProjectRegistry) -> None:
    made = await registry.create_project(plan="pro")

    assert await registry.drop_project(made.project.id)
    assert registry.find_key(made.api_key) is None
    assert registry.find_user(made.email) is None
    assert registry.project(made.project.id) is None
    assert not await registry.drop_project(made.project.id)


async def test_the_project_of_unknown_keys_is_always_there(registry: ProjectRegistry) -> None:
    unkeyed = registry.project(UNKEYED)

    assert unkeyed is not None
    assert not await registry.drop_project(UNKEYED)
    assert registry.project(UNKEYED) == unkeyed


async def test_a_second_registry_of_the_store_knows_the_same(store: Store, registry: ProjectRegistry) -> None:
    made = await registry.create_project(plan="pro", password="secret")  # noqa: S106 - not one
    revoked = await registry.add_key(made.project.id)
    await registry.revoke_key(made.project.id, revoked)
    await registry.reset_project(made.project.id)
    again = await ProjectRegistry.open(store, plan="free")

    assert again.projects() == registry.projects()
    assert [again.find_key(key) for key in (made.api_key, revoked)] == [
        registry.find_key(key) for key in (made.api_key, revoked)
    ]
    assert again.sign_in(made.email, "secret") == registry.find_user(made.email)


async def test_registries_that_share_a_store_agree_on_what_is_taken(store: Store, registry: ProjectRegistry) -> None:
    other = await ProjectRegistry.open(store, plan="free")
    made = await registry.create_project(plan="pro", api_key="ts_mine", email="me@example.com")

    with pytest.raises(TakenError):
        await other.create_project(plan="pro", api_key="ts_mine")
    with pytest.raises(TakenError):
        await other.create_project(plan="pro", email="ME@example.com")
    await other.refresh()
    assert other.project(made.project.id) == made.project
    assert len(other.projects()) == 2


async def test_a_registry_sees_after_a_refresh_what_another_one_changed(
    store: Store, registry: ProjectRegistry
) -> None:
    made = await registry.create_project(plan="pro")
    other = await ProjectRegistry.open(store, plan="free")
    version = other.version
    await registry.revoke_key(made.project.id, made.api_key)
    fresh = await registry.reset_project(made.project.id)
    await other.refresh()

    assert other.version > version
    assert (found := other.find_key(made.api_key)) is not None
    assert (found.project, found.revoked) == (fresh, True)
