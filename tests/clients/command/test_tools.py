"""Beyond the page: calls of anything, the doctor, completion, input from files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clients.command.conftest import THREE, Place, Scripted
from tests.clients.command.programs import Program, sweep


def test_a_procedure_is_called_without_envelopes(three: Place) -> None:
    given = json.dumps({"organizationId": three.organization, "months": 2})
    history = three.program.run("api", "get", "usage.getHistory", "--input", given).json
    assert history[-1]["traceCount"] + history[0]["traceCount"] >= 3
    assert three.program.run("api", "get", "/api/trpc/organization.list").json[0]["id"] == three.organization
    rows = three.program.run("api", "get", "organization.list", "--output", "jsonl").text.splitlines()
    assert json.loads(rows[0])["id"] == three.organization


def test_a_procedure_with_the_other_method_is_said_to_have_it(three: Place) -> None:
    done = three.program.run("api", "get", "project.create")
    assert (done.code, "twosignal api post project.create" in done.err) == (2, True)


def test_an_unknown_procedure_is_asked_of_the_server(three: Place) -> None:
    done = three.program.run("api", "get", "no.such")
    assert (done.code, done.out) == (1, "")
    assert "No such procedure" in done.err


def test_a_path_of_the_rest_api_takes_its_key(three: Place) -> None:
    listed = three.program.run("api", "get", "/api/v1/traces?limit=1", "--api-key", three.api_key).json
    assert json.dumps(listed).count(str(THREE[0]["id"])) == 1
    program = three.program.with_variables(TWOSIGNAL_API_KEY=three.api_key)
    assert program.run("api", "get", "/api/v1/traces").json
    refused = three.program.run("api", "get", "/api/v1/traces")
    assert (refused.code, "TWOSIGNAL_API_KEY" in refused.err) == (1, True)


@pytest.mark.parametrize("path", ["", "a b", "../x", "/api/v1/x y", "/\x1b[31m", "ü", "x\ny", "a/b"])
def test_a_path_that_is_none_is_wrong_use(path: str, three: Place) -> None:
    done = three.program.run("api", "get", path)
    assert (done.code, done.out, "\x1b" in done.err) == (2, "", False)


NO_JSON = {"begun": "{", "NaN": "NaN", "no file": "@/no/such/file", "deep": "[" * 100_000, "long": "9" * 5000}


@pytest.mark.parametrize("given", NO_JSON)
def test_input_that_is_no_json_is_wrong_use(given: str, three: Place) -> None:
    sweep(given)
    done = three.program.run("datasets", "add-item", "d", "--project", "p", "--input", NO_JSON[given])
    assert (done.code, done.out, "Traceback" in done.err) == (2, "", False)


def test_input_comes_from_a_file_or_from_standard_input(place: Place, tmp_path: Path) -> None:
    project = ("--project", place.project)
    dataset = place.program.run("datasets", "create", *project, "-n", "x", "--json").json["id"]
    (tmp_path / "input.json").write_text('{"a": 1}', encoding="utf-8")
    add = ("datasets", "add-item", dataset, *project, "--input")
    assert place.program.run(*add, f"@{tmp_path / 'input.json'}").code == 0
    assert place.program.run(*add, "-", stdin="[2]").code == 0
    items = place.program.run("datasets", "get", dataset, *project, "--json").json["items"]
    assert [item["input"] for item in items] == [{"a": 1}, [2]]


def test_the_doctor_finds_everything_well(three: Place) -> None:
    found = {row["check"]: row for row in three.program.run("doctor", "--json").json}
    assert [row["ok"] for row in found.values()] == [True] * 5
    assert found["address"]["detail"] == f"{three.sandbox.url} (from {three.program.configuration_file})"
    assert three.sandbox.email in found["session"]["detail"]


def test_the_doctor_says_what_is_wrong_and_fails(place: Place, program: Program, scripted: Scripted) -> None:
    def failed(other: Program, *options: str) -> list[str]:
        done = other.run("doctor", "--json", *options)
        assert (done.code, "Traceback" in done.err) == (1, False)
        return [row["check"] for row in json.loads(done.out) if not row["ok"]]

    assert failed(program) == ["server"]
    assert failed(program, "--url", scripted({"status": 200, "body": "<html>"})[0]) == ["server"]
    assert failed(program.with_variables(TWOSIGNAL_URL=place.sandbox.url)) == ["session"]
    place.program.session_file.write_text("{", encoding="utf-8")
    assert failed(place.program) == ["files", "session"]
    place.program.configuration_file.write_text("{", encoding="utf-8")
    assert failed(place.program) == ["address"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("twosignal tra", ["traces"]),
        ("twosignal traces list --sta", ["--status"]),
        ("twosignal traces list --status E", ["ERROR"]),
    ],
)
def test_a_shell_completes_commands_options_and_values(words: str, found: list[str], program: Program) -> None:
    variables = {"_TWOSIGNAL_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert program.with_variables(**variables).run().text.split() == found
