"""Reports: each says the same as the run, and none of them can be broken by what a server sends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema_rs
import pytest
from rich.console import Console
from twosignal_conformance.engine.judgement import Finding, Known, Report, State, SuiteError, Verdict
from twosignal_conformance.engine.reports import (
    conclude,
    render_badge,
    render_html,
    render_json,
    render_junit,
    render_sarif,
    report_schema,
)
from twosignal_contract import Level, Source

from tests.conformance.attempts import CLIENT
from tests.conformance.making import EVIDENCE, judged, report_of

KNOWN = Known("b.known", "ticket 7", "2026-12-31", 1)
FULL = report_of(
    judged("a.kept", Verdict.PASS),
    judged("a.broken", Verdict.FAIL),
    judged("b.weak", Verdict.FAIL, Level.SHOULD),
    replace(judged("b.known", Verdict.FAIL), known=KNOWN),
    judged("b.seen", Verdict.OBSERVED, Level.MAY),
    judged("c.open", Verdict.UNTESTED, remedy="give --user"),
    judged("c.hidden", Verdict.UNTESTED, untestable="nobody sees it"),
    judged("c.crashed", Verdict.ERROR),
    findings=(Finding("odd <b>", "very", "test_fuzz::test_it", (EVIDENCE,)),),
    errors=(SuiteError("test_c::test_it", "KeyError: 'x'"),),
    outdated=("line 3: z.y is kept now; take the line out",),
)
EMPTY = report_of(state=State.UNREACHABLE, message="nobody is there")
REPORTS = [pytest.param(FULL, id="full"), pytest.param(EMPTY, id="empty")]


def spoken(report: Report, *, terminal: bool | None = None, no_color: bool | None = None) -> str:
    """What the terminal shows."""
    out = StringIO()
    console = Console(file=out, soft_wrap=True, highlight=False, force_terminal=terminal, no_color=no_color)
    conclude(console, report)
    return out.getvalue()


@pytest.mark.parametrize("report", REPORTS)
def test_json_satisfies_its_published_schema(report: Report) -> None:
    validator = jsonschema_rs.Draft202012Validator(report_schema())
    assert [str(error) for error in validator.iter_errors(json.loads(render_json(report)))] == []


def test_the_schema_refuses_what_is_not_published() -> None:
    value = json.loads(render_json(FULL))
    value["clauses"][0]["mood"] = "good"
    assert not jsonschema_rs.Draft202012Validator(report_schema()).is_valid(value)


def test_json_counts_what_it_lists() -> None:
    value = json.loads(render_json(FULL))
    assert value["summary"] == {"pass": 1, "fail": 3, "observed": 1, "untested": 2, "error": 1}
    assert [row["id"] for row in value["clauses"] if row["verdict"] == "fail"] == ["a.broken", "b.weak", "b.known"]
    assert value["run"]["exit_code"] == 1


@pytest.mark.parametrize("report", REPORTS)
def test_junit_is_xml_whose_counts_are_true(report: Report) -> None:
    root = Xml.fromstring(render_junit(report))  # noqa: S314 - our own
    for suite in root.iter("testsuite"):
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
    assert int(root.get("tests", "")) == len(list(root.iter("testcase")))


def test_junit_fails_exactly_what_counts_for_the_exit_code() -> None:
    root = Xml.fromstring(render_junit(FULL))  # noqa: S314 - our own
    assert [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None] == ["a.broken"]
    strict = Xml.fromstring(render_junit(replace(FULL, fail_on=Level.SHOULD)))  # noqa: S314 - our own
    failed = [case.get("name") for case in strict.iter("testcase") if case.find("failure") is not None]
    assert failed == ["a.broken", "b.weak"]


def test_sarif_points_at_the_line_of_the_clause() -> None:
    run = json.loads(render_sarif(FULL))["runs"][0]
    first = run["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert (first["ruleId"], first["level"]) == ("a.broken", "error")
    assert place == {"artifactLocation": {"uri": "openapi.yaml"}, "region": {"startLine": 7}}
    assert [row["level"] for row in run["results"]] == ["error", "error", "warning"]
    assert [row["ruleId"] for row in run["results"] if "suppressions" in row] == ["b.known"]
    for row in run["results"]:
        assert run["tool"]["driver"]["rules"][row["ruleIndex"]]["id"] == row["ruleId"]


@pytest.mark.parametrize(
    "report", [*REPORTS, pytest.param(replace(FULL, contract_path=Path("a b/100%:\u202e{#}?.yaml")), id="an odd place")]
)
def test_sarif_is_valid_by_the_schema_of_its_standard(report: Report, npm_bin: Path) -> None:
    """The schema is the one that Microsoft's own matcher for SARIF ships."""
    schemas = npm_bin.parent / "@microsoft" / "jest-sarif" / "lib" / "schemas"
    [schema] = [json.loads(file.read_text(encoding="utf-8")) for file in schemas.glob("sarif-2.1.0*.json")]
    # The pattern of `language`, which we never give, has a stray bracket that only JavaScript reads over.
    for described in ("run", "toolComponent"):
        del schema["definitions"][described]["properties"]["language"]["pattern"]
    validator = jsonschema_rs.Draft4Validator(schema, validate_formats=True)
    assert [error.message for error in validator.iter_errors(json.loads(render_sarif(report)))] == []


@pytest.mark.parametrize(
    ("report", "message", "colour"),
    [
        (report_of(judged("a.kept", Verdict.PASS)), "conforms", "brightgreen"),
        (
            report_of(judged("a.kept", Verdict.PASS), judged("a.o", Verdict.UNTESTED)),
            "no violation, 1 untested",
            "yellow",
        ),
        (FULL, "1 must, 1 should violated", "red"),
        (EMPTY, "not judged", "lightgrey"),
    ],
    ids=["conforms", "untested", "violated", "unreachable"],
)
def test_the_badge_says_the_result(report: Report, message: str, colour: str) -> None:
    badge = json.loads(render_badge(report))
    assert badge == {"schemaVersion": 1, "label": "2Signal API", "message": message, "color": colour}


class Page(HTMLParser):
    """Tags that are open at the end or closed out of order, and what would be loaded from elsewhere."""

    VOID = frozenset({"meta", "input", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.scripts = 0
        self.addresses: list[str] = []
        self.structure: list[tuple[str, ...]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.structure.append((tag, *(name for name, _ in attrs)))
        self.addresses += [f"{name}={value}" for name, value in attrs if name in ("src", "href", "srcset", "action")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("report", REPORTS)
def test_the_page_is_whole_and_loads_nothing(report: Report) -> None:
    page = Page()
    text = render_html(report)
    page.feed(text)
    assert (page.open, page.addresses, page.scripts) == ([], [], 1)
    assert "url(" not in text
    assert "@import" not in text


def test_the_page_escapes_what_the_server_sent() -> None:
    text = render_html(FULL)
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "odd &lt;b&gt;" in text


HOSTILE = """</pre></script><script>alert(1)</script>"'><img src=x onerror=alert(1)>{{ 7 * 7 }}\u202egnp.exe\x00"""


def hostile(value: Any, text: str = HOSTILE) -> Any:
    """The same value with every text in it turned into another one, at whatever depth."""
    match value:
        case Enum():
            return value
        case str():
            return text
        case Path():
            return Path(text.replace("/", "").replace("\x00", ""))
        case Mapping():
            return {key: hostile(row, text) for key, row in value.items()}
        case tuple():
            return tuple(hostile(row, text) for row in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    return replace(value, **{row.name: hostile(getattr(value, row.name), text) for row in fields(value)})


@pytest.mark.parametrize("report", [*REPORTS, pytest.param(CLIENT, id="client")])
def test_no_text_of_any_field_becomes_anything_but_text(report: Report) -> None:
    plain, shown = Page(), Page()
    odd = replace(
        hostile(report), dialects={HOSTILE: HOSTILE}, sources={HOSTILE: Source(HOSTILE, HOSTILE, HOSTILE, 1, None)}
    )
    text = render_html(odd)
    plain.feed(render_html(report))
    shown.feed(text)
    assert (shown.open, shown.addresses, shown.scripts) == ([], [], 1)
    # The drawing of a response that is no status has another colour, so only tags and the names of attributes compare.
    assert {*shown.structure} == {*plain.structure}
    assert "{{ 7 * 7 }}" in "".join(shown.texts)
    assert "\\u202egnp" in text
    assert not {"\u202e", "\x00"} & {*text}


ORDERS = (
    "x\n::stop-commands::t\r\n  ::add-mask::x\r##vso[task.complete]\u2028##[error]\x1b]0;x\x07\u202e##teamcity[x]\x85"
)
"""What CIs take for orders, at the beginning of lines of all kinds and within them, and what commands a terminal."""

FORMS: dict[str, Callable[[Report], str]] = {
    "terminal": spoken,
    "json": render_json,
    "junit": render_junit,
    "html": render_html,
    "sarif": render_sarif,
    "badge": render_badge,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("report", [*REPORTS, pytest.param(CLIENT, id="client")])
def test_no_text_of_any_field_is_an_order_in_a_log(report: Report, form: str) -> None:
    odd = hostile(replace(report, judgements=(), scenarios=()), ORDERS)
    # What our own documents and tables say is no text of a stranger; the rest is.
    rows = tuple(replace(row, records=hostile(row.records, ORDERS), reason=ORDERS) for row in report.judgements)
    runs = tuple(replace(row, detail=ORDERS, output=ORDERS) for row in report.scenarios)
    ours = ("contract_path", "sources", "wording", "dialects", "spent", "budget")
    odd = replace(odd, judgements=rows, scenarios=runs, **{name: getattr(report, name) for name in ours})
    text = FORMS[form](odd)
    assert [line for line in text.split("\n") if line.strip().startswith("::")] == []
    assert re.findall(r"##\w*\[", text) == []
    assert not {*text} & {*"\r\x1b\x07\x85\u2028\u202e"}


def test_terminal_and_page_count_in_the_same_words() -> None:
    page = Page()
    page.feed(render_html(FULL))
    words = ("violated", "error of the suite", "kept", "observed", "untested")
    told = re.search(r"^(\d+ .*?); \d+ requests", spoken(FULL), re.MULTILINE)
    assert told
    counts = {word: int(count) for count, word in (part.split(" ", 1) for part in told[1].split(", "))}
    assert tuple(counts) == words
    for word, count in counts.items():
        assert f"<b>{count}</b><span>{word}</span>" in render_html(FULL)


def test_the_header_names_the_document_that_was_used(tmp_path: Path) -> None:
    other = tmp_path / "my contract.yaml"
    report = replace(FULL, contract_path=other)
    head = render_html(report).partition("</header>")[0]
    assert f"{other.name} {report.contract_version}" in head
    assert json.loads(render_json(report))["contract"]["document"] == other.name


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("openapi.yaml", "openapi.yaml"),
        ("api/v1/openapi.yaml", "api/v1/openapi.yaml"),
        ("our api/ü #1?.yaml", "our%20api/%C3%BC%20%231%3F.yaml"),
        ("a:b/100%.yaml", "a%3Ab/100%25.yaml"),
        ("api/../x/./openapi.yaml", "x/openapi.yaml"),
    ],
)
@pytest.mark.parametrize("below", [False, True], ids=["at the root", "in a folder of it"])
def test_sarif_addresses_stand_from_the_root_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, address: str, below: bool
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work" if below else tmp_path)
    for given in (tmp_path / path, Path("..") / path if below else Path(path)):
        run = json.loads(render_sarif(replace(FULL, contract_path=given)))["runs"][0]
        places = [row["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for row in run["results"]]
        assert {*places} == {address}


@pytest.mark.parametrize("where", ["elsewhere", "a repository/.venv/lib/site-packages/contract"])
def test_a_contract_that_is_in_no_repository_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    (tmp_path / "a repository" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a repository")
    path = tmp_path / where / "my api.yaml"
    run = json.loads(render_sarif(replace(FULL, contract_path=path)))["runs"][0]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "my%20api.yaml"}


def test_the_page_shows_each_clause_with_what_filters_it() -> None:
    rows = re.findall(
        r'<tr data-id="([^"]+)" data-area="([^"]+)" data-verdict="([^"]+)" data-level="([^"]+)"', render_html(FULL)
    )
    assert rows[0] == ("a.kept", "a", "pass", "must")
    assert len(rows) == len(FULL.judgements)


def test_the_terminal_tells_failures_first_and_the_verdict_last() -> None:
    lines = spoken(FULL).splitlines()
    assert lines[1] == "VIOLATED must a.broken"
    assert lines[-1] == FULL.verdict
    text = "\n".join(lines)
    for part in ("a.broken holds.", "REST overview <&>", "status 400", "status 201", EVIDENCE.curl, "give --user"):
        assert part in text


def test_a_command_to_repeat_is_one_line() -> None:
    assert f"  repeat    {EVIDENCE.curl}" in spoken(FULL).splitlines()


@pytest.mark.parametrize(
    ("console", "coloured"),
    [({}, False), ({"terminal": True}, True), ({"terminal": True, "no_color": True}, False)],
    ids=["piped", "terminal", "NO_COLOR"],
)
def test_colour_is_for_terminals(monkeypatch: pytest.MonkeyPatch, console: dict[str, bool], coloured: bool) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]", spoken(FULL, **console))) is coloured


@pytest.mark.parametrize(
    "render", [render_html, render_json, render_junit, render_sarif], ids=lambda made: made.__name__
)
def test_a_report_of_odd_text_can_be_written(render: Callable[[Report], str]) -> None:
    odd = "\x00\x1b[31m ]]> \u2028 \U0001f600"
    row = judged("a.broken", Verdict.FAIL)
    record = replace(row.records[0], actual=odd)
    text = render(report_of(replace(row, records=(record,)), target=odd))
    assert text.encode()
