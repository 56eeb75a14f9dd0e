"""The documentation of the command line (seed 002), sentence by sentence, against the mock."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from twosignal_mock import MockServer

from tests.clients.command.conftest import THREE, Place, log_in
from tests.clients.command.programs import Program, shell

COMMANDS = {
    "login": "--email -e --password -p --url",
    "logout": "",
    "whoami": "",
    "orgs list": "",
    "orgs create": "",
    "projects list": "--org",
    "projects create": "--org",
    "traces list": "--project --status --search --limit --all",
    "traces get": "--project",
    "traces tail": "--project",
    "evaluators list": "--project",
    "evaluators create": "--project --name -n --type",
    "evaluators toggle": "--project --enable --disable",
    "evaluators delete": "--project --yes -y",
    "datasets list": "--project",
    "datasets create": "--project --name -n",
    "datasets get": "--project",
    "datasets add-item": "--project --input",
    "datasets delete": "--project --yes -y",
    "api-keys list": "--project",
    "api-keys create": "--project --name -n",
    "api-keys revoke": "--project --yes -y",
    "usage": "--org",
    "api get": "",
    "api post": "",
    "doctor": "",
}
"""Every command, with the options that its page shows."""
GROUPS = ("", "orgs", "projects", "traces", "evaluators", "datasets", "api-keys", "api")
EVERYWHERE = ("--help", "--json", "--url", "--output")


@pytest.mark.parametrize("command", [*COMMANDS, *GROUPS])
def test_every_command_explains_itself_and_has_the_options_that_all_have(command: str, program: Program) -> None:
    text = program.run(*command.split(), "--help").text
    assert text.startswith(f"Usage: twosignal {command}".rstrip())
    words = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text))
    assert {*EVERYWHERE, *COMMANDS.get(command, "").split()} <= words


def test_there_is_no_command_that_this_table_does_not_name(program: Program) -> None:
    found = {
        name: re.findall(r"^  ([a-z-]+)", program.run(*name.split(), "--help").text.split("Commands:")[1], re.MULTILINE)
        for name in GROUPS
    }
    assert {f"{group} {name}".strip() for group, names in found.items() for name in names} - set(GROUPS) == set(
        COMMANDS
    )


# --- Authentication, configuration, sessions -------------------------------------------------------------------------


def test_login_prompts_for_email_and_password(place: Place) -> None:
    place.program.session_file.unlink()
    with place.program.terminal("login") as terminal:
        terminal.wait_for("E-mail: ")
        terminal.type(f"{place.sandbox.email}\n")
        terminal.wait_for("Password: ")
        terminal.type(f"{place.sandbox.password}\n")
        assert terminal.end() == 0
    assert f"Logged in as {place.sandbox.email}" in terminal.seen
    assert place.sandbox.password not in terminal.seen
    assert place.program.session["user_email"] == place.sandbox.email


def test_credentials_are_passed_inline(place: Place) -> None:
    done = place.program.run("login", "-e", place.sandbox.email, "-p", place.sandbox.password)
    assert done.text == f"Logged in as {place.sandbox.email} at {place.sandbox.url}\n"


def test_without_a_terminal_login_reads_what_is_missing_from_standard_input(place: Place) -> None:
    lines = f"{place.sandbox.email}\n{place.sandbox.password}\n"
    assert place.program.run("login", "--json", stdin=lines).json["email"] == place.sandbox.email
    assert place.program.run("login", stdin="").code == 2


def test_login_connects_to_a_self_hosted_instance_and_later_commands_use_it(place: Place) -> None:
    assert json.loads(place.program.configuration_file.read_text()) == {"api_url": place.sandbox.url}
    assert place.program.run("whoami", "--json").json["api_url"] == place.sandbox.url


def test_whoami_checks_the_session_at_the_server(place: Place) -> None:
    found = place.program.run("whoami", "--json").json
    assert (found["email"], found["api_url"]) == (place.sandbox.email, place.sandbox.url)
    assert [row["id"] for row in found["organizations"]] == [place.organization]
    assert place.sandbox.email in place.program.run("whoami").text
    place.program.change_session(access_token="no.such.token", refresh_token="none")  # noqa: S106 - no secret
    assert place.program.run("whoami").err.startswith("Error: Authentication expired\n")


def test_logout_tells_the_server_and_then_deletes_the_session(place: Place) -> None:
    before = place.program.session
    assert place.program.run("logout").text == "Logged out\n"
    assert not place.program.session_file.exists()
    refresh = httpx.post(f"{place.sandbox.url}/api/v1/auth/refresh", json={"refresh_token": before["refresh_token"]})
    assert refresh.status_code == 401
    assert place.program.run("logout").text == "You were not logged in\n"
    assert "Run `twosignal login`" in place.program.run("orgs", "list").err


def test_the_config_file_is_created_on_first_login_and_kept_by_a_later_one(place: Place, tmp_path: Path) -> None:
    program = Program(tmp_path / "another", {"TWOSIGNAL_URL": place.sandbox.url})
    program.home.mkdir()
    given = ("-e", place.sandbox.email, "-p", place.sandbox.password)
    assert program.run("login", *given).code == 0
    assert json.loads(program.configuration_file.read_text()) == {"api_url": place.sandbox.url}
    program.configuration_file.write_text('{"api_url": "http://127.0.0.1:1", "more": 1}')
    assert "still names http://127.0.0.1:1" in program.run("login", *given).err
    assert json.loads(program.configuration_file.read_text()) == {"api_url": "http://127.0.0.1:1", "more": 1}
    assert program.run("login", *given, "--url", f"{place.sandbox.url}/").code == 0
    assert json.loads(program.configuration_file.read_text()) == {"api_url": place.sandbox.url, "more": 1}


@pytest.mark.parametrize("counts", ["option", "variable", "file"])
def test_the_address_is_that_of_url_then_the_variable_then_the_file_then_the_default(counts: str, place: Place) -> None:
    nowhere, here = "http://127.0.0.1:1", place.sandbox.url
    place.program.configuration_file.write_text(json.dumps({"api_url": here if counts == "file" else nowhere}))
    variables = {"variable": here, "option": nowhere}.get(counts, "")
    program = place.program.with_variables(TWOSIGNAL_URL=variables)
    option = ["--url", here] if counts == "option" else []
    assert program.run("orgs", "list", "--json", *option).json[0]["id"] == place.organization


def test_the_default_address_is_that_of_the_page(place: Place) -> None:
    place.program.configuration_file.unlink()
    said = place.program.run("orgs", "list").err
    assert "not of https://app.twosignal.dev (from the default)" in said


def test_an_expired_access_token_is_refreshed_without_a_word(place: Place) -> None:
    before = place.program.session
    place.sandbox.clock.advance(3601)
    done = place.program.run("orgs", "list", "--json")
    assert (len(done.json), done.err) == (1, "")
    assert place.program.session["refresh_token"] != before["refresh_token"]


def test_a_login_is_needed_again_when_the_refresh_token_has_expired_too(place: Place) -> None:
    place.sandbox.clock.advance(400 * 86400)
    done = place.program.run("orgs", "list")
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[:3] == [
        "Error: Authentication expired",
        "Cause: Both access and refresh tokens have expired",
        "Fix: Run `twosignal login` again",
    ]


# --- Commands ---------------------------------------------------------------------------------------------------------


def test_organizations_are_listed_and_created(place: Place) -> None:
    made = place.program.run("orgs", "create", "My Org", "--json").json
    listed = place.program.run("orgs", "list", "--json").json
    assert [row["name"] for row in listed if row["id"] == made["id"]] == ["My Org"]
    assert re.match(r"ID +Name +Plan +Role +Members\n─+\n", place.program.run("orgs", "list").text)


def test_projects_are_listed_and_created(place: Place) -> None:
    made = place.program.run("projects", "create", "My Project", "--org", place.organization, "--json").json
    assert made["id"] in place.program.run("projects", "list", "--org", place.organization).text
    assert {place.project, made["id"]} == {row["id"] for row in place.program.run("projects", "list", "--json").json}


def test_traces_are_listed_filtered_and_shown(three: Place) -> None:
    def ids(*options: str) -> list[str]:
        return [
            row["id"]
            for row in three.program.run("traces", "list", "--project", three.project, "--json", *options).json
        ]

    assert ids() == [trace["id"] for trace in THREE]
    assert ids("--status", "ERROR") == [THREE[1]["id"]]
    assert len(ids("--search", "support")) == 3
    assert ids("--search", "no-such-agent") == []
    shown = three.program.run("traces", "get", str(THREE[0]["id"]), "--project", three.project).text
    assert "LLM answer" in shown
    assert re.search(r"^quality +0.9  pass$", shown, re.MULTILINE)


def test_evaluators_are_created_toggled_and_deleted(place: Place) -> None:
    def command(*words: str) -> Any:
        return place.program.run("evaluators", *words, "--project", place.project, "--json").json

    made = command("create", "-n", "Has JSON", "--type", "JSON_SCHEMA")
    assert (made["name"], made["type"]) == ("Has JSON", "JSON_SCHEMA")
    command("toggle", made["id"], "--disable")
    assert [row["enabled"] for row in command("list")] == [False]
    command("toggle", made["id"], "--enable")
    assert [row["enabled"] for row in command("list")] == [True]
    command("delete", made["id"], "-y")
    assert command("list") == []


def test_datasets_are_created_filled_shown_and_deleted(place: Place) -> None:
    def command(*words: str) -> Any:
        return place.program.run("datasets", *words, "--project", place.project, "--json").json

    made = command("create", "-n", "Test Cases")
    item = command("add-item", made["id"], "--input", '{"prompt": "Hi"}')
    nothing = command("add-item", made["id"], "--input", "null", "--expected", '"x"')
    shown = command("get", made["id"])
    assert [(row["id"], row["input"], row["expected_output"]) for row in shown["items"]] == [
        (item["id"], {"prompt": "Hi"}, None),
        (nothing["id"], None, "x"),
    ]
    assert [row["item_count"] for row in command("list")] == [2]
    assert '{"prompt": "Hi"}' in place.program.run("datasets", "get", made["id"], "--project", place.project).text
    command("delete", made["id"], "-y")
    assert command("list") == []


def test_api_keys_are_created_and_revoked_and_the_key_is_one(place: Place) -> None:
    def command(*words: str) -> Any:
        return place.program.run("api-keys", *words, "--project", place.project, "--json").json

    def status(key: str) -> int:
        return httpx.get(f"{place.sandbox.url}/api/v1/traces", headers={"Authorization": f"Bearer {key}"}).status_code

    made = command("create", "-n", "CI Pipeline")
    assert status(made["key"]) == 200
    (listed,) = [row for row in command("list") if row["id"] == made["id"]]
    assert (listed["name"], listed["revoked_at"], "key" in listed) == ("CI Pipeline", None, False)
    command("revoke", made["id"], "-y")
    assert status(made["key"]) == 401


def test_usage_says_what_was_used_and_what_the_plan_allows(three: Place) -> None:
    used = three.program.run("usage", "--org", three.organization, "--json").json
    assert used["traces_used"] == 3
    assert used["traces_limit"] > 3
    assert re.search(
        r"^Traces +3 of [0-9,]+ \(0\.0%\)$", three.program.run("usage", "--org", three.organization).text, re.MULTILINE
    )


QUESTIONS = {
    "evaluators delete": ("evaluators", "create", "-n", "x", "--type", "contains"),
    "datasets delete": ("datasets", "create", "-n", "x"),
    "api-keys revoke": ("api-keys", "create", "-n", "x"),
}


@pytest.mark.parametrize("command", QUESTIONS)
def test_nothing_is_deleted_without_y_or_a_yes(command: str, place: Place) -> None:
    project = ("--project", place.project)
    made = place.program.run(*QUESTIONS[command], *project, "--json").json["id"]
    listing = (command.split(maxsplit=1)[0], "list", *project, "--json")
    before = place.program.run(*listing).json
    assert place.program.run(*command.split(), made, *project).code == 2
    with place.program.terminal(*command.split(), made, *project) as terminal:
        terminal.wait_for("[y/N]: ")
        terminal.type("n\n")
        assert terminal.end() == 1
    assert place.program.run(*listing).json == before
    with place.program.terminal(*command.split(), made, *project) as terminal:
        terminal.wait_for("[y/N]: ")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert place.program.run(*listing).json != before


# --- Output formats ---------------------------------------------------------------------------------------------------


def test_the_table_of_traces_is_that_of_the_page(three: Place) -> None:
    lines = three.program.run("traces", "list", "--project", three.project).text.splitlines()
    assert re.split(r" {2,}", lines[0]) == ["ID", "Status", "Duration", "Cost", "Created"]
    assert set(lines[1]) == {"─"}
    assert [re.split(r" {2,}", line) for line in lines[2:]] == [
        ["a1b2c3d4-e5f6-7890-abcd-ef1234567890", "OK", "1.2s", "$0.003", "2 min ago"],
        ["f9e8d7c6-b5a4-3210-fedc-ba0987654321", "ERROR", "4.8s", "$0.012", "5 min ago"],
        ["11223344-5566-7788-99aa-bbccddeeff00", "OK", "0.8s", "$0.001", "12 min ago"],
    ]


def test_the_json_of_traces_is_that_of_the_page_with_the_scores_that_its_snippet_reads(three: Place) -> None:
    rows = three.program.run("traces", "list", "--project", three.project, "--json").json
    assert [list(row)[:5] for row in rows] == [["id", "status", "duration_ms", "cost_usd", "created_at"]] * 3
    assert (rows[0]["id"], rows[0]["status"], rows[0]["duration_ms"], rows[0]["cost_usd"]) == (
        "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "OK", 1200, 0.003,
    )  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", rows[0]["created_at"])
    scores = [[(score["name"], score["score"], score["label"]) for score in row["scores"]] for row in rows]
    assert scores == [[("quality", 0.9, "pass")], [("quality", 0.2, "fail")], []]


# --- Error handling ---------------------------------------------------------------------------------------------------

PROJECT_NOT_FOUND = (
    "Error: Project not found",
    "Cause: Invalid project ID or you don't have access",
    "Fix: Check the ID with `twosignal projects list`",
)


@pytest.mark.parametrize("command", ["traces list", "evaluators list", "datasets list", "api-keys list"])
def test_an_unknown_project_is_not_found(command: str, three: Place) -> None:
    done = three.program.run(*command.split(), "--project", "no-such-project")
    assert (done.code, done.out, tuple(done.err.splitlines()[:3])) == (1, "", PROJECT_NOT_FOUND)


def test_another_unknown_thing_is_named_as_what_it_is(three: Place) -> None:
    done = three.program.run("traces", "get", "no-such-trace", "--project", three.project)
    assert done.err.splitlines()[0] == "Error: Trace not found"
    assert "twosignal traces list" in done.err


def test_too_many_requests_are_said_to_be_that(place: Place) -> None:
    place.sandbox.faults.add("status", status=429, operations=["organization.list"])
    done = place.program.run("orgs", "list")
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[:3] == [
        "Error: Rate limited",
        "Cause: Too many API requests in a short window",
        "Fix: Wait a few seconds and retry",
    ]


@pytest.mark.parametrize("source", ["--url", "TWOSIGNAL_URL", "config.json"])
def test_a_refused_connection_names_the_url_and_where_it_came_from(source: str, place: Place) -> None:
    nowhere = "http://127.0.0.1:1"
    place.program.change_session(api_url=nowhere)
    program = place.program.with_variables(TWOSIGNAL_URL=nowhere) if source == "TWOSIGNAL_URL" else place.program
    if source == "config.json":
        program.configuration_file.write_text(json.dumps({"api_url": nowhere}))
    done = program.run("orgs", "list", *(["--url", nowhere] if source == "--url" else []))
    lines = done.err.splitlines()
    assert (done.code, done.out, lines[0]) == (1, "", "Error: Connection refused")
    assert re.match(rf"Cause: Cannot reach the API server at {nowhere} \(from .*{source}\)", lines[1])
    assert lines[2] == "Fix: Check your --url or TWOSIGNAL_URL setting"


def test_what_the_role_does_not_allow_is_denied(place: Place, tmp_path: Path) -> None:
    viewer = Program(tmp_path / "viewer")
    viewer.home.mkdir()
    email, password = place.another_user()
    member = json.dumps({"organizationId": place.organization, "email": email, "role": "VIEWER"})
    assert place.program.run("api", "post", "organization.addMember", "--input", member).code == 0
    assert viewer.run("login", "-e", email, "-p", password, "--url", place.sandbox.url).code == 0
    done = viewer.run("evaluators", "create", "--project", place.project, "-n", "x", "--type", "LENGTH")
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[:3] == [
        "Error: Permission denied",
        "Cause: Your role does not allow this action",
        "Fix: Contact your organization admin",
    ]


# --- Scripting, CI/CD -------------------------------------------------------------------------------------------------

ERROR_TRACES = """\
# check for error traces in CI
ERROR_COUNT=$(twosignal traces list --project $PROJECT_ID --status ERROR --json | \\
  python -c "import sys,json; print(len(json.load(sys.stdin)))")

if [ "$ERROR_COUNT" -gt "0" ]; then
  echo "Found $ERROR_COUNT error traces"
  exit 1
fi
"""
LOW_SCORES = """\
# fail the pipeline if any evaluator scored below 0.5
SCORES=$(twosignal traces list --project $PROJECT_ID --json | \\
  python -c "
import sys, json
traces = json.load(sys.stdin)
low = [t for t in traces if any(s.get('score', 1) < 0.5 for s in t.get('scores', []))]
print(len(low))
")

if [ "$SCORES" -gt "0" ]; then
  echo "Found $SCORES traces with low evaluator scores"
  exit 1
fi
"""
DEPLOYMENT_KEY = """\
# create a deployment-specific API key
API_KEY=$(twosignal api-keys create --project $PROJECT_ID \\
  -n "deploy-$(date +%Y%m%d-%H%M%S)" --json | \\
  python -c "import sys,json; print(json.load(sys.stdin)['key'])")

# pass to your application
echo "TWOSIGNAL_API_KEY=$API_KEY" >> .env.production
"""
USAGE = """\
# check if usage is approaching the plan limit
twosignal usage --org $ORG_ID --json | \\
  python -c "
import sys, json
usage = json.load(sys.stdin)
pct = usage['traces_used'] / usage['traces_limit'] * 100
print(f'Usage: {pct:.1f}%')
if pct > 90:
    print('WARNING: approaching trace limit')
    exit(1)
"
"""


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        (ERROR_TRACES, 1, "Found 1 error traces\n"),
        (LOW_SCORES, 1, "Found 1 traces with low evaluator scores\n"),
        (USAGE, 0, "Usage: 0.0%\n"),
    ],
    ids=["error traces", "low scores", "usage"],
)
def test_the_snippets_of_the_page_run_as_printed(
    script: str, code: int, said: str, three: Place, tmp_path: Path
) -> None:
    done = shell(three.program, script, tmp_path, PROJECT_ID=three.project, ORG_ID=three.organization)
    assert (done.code, done.out, done.err) == (code, said, "")


@pytest.mark.parametrize("script", [ERROR_TRACES, LOW_SCORES], ids=["error traces", "low scores"])
def test_the_snippets_of_the_page_let_a_pipeline_pass_where_all_is_well(
    script: str, place: Place, tmp_path: Path
) -> None:
    place.ingest(THREE[0])
    place.score(str(THREE[0]["id"]), "quality", 0.9)
    done = shell(place.program, script, tmp_path, PROJECT_ID=place.project)
    assert (done.code, done.out, done.err) == (0, "", "")


def test_the_snippet_of_a_deployment_writes_a_key_that_works(place: Place, tmp_path: Path) -> None:
    assert shell(place.program, DEPLOYMENT_KEY, tmp_path, PROJECT_ID=place.project).code == 0
    name, key = (tmp_path / ".env.production").read_text().strip().split("=", 1)
    assert name == "TWOSIGNAL_API_KEY"
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{place.sandbox.url}/api/v1/traces", headers=headers).status_code == 200


# --- Any instance -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["command-line", "terminal-interface"])
def test_a_server_that_follows_the_other_sources_is_read_as_well(spelling: str, tmp_path: Path) -> None:
    dialect = {
        "error-shape": "plain", "list-shape": "object", "procedure-spelling": spelling, "cost-type": "number",
        "trace-name-filter": "search" if spelling == "command-line" else "name",
    }  # fmt: skip
    with MockServer(dialect=dialect) as server, server.sandbox("command-dialects") as sandbox:
        place = log_in(sandbox, tmp_path / "home")
        project = ("--project", place.project)
        place.ingest({**THREE[0], "name": "one"}, {**THREE[1], "name": "other"})
        place.score(str(THREE[0]["id"]), "quality", 0.9)
        (row,) = place.program.run("traces", "list", *project, "--search", "one", "--json").json
        assert (row["id"], row["cost_usd"], row["scores"][0]["score"]) == (THREE[0]["id"], 0.003, 0.9)
        assert place.program.run("traces", "get", str(THREE[1]["id"]), *project, "--json").json["name"] == "other"
        dataset = place.program.run("datasets", "create", "-n", "x", *project, "--json").json["id"]
        assert place.program.run("datasets", "get", dataset, *project, "--json").json["items"] == []
        for command in ("datasets", "evaluators", "api-keys"):
            assert place.program.run(command, "list", *project).code == 0
        assert place.program.run("usage", "--org", place.organization, "--json").json["traces_used"] == 2
        done = place.program.run("datasets", "list", "--project", "no-such-project")
        assert tuple(done.err.splitlines()[:3]) == PROJECT_NOT_FOUND
        assert place.program.run("traces", "get", "nope", *project).err.startswith("Error: Trace not found\n")
