"""Runs against an honest dashboard: all is decided, nothing leaks, the same is sent again, and it is tidied up."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest
from twosignal_conformance._apis import checks_by_clause
from twosignal_contract import About

from tests.conformance.apis.dashboard.broken.behaviours import CONTRACT, Behaviour, Good, Server, accepted, procedure
from tests.conformance.apis.dashboard.broken.callers import as_owner, cookie, cookies
from tests.conformance.apis.dashboard.broken.detecting import PEOPLE, people_options
from tests.conformance.apis.dashboard.independent.server import Dashboard
from tests.conformance.projects import Ended, environment, suite
from tests.conformance.servers import Asked, Response, serving

pytestmark = pytest.mark.xdist_group("dashboard")

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TOKEN = re.compile(r"eyJ\.\w+\.x|\"refresh_token\": ?\"\w+\"|Bearer \S+")
MARK = "marked"


@dataclass(frozen=True)
class Ran:
    """A run, what was sent, and the server as it was left."""

    ended: Ended
    asked: Sequence[Asked]
    server: Dashboard

    @property
    def verdicts(self) -> dict[str, str]:
        return {row["id"]: row["verdict"] for row in self.ended.report["clauses"]}


def run(folder: Path, *options: str, people: Sequence[str] | None = None, behaviour: Behaviour | None = None) -> Ran:
    dashboard = Dashboard(PEOPLE)
    good = Server(dashboard.respond)
    with serving(lambda asked: behaviour(asked, good) if behaviour else good.send(asked)) as server:
        who = people_options() if people is None else people
        words = ["server", server.url, "--api", "dashboard", *who, "--settle", "1", "--fail-on", "should"]
        ended = suite(folder, *words, "--json", "r.json", "--html", "r.html", "--ledger", "l.jsonl", *options)
    return Ran(ended, server.asked, dashboard)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of the profile standard with everybody."""
    return run(tmp_path_factory.mktemp("whole"), "--run-id", MARK, "--seed", "5")


def test_every_clause_about_servers_is_decided(whole: Ran) -> None:
    assert whole.ended.code == 0, whole.ended.out[-3000:] + whole.ended.err
    left = {row["id"] for row in whole.ended.report["clauses"] if row["verdict"] not in ("pass", "observed")}
    untestable = {row.id for row in CONTRACT.clauses.values() if row.about is About.SERVER and row.untestable}
    larger = {row["id"] for row in whole.ended.report["clauses"] if row["remedy"] == "run with --profile thorough"}
    assert left == untestable | larger
    assert larger == {"evaluators.model.scale", "evaluators.model.absent"}


def test_every_clause_that_can_be_tested_names_its_checks() -> None:
    wanted = {row.id for row in CONTRACT.clauses.values() if row.about is About.SERVER and not row.untestable}
    assert wanted == checks_by_clause("dashboard").keys()


def test_no_output_holds_a_password_a_token_or_a_key(whole: Ran) -> None:
    secrets = {password for _, password in PEOPLE.values()}
    secrets |= {row["plain"] for row in whole.server.state.rows["apiKey"].values()}
    for asked in whole.asked:
        secrets |= set(re.findall(r"Bearer (\S+)", asked.headers.get("authorization", "")))
        secrets |= set(re.findall(r"eyJ\.\w+\.x", asked.headers.get("cookie", "")))
    written = [path.read_text(encoding="utf-8") for path in whole.ended.folder.iterdir() if path.is_file()]
    texts = [*written, whole.ended.out, whole.ended.err]
    assert len(secrets) > len(PEOPLE)
    assert not [secret for secret in secrets for text in texts if secret in text]


def test_what_is_made_is_marked_and_announced_and_goes_again(whole: Ran) -> None:
    kept = whole.server.state.rows
    assert not kept["project"]
    assert not whole.server.access
    assert {row["role"] for row in kept["membership"].values()} == {"OWNER"}
    assert all(MARK in row["name"] for row in kept["organization"].values())
    told = suite(whole.ended.folder, "left", "l.jsonl").out
    assert len(kept["organization"]) == sum(line.startswith("organization\t") for line in told.splitlines())
    assert {line.partition("\t")[0] for line in told.splitlines() if "\t" in line} == {"organization"}
    assert {line.rpartition("\t")[2] for line in told.splitlines() if "\t" in line} == {"--user", "none"}
    most = re.search(r"sends at most ([\d,]+) requests, (\d+) organizations", whole.ended.out)
    assert most
    assert len(kept["organization"]) <= int(most[2])
    assert len(whole.asked) <= int(most[1].replace(",", ""))


def sent(ran: Ran) -> list[str]:
    """What was sent, polls collapsed, and what the server made numbered in the order of its coming."""
    met: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"<{met.setdefault(match[0], len(met))}>"

    lines = []
    for asked in ran.asked:
        text = f"{asked.method} {asked.path}?{asked.query} {asked.headers.get('cookie')} {asked.body.decode()}"
        lines.append(UUID.sub(number, TOKEN.sub("<token>", text)))
    return [line for line, _ in groupby(lines)]


def test_the_same_seed_and_run_id_send_the_same(tmp_path: Path) -> None:
    options = (
        "--run-id",
        "same",
        "--seed",
        "3",
        "--now",
        "2026-12-01T06:00:00Z",
        "--only",
        "keys",
        "--only",
        "projects",
    )
    first, second = (run(_made(tmp_path / name), *options) for name in ("one", "two"))
    assert first.ended.code == 0, first.ended.out[-2000:]
    assert sent(first) == sent(second)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_a_run_that_is_read_only_reads_what_is_there(tmp_path: Path) -> None:
    dashboard = Dashboard(PEOPLE)
    (email, (person, password)), *_ = PEOPLE.items()
    with serving(dashboard.respond) as server:
        own = run_with(server.url, tmp_path, "--user", f"{email}:{password}", "--only", "datasets.create")
        assert own.code == 0
        made = dashboard.state.add("organization", name="Ours", plan="FREE")
        dashboard.state.add("membership", organizationId=made["id"], userId=person, email=email, role="OWNER")
        dashboard.state.add("project", organizationId=made["id"], name="Site", description=None)
        dashboard.access["eyJ.given.x"] = person
        server.asked.clear()
        given = 'sb-x-auth-token={"access_token": "eyJ.given.x"}'
        ended = run_with(server.url, tmp_path, "--cookie", given, "--read-only")
    assert {asked.method for asked in server.asked} == {"GET"}
    verdicts = {row["id"]: row["verdict"] for row in ended.report["clauses"]}
    assert ended.code == 0, ended.out[-2000:]
    for clause in (
        "organizations.list.fields",
        "projects.list.fields",
        "usage.month.fields",
        "sessions.cookie.missing",
    ):
        assert verdicts[clause] == "pass", clause
    assert verdicts["datasets.create.listed"] == "untested"
    assert "eyJ.given.x" not in ended.out + json.dumps(ended.report)


def test_a_run_works_in_the_organization_that_is_named(tmp_path: Path) -> None:
    dashboard = Dashboard(PEOPLE)
    person, _ = next(iter(PEOPLE.values()))
    own = dashboard.state.add("organization", name="Ours", plan="TEAM")
    dashboard.state.add("membership", organizationId=own["id"], userId=person, email="", role="OWNER")
    with serving(dashboard.respond) as server:
        ended = run_with(
            server.url, tmp_path, *people_options()[:2], "--organization", own["id"], "--only", "datasets.create"
        )
    assert ended.code == 0
    assert list(dashboard.state.rows["organization"]) == [own["id"]]
    assert not dashboard.state.rows["project"]


def run_with(url: str, folder: Path, *options: str) -> Ended:
    return suite(folder, "server", url, "--api", "dashboard", "--settle", "1", "--json", "r.json", *options)


@pytest.mark.parametrize(
    ("people", "code", "told"),
    [
        ((), 2, "nobody to judge as: give --user"),
        (("--user", "ann@independent.example"), 2, "--user: expected EMAIL:PASSWORD"),
        (("--user", "ann@independent.example:p", "--webhook", "here"), 2, "--webhook: expected HOST:PORT"),
        (("--user", "ann@independent.example:p", "--cookie", "none"), 2, "--cookie: expected NAME=VALUE"),
        (("--user", "ann@independent.example:wrong password"), 4, "the sign-in of --user is answered with 401"),
    ],
)
def test_who_does_not_get_in_is_told_why(tmp_path: Path, people: Sequence[str], code: int, told: str) -> None:
    ran = run(tmp_path, people=people)
    assert ran.ended.code == code
    assert told in ran.ended.out + ran.ended.err
    assert "wrong password" not in ran.ended.out + ran.ended.err


def test_without_another_person_roles_are_untested_and_the_remedy_is_told(tmp_path: Path) -> None:
    ran = run(tmp_path, "--only", "roles", "--only", "projects.access", people=people_options()[:2])
    assert ran.ended.code == 0
    rows = {row["id"]: row for row in ran.ended.report["clauses"]}
    assert rows["roles.viewer.no-edit"]["remedy"] == "give --other-user"
    assert rows["roles.owner.creator"]["verdict"] == rows["projects.access.unknown"]["verdict"] == "pass"


def once_a_member(asked: Asked, good: Good) -> Response:
    """Whoever was let to edit once may switch evaluators for ever."""
    cookies(asked, good)
    editors: set[str] = good.memory.setdefault("editors", set())
    if procedure(asked) == "evaluator.update" and cookie(asked) in editors:
        return as_owner("evaluator.update")(asked, good)
    response = good.send(asked)
    if procedure(asked) == "dataset.create" and accepted(response):
        editors.add(cookie(asked))
    return response


def test_the_model_finds_what_only_an_order_of_calls_shows(tmp_path: Path) -> None:
    good = Server(Dashboard(PEOPLE).respond)
    with serving(lambda asked: once_a_member(asked, good)) as server:
        names = ("USER", "OTHER_USER", "THIRD_USER")
        given = dict(zip(names, people_options()[1::2], strict=True)) | {"API": "dashboard", "URL": server.url}
        given |= {"SEED": "1", "SETTLE": "1", "FAIL_ON": "should", "LEDGER": str(tmp_path / "l.jsonl")}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs", "twosignal_conformance"]
        ended = subprocess.run(
            [*command, "-k", "any_order_of_calls"],
            cwd=tmp_path,
            env=environment(**{f"TWOSIGNAL_CONFORMANCE_{name}": value for name, value in given.items()}),
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 1, ended.stdout[-2000:] + ended.stderr[-2000:]
    assert "1 failed" in ended.stdout
    assert "roles.viewer.no-edit (should)" in ended.stdout or "projects.access.things (should)" in ended.stdout
    assert "the other person is" in ended.stdout
