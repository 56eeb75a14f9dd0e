"""/api/v1/prompt-templates: pushes, versions, listings."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twosignal_mock.apis.rest._templates import find_variables

from tests.mock.apis.rest.desk import Desk


def template(name: str = "greeting", content: str = "Hello {{name}}", **rest: Any) -> dict[str, Any]:
    return {"name": name, "content": content, **rest}


async def push(desk: Desk, **fields: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await desk.ask("pushPromptTemplate", template(**fields)))["data"]
    return answer


async def listed(desk: Desk) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await desk.ask("getPromptTemplates"))["data"]
    return rows


async def test_a_new_name_gets_version_1() -> None:
    desk = await Desk.open()
    made = await push(desk, variables=["name"], commitMessage="First")
    assert made["version"]["version"] == 1
    assert {key: made["version"][key] for key in ("content", "variables", "commitMessage", "createdAt")} == {
        "content": "Hello {{name}}",
        "variables": ["name"],
        "commitMessage": "First",
        "createdAt": "2026-03-14T12:00:00.000Z",
    }


async def test_a_name_that_exists_gets_the_next_version_and_keeps_its_id() -> None:
    desk = await Desk.open()
    first, second, third = [await push(desk) for _ in range(3)]
    assert [made["version"]["version"] for made in (first, second, third)] == [1, 2, 3]
    assert first["id"] == second["id"] == third["id"]
    assert len({made["version"]["id"] for made in (first, second, third)}) == 3


async def test_pushes_at_the_same_time_get_different_versions_without_a_gap() -> None:
    desk = await Desk.open()
    made = await asyncio.gather(*(push(desk, content=f"{number}") for number in range(20)))
    assert sorted(row["version"]["version"] for row in made) == list(range(1, 21))


async def test_what_was_pushed_is_resolved_as_it_was_answered() -> None:
    desk = await Desk.open()
    made = [await push(desk, content=f"version {number}") for number in range(1, 4)]
    assert (await desk.ask("getPromptTemplates", name="greeting"))["data"] == made[-1]
    for number, row in enumerate(made, 1):
        assert (await desk.ask("getPromptTemplates", name="greeting", version=number))["data"] == row


async def test_a_listing_has_every_template_by_name_with_its_latest_version() -> None:
    desk = await Desk.open()
    for name in ("b", "a", "Ä", "B"):
        await push(desk, name=name, description=f"about {name}")
    desk.now += 1500
    await push(desk, name="b")
    rows = await listed(desk)
    assert [row["name"] for row in rows] == ["B", "a", "b", "Ä"]
    newest = rows[2]
    assert (newest["latestVersion"], newest["createdAt"], newest["updatedAt"], newest["description"]) == (
        2,
        "2026-03-14T12:00:00.000Z",
        "2026-03-14T12:00:01.500Z",
        "about b",
    )


async def test_a_description_that_is_sent_again_replaces_the_old_one() -> None:
    desk = await Desk.open()
    await push(desk, description="old")
    await push(desk, description="new")
    await push(desk, description=None)
    assert [row["description"] for row in await listed(desk)] == ["new"]


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({"name": "other"}, ("unknown-resource", "template not found: other")),
        ({"name": "other", "version": 1}, ("unknown-resource", "template not found: other")),
        ({"name": "greeting", "version": 2}, ("unknown-resource", "template version not found: greeting version 2")),
        ({"version": 1}, ("invalid-value", "version: names a version of no template; send name as well")),
    ],
)
async def test_what_cannot_be_resolved_is_refused(parameters: dict[str, Any], refusal: tuple[str, str]) -> None:
    desk = await Desk.open()
    await push(desk)
    assert await desk.refused("getPromptTemplates", **parameters) == refusal


async def test_a_template_belongs_to_one_project() -> None:
    desk = await Desk.open()
    mine = await push(desk)
    other = await desk.other_project()
    assert await listed(other) == []
    theirs = await push(other, content="theirs")
    assert theirs["version"]["version"] == 1
    assert theirs["id"] != mine["id"]
    assert (await desk.ask("getPromptTemplates", name="greeting"))["data"] == mine


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", []),
        ("Hello {{name}}, about {{topic}} and {{name}}", ["name", "topic"]),
        ("{{ spaced }} {{\ttabbed\t}}", ["spaced", "tabbed"]),
        ("{{user.name}} {{user-id}} {{größe}} {{a_1}}", ["user.name", "user-id", "größe", "a_1"]),
        ("{name} {{}} {{ }} {{two words}} {{open", []),
        ("{{{triple}}}", ["triple"]),
        ("{{a\n}}", []),
    ],
)
@pytest.mark.parametrize("sent", [{}, {"variables": None}], ids=["absent", "null"])
async def test_variables_that_are_not_sent_are_found(content: str, found: list[str], sent: dict[str, Any]) -> None:
    desk = await Desk.open()
    assert (await push(desk, content=content, **sent))["version"]["variables"] == found


async def test_variables_that_are_sent_stay_as_they_are() -> None:
    desk = await Desk.open()
    assert (await push(desk, variables=[]))["version"]["variables"] == []
    assert (await push(desk, variables=["b", "a", "b"]))["version"]["variables"] == ["b", "a", "b"]


@given(st.lists(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)))
def test_every_variable_is_found_once_in_the_order_of_first_use(names: list[str]) -> None:
    assert find_variables(" ".join(f"{{{{{name}}}}}" for name in names)) == tuple(dict.fromkeys(names))
