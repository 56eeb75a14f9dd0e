"""What is printed: in every form, for every width, and harmless whatever a server sends."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from twosignal_contract import load_contract
from twosignal_mock import MockServer

from tests.clients.command.conftest import THREE, Place, Scripted, log_in
from tests.clients.command.programs import CONTRACT, Done, Program

HOSTILE = "\x1b[31mred\x1b]0;title\x07 \r\n\x9b2J \u202egnp.exe \u2066 \x00 \ud800 é 日本 👩‍👩‍👧"
"""Escape sequences, a line break, characters that turn the direction, one half of a pair, and harmless ones."""


Printed = Callable[..., Done]


@pytest.fixture
def printed(known: Program, scripted: Scripted) -> Printed:
    """Runs a command that gets this result of a procedure."""

    def run(result: Any, *arguments: str) -> Done:
        url, _ = scripted(answer(result))
        return known.run(*arguments, "--url", url)

    return run


def answer(result: Any, *, failing: bool = False) -> Mapping[str, Any]:
    """The response of a procedure with this result, or with this error."""
    body = json.dumps({"error": {"json": result}} if failing else {"result": {"data": {"json": result}}})
    return {"status": 400 if failing else 200, "headers": {"Content-Type": "application/json"}, "body": body}


def page(**fields: Any) -> dict[str, Any]:
    """A page with one trace."""
    trace = {
        "id": "t", "name": "n", "status": "OK", "durationMs": 1, "totalTokens": 0, "totalCost": "0",
        "createdAt": "2026-03-14T10:30:00Z", "scores": [],
    }  # fmt: skip
    return {"traces": [trace | fields], "nextCursor": None}


def harmless(text: str) -> bool:
    """Whether a terminal shows all of it and obeys none."""
    return not [
        sign for sign in text if sign != "\n" and unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")
    ] and not (set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"))


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_a_hostile_name_is_harmless_in_every_form(form: str, printed: Printed) -> None:
    project = {"id": "p", "name": HOSTILE, "description": HOSTILE, "createdAt": HOSTILE}
    done = printed([project], "projects", "list", "--org", "o", "--output", form)
    assert harmless(done.text)
    assert "é 日本 👩‍👩‍👧" in done.out
    if form.startswith("json"):
        found = json.loads(done.out)
        assert (found[0] if form == "json" else found)["name"] == HOSTILE
    else:
        assert r"\x1b[31mred\x1b]0;title\x07 \r\n\x9b2J \u202egnp.exe" in done.out
    if form == "table":
        assert len(done.out.splitlines()) == 3


def test_a_hostile_trace_is_harmless(printed: Printed) -> None:
    span = {"id": "s", "name": HOSTILE, "type": HOSTILE, "status": HOSTILE, "model": HOSTILE, "errorMessage": HOSTILE}
    score = {"evaluatorName": HOSTILE, "value": HOSTILE, "label": HOSTILE, "reasoning": HOSTILE}
    trace = {**page()["traces"][0], "name": HOSTILE, "tags": [HOSTILE], "spans": [span], "scores": [score]}
    assert harmless(printed(trace, "traces", "get", "t", "--project", "p").text)
    assert printed(trace, "traces", "get", "t", "--project", "p", "--json").json["spans"][0]["name"] == HOSTILE


def test_a_hostile_error_is_harmless(known: Program, scripted: Scripted) -> None:
    error = {"message": HOSTILE * 100, "data": {"code": HOSTILE}}
    done = known.run("orgs", "list", "--url", scripted(answer(error, failing=True))[0])
    assert (done.code, harmless(done.err), len(done.err) < 3000) == (1, True, True)


CELLS: Mapping[str, tuple[str, Mapping[Any, str]]] = {
    "durationMs": (
        "Duration",
        {1200: "1.2s", 0: "0ms", 45: "45ms", 100: "0.1s", 59_949: "59.9s", 65_000: "1m 5s", 3_720_000: "1h 2m",
         None: "-", "x": "-", 1e300: "", -5: "-5ms", True: "-"},
    ),
    "totalCost": (
        "Cost",
        {"0.003": "$0.003", 0.012: "$0.012", "0": "$0.000", "0.00012": "$0.00012", "0.000005": "$0.0000050",
         1234.5: "$1,234.500", None: "-", "NaN": "-", "1e999": "-", "x": "-", "0.0034": "$0.003"},
    ),
    "createdAt": (
        "Created",
        {"2020-01-02T03:04:05Z": "2020-01-02", "2999-01-02T03:04:05Z": "2999-01-02 03:04", "x": "x", None: "-",
         "0001-01-01T00:00:00+14:00": "0001-01-01T00:00:00+14:00", 5: "5"},
    ),
}  # fmt: skip
"""By the field of a trace: the column, and what it shows for a value; an empty text is not looked at."""


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, (_, cells) in CELLS.items() for value in cells])
def test_values_are_shown_as_on_the_page(field: str, value: Any, printed: Printed) -> None:
    title, cells = CELLS[field]
    head, _, row = printed(page(**{field: value}), "traces", "list", "--project", "p").text.splitlines()
    column = re.split(r" {2,}", head).index(title)
    assert not cells[value] or re.split(r" {2,}", row)[column] == cells[value]


FIELDS = ("id", "name", "status", "durationMs", "totalCost", "createdAt", "tags", "_count", "spans", "scores")


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("field", FIELDS)
def test_a_field_may_hold_anything(field: str, form: str, printed: Printed) -> None:
    value: Any
    for value in ({}, [], 1, "x", None, True, [1], [{}]):
        trace = {**page()["traces"][0], "spans": [{}], "scores": [{}], field: value}
        done = printed(trace, "traces", "get", "t", "--project", "p", "--output", form)
        assert (done.code, done.err) == (0, ""), value


def test_spans_are_a_tree_also_where_parents_are_missing_or_in_a_circle(printed: Printed) -> None:
    parents = {
        "root": None,
        "leaf": "root",
        "lost": "nobody",
        "one": "two",
        "two": "one",
        "self": "self",
        "below": "leaf",
    }
    spans = [{"id": name, "name": name, "type": "LLM", "parentSpanId": parent} for name, parent in parents.items()]
    done = printed({**page()["traces"][0], "spans": spans}, "traces", "get", "t", "--project", "p")
    tree = [line for line in done.text.splitlines() if "LLM" in line]
    assert [(line.index("LLM") // 4, line.split("LLM ")[1].split()[0]) for line in tree] == [
        (1, "root"), (2, "leaf"), (3, "below"), (1, "lost"), (1, "one"), (2, "two"), (1, "self"),
    ]  # fmt: skip


def test_a_deep_trace_is_shown(printed: Printed) -> None:
    spans = [
        {"id": str(index), "name": f"n{index}", "type": "LLM", "parentSpanId": str(index - 1)} for index in range(1000)
    ]
    done = printed({**page()["traces"][0], "spans": spans}, "traces", "get", "t", "--project", "p")
    assert done.text.count("LLM") == 1000


def test_all_forms_hold_the_same(three: Place) -> None:
    def output(form: str) -> str:
        return three.program.run("traces", "list", "--project", three.project, "--output", form).text

    rows = json.loads(output("json"))
    assert [json.loads(line) for line in output("jsonl").splitlines()] == rows
    found = list(csv.DictReader(io.StringIO(output("csv"))))
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    assert [float(row["cost_usd"]) for row in found] == [row["cost_usd"] for row in rows]
    assert [json.loads(row["scores"]) for row in found] == [row["scores"] for row in rows]


def test_two_forms_at_once_are_wrong_use_and_one_may_stand_before_the_command(three: Place) -> None:
    assert three.program.run("orgs", "list", "--json", "--output", "csv").code == 2
    assert three.program.run("orgs", "list", "--output", "xml").code == 2
    assert (
        three.program.run("--json", "orgs", "list").json == three.program.run("orgs", "--output", "json", "list").json
    )


@pytest.mark.parametrize("columns", [40, 80])
def test_no_line_is_wider_than_the_terminal_and_ids_are_whole(columns: int, three: Place) -> None:
    with three.program.terminal("traces", "list", "--project", three.project, columns=columns) as terminal:
        assert terminal.end() == 0
    text = re.sub(r"\x1b\[[0-9;]*m", "", terminal.seen)
    assert text != terminal.seen  # colors, on a terminal
    widest = max(map(len, text.splitlines()))
    assert widest <= columns + (len("ID        ") if columns == 40 else 0)
    assert all(str(trace["id"]) in text for trace in THREE)


def test_long_names_are_cut_where_there_is_no_room(place: Place) -> None:
    place.program.run("projects", "create", "a long name " * 12, "--org", place.organization).text  # noqa: B018
    with place.program.terminal("projects", "list", "--org", place.organization, columns=100) as terminal:
        assert terminal.end() == 0
    lines = re.sub(r"\x1b\[[0-9;]*m", "", terminal.seen).splitlines()
    assert max(map(len, lines)) <= 100
    assert "a long name" in terminal.seen
    assert "…" in terminal.seen
    assert place.project in terminal.seen


@pytest.mark.parametrize("variables", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
@pytest.mark.parametrize("form", ["table", "json"])
def test_a_plain_locale_does_no_harm(form: str, variables: dict[str, str], place: Place) -> None:
    place.program.run("projects", "create", "日本", "--org", place.organization).text  # noqa: B018
    done = place.program.with_variables(**variables).process("projects", "list", "--output", form)
    assert done.err == ""
    name = "日本" if "日本" in done.text else "\\u65e5\\u672c"
    assert name in done.out


def test_without_a_terminal_there_is_no_color_and_nothing_is_cut(three: Place) -> None:
    done = three.program.with_variables(COLUMNS="40", FORCE_COLOR="1").process(
        "traces", "list", "--project", three.project
    )
    assert "\x1b" not in done.text
    assert len(done.out.splitlines()) == 5


def test_nothing_is_said_where_nothing_is(place: Place) -> None:
    project = ("--project", place.project)
    assert place.program.run("traces", "list", *project, "--json").text == "[]\n"
    assert place.program.run("traces", "list", *project, "--output", "jsonl").text == ""
    done = place.program.run("traces", "list", *project)
    assert (done.text, done.err) == ("", "No traces\n")


# --- Walks ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def many(twosignal_mock: MockServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A project with 230 traces: three pages of the largest size."""
    with twosignal_mock.sandbox("command-many") as sandbox:
        place = log_in(sandbox, tmp_path_factory.mktemp("many") / "home")
        place.ingest(*({"id": f"many-{index:03}", "minutes": 1 + index} for index in range(230)))
        yield place


@pytest.mark.parametrize(
    ("options", "count"), [((), 50), (("--limit", "7"), 7), (("-n", "120"), 120), (("--all",), 230)]
)
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_as_many_traces_come_as_are_wanted(form: str, options: tuple[str, ...], count: int, many: Place) -> None:
    done = many.program.run("traces", "list", "--project", many.project, "--output", form, *options)
    ids = re.findall(r"many-\d{3}", done.text)
    assert ids == [f"many-{index:03}" for index in range(count)]


def test_a_walk_that_comes_too_fast_waits_and_goes_on(many: Place) -> None:
    many.sandbox.faults.add("status", status=429, operations=["trace.list"], times=1)
    done = many.program.run("traces", "list", "--project", many.project, "--all", "--output", "jsonl")
    assert len(done.text.splitlines()) == 230


def test_a_line_counts_what_has_come_while_standard_output_is_a_file(many: Place, tmp_path: Path) -> None:
    script = f"{' '.join(['traces', 'list', '--project', many.project, '--all', '--json'])}"
    with (tmp_path / "out").open("wb") as file, many.program.terminal(*script.split(), stdout=file) as terminal:
        assert terminal.end() == 0
    assert "200 traces ..." in terminal.seen
    assert len(json.loads((tmp_path / "out").read_text())) == 230


@pytest.mark.parametrize("pages", [1, 2])
def test_a_walk_ends_whatever_the_server_does(pages: int, known: Program, scripted: Scripted) -> None:
    bodies = [
        {"traces": page()["traces"] if pages == 1 else [], "nextCursor": f"c{index % pages}"} for index in range(4)
    ]
    url, asked = scripted(*map(answer, bodies))
    done = known.run("traces", "list", "--project", "p", "--all", "--url", url)
    assert (done.code, done.err.splitlines()[0], len(asked.paths)) == (1, "Error: Endless list", pages + 1)


def test_new_traces_are_shown_as_they_come(place: Place) -> None:
    place.ingest({"id": "earlier", "minutes": 5})
    process = place.program.start("traces", "tail", "--project", place.project, "--json", "--interval", "0.1")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["id"] == "earlier"
    place.ingest({"id": "later", "minutes": 1})
    assert json.loads(process.stdout.readline())["id"] == "later"
    process.terminate()
    process.communicate()


def test_the_limit_of_a_plan_comes_from_the_contract_where_the_server_does_not_say_it(
    known: Program, scripted: Scripted
) -> None:
    plans = load_contract(CONTRACT).extension("x-dashboard-plans")
    month = {"month": "2026-03", "traceCount": 5, "spanCount": 6, "evalRunCount": 7, "projectBreakdown": []}
    for plan, row in {**plans, "UNKNOWN": {"traces": None}}.items():
        url, _ = scripted(answer(month), answer([{"id": "other", "plan": "FREE"}, {"id": "o", "plan": plan}]))
        found = known.run("usage", "--org", "o", "--json", "--url", url).json
        assert (found["traces_used"], found["traces_limit"]) == (5, row["traces"])
    for limit, shown in ((10, "5 of 10 (50.0%)"), (0, "5 of 0"), (None, "5")):
        url, _ = scripted(answer({**month, "tracesLimit": limit}))
        assert f"Traces       {shown}\n" in known.run("usage", "--org", "o", "--url", url).text
