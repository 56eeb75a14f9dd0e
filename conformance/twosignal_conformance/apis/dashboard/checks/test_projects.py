"""Projects are created, renamed and deleted."""

from __future__ import annotations

from twosignal_conformance.apis.dashboard.checks import ApiClient, Desk, Judge, TestData, covers, rest
from twosignal_conformance.apis.dashboard.checks.desk import PROJECTS
from twosignal_conformance.apis.dashboard.checks.stage import made, new_key


@covers(
    "projects.create.listed",
    "projects.create.description",
    "projects.update.name",
    "projects.delete.gone",
    "projects.delete.keys",
)
def test_a_project_from_its_beginning_to_its_end(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Created with a description, given a key, renamed, and deleted."""
    desk = Desk(client, judge, data)
    name, new, about = data.name("project"), data.name("project"), data.name("about")
    identifier, _ = desk.create(PROJECTS, {"name": name, "description": about})
    made(client).projects.append((identifier, name, {}))
    shown = desk.shown(PROJECTS, identifier)
    desk.check_member("projects.create.listed", shown, "name", name)
    if shown.row:
        desk.check_member("projects.create.description", shown, "description", about)
    desk.done("project.update", {"projectId": identifier, "name": new})
    shown = desk.shown(PROJECTS, identifier, lambda shown: shown.get("name") == new)
    desk.check_member("projects.update.name", shown, "name", new)
    key, _ = new_key(client, identifier, data.name("key"))
    exchange = desk.done("project.delete", {"projectId": identifier})
    shown = desk.shown(PROJECTS, identifier, lambda shown: not shown.row)
    desk.check("projects.delete.gone", not shown.row, "not listed", "still listed", (exchange, shown.exchange))
    refused, seen = rest.refuses(client, key["key"])
    desk.check("projects.delete.keys", refused, "its key is refused", f"status {seen.status}", seen)
