"""Reports of clients: who was judged, what was sent when, and the same rules as for servers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from io import StringIO
from xml.etree import ElementTree as Xml

import jsonschema_rs
import pytest
from rich.console import Console
from twosignal_conformance.engine.judgement import (
    ExitCode,
    Finding,
    Outcome,
    Report,
    Row,
    ScenarioRun,
    Subject,
    SuiteError,
    Timeline,
    Verdict,
)
from twosignal_conformance.engine.reports import (
    ScenarioProgress,
    announce_client,
    render_badge,
    render_html,
    render_json,
    render_junit,
    render_sarif,
    report_schema,
    timeline_text,
)

from tests.conformance.attempts import (
    AGAIN as AGAIN_CLAUSE,
)
from tests.conformance.attempts import (
    BACKED_OFF,
    CLIENT,
    FOREVER,
    POST,
    RUNS,
    TOO_SOON,
    WAIT,
    client_report,
    of_client,
)
from tests.conformance.making import judged
from tests.conformance.test_reports import Page, spoken

AGAIN = "twosignal-conformance client --scenario rate-limit-seconds -- python my runner.py"
JOURNAL = replace(CLIENT, subject=Subject.JOURNAL, target="http://127.0.0.1:1", scenarios=RUNS[:1])
EMPTY = client_report(scenarios=())
REPORTS = [pytest.param(CLIENT, id="client"), pytest.param(JOURNAL, id="journal"), pytest.param(EMPTY, id="empty")]


# --- time lines as text ---


def test_a_line_tells_when_what_response_and_how_long_the_client_waited() -> None:
    first, second = timeline_text(TOO_SOON).splitlines()
    assert first == "0.11 s  POST /api/v1/traces, 3 events  429, Retry-After: 2"
    assert second.split("  ")[0] == "0.62 s"
    assert second.endswith(f"201                  waited 0.50 s of 2.00 s  <- {WAIT}")


def test_the_clause_that_a_failure_is_about_is_not_named_on_each_line() -> None:
    assert timeline_text(TOO_SOON, WAIT).endswith("  <- here")


def test_lines_stand_below_each_other() -> None:
    columns = {line.index(" POST ") for line in timeline_text(FOREVER).splitlines() if "POST" in line}
    assert len(columns) == 1


def test_of_many_attempts_the_first_the_last_and_the_broken_ones_are_shown() -> None:
    lines = timeline_text(FOREVER).splitlines()
    assert [line.split(" s ")[0].strip() for line in lines if "POST" in line] == [
        f"{number}.00" for number in [*range(10), 38, 39]
    ]
    assert "... 28 more ..." in lines[10]


def test_a_client_that_stays_far_behind_its_last_attempts_is_shown_where_it_broke() -> None:
    rows = [
        Row(float(number), "GET", "/", "", "200", clause="client.x" if number == 50 else "") for number in range(99)
    ]
    lines = timeline_text(Timeline("long", tuple(rows))).splitlines()
    assert [line for line in lines if "<-" in line] == ["50.00 s  GET /  200  <- client.x"]
    left_out = sum(int(number) for number in re.findall(r"\.\.\. (\d+) more", "\n".join(lines)))
    assert left_out + sum("GET" in line for line in lines) == len(rows)


# --- files ---


@pytest.mark.parametrize("report", REPORTS)
def test_json_satisfies_the_published_schema(report: Report) -> None:
    validator = jsonschema_rs.Draft202012Validator(report_schema())
    assert [str(error) for error in validator.iter_errors(json.loads(render_json(report)))] == []


def test_json_has_the_attempts_that_prove_a_violation_and_all_that_was_sent() -> None:
    value = json.loads(render_json(CLIENT))
    assert (value["subject"], value["target"], value["profile"], value["budget"]) == (
        "client",
        "python my runner.py",
        None,
        None,
    )
    (proof,) = value["clauses"][0]["timelines"]
    assert (proof["scenario"], [row["wait_seen"] for row in proof["attempts"]]) == ("rate-limit-seconds", [None, 0.5])
    assert [row["outcome"] for row in value["scenarios"]] == ["done", "done", "unsupported", "failed", "timeout"]
    assert value["scenarios"][0]["requests"][0][2]["note"] == "stored, the answer was lost"


def test_junit_tells_the_attempts_and_the_command() -> None:
    root = Xml.fromstring(render_junit(CLIENT))  # noqa: S314 - our own
    assert root.get("name") == "twosignal-conformance client -- python my runner.py"
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.text is not None
    assert timeline_text(TOO_SOON, WAIT) in failure.text
    assert f"repeat: {AGAIN}" in failure.text
    assert [suite.get("name") for suite in root] == ["Retries", "Request", "Paging", "Command line", "suite"]


def test_sarif_names_the_command() -> None:
    run = json.loads(render_sarif(CLIENT))["runs"][0]
    assert run["invocations"][0]["commandLine"] == "twosignal-conformance client -- python my runner.py"
    assert run["results"][0]["message"]["text"].endswith(f"Repeat with: {AGAIN}")


def test_the_badge_says_that_it_is_about_a_client() -> None:
    kept = client_report(of_client(judged("client.retry.most", Verdict.PASS)), scenarios=RUNS[:1])
    assert json.loads(render_badge(kept))["label"] == "2Signal client"
    assert json.loads(render_badge(kept))["message"] == "conforms"


def test_a_run_in_which_the_client_did_nothing_is_no_success() -> None:
    assert EMPTY.exit_code != 0
    assert json.loads(render_badge(EMPTY))["message"] == "not judged"


# --- a client that fails ---


def test_a_client_that_fails_is_no_error_of_the_suite() -> None:
    assert [row.name for row in CLIENT.failed_scenarios] == ["refused-400", "slow"]
    report = client_report(of_client(judged(AGAIN_CLAUSE, Verdict.PASS), BACKED_OFF))
    assert report.exit_code == ExitCode.UNFINISHED
    assert report.verdict.endswith("; the client failed in 2 scenarios")
    page, text = render_html(report), spoken(report)
    assert f"<title>{report.verdict} - " in page
    assert "the client failed in refused-400: exit code 1" in text
    assert "refused-400: exit code 1" in render_junit(report)
    assert "refused-400: exit code 1" in render_sarif(report)
    assert "Errors of the suite" not in page
    assert "of the suite" not in text
    broken = replace(CLIENT, scenarios=RUNS)
    assert broken.exit_code == ExitCode.VIOLATED


def test_an_error_of_the_suite_is_not_the_clients_failure() -> None:
    error = SuiteError("scenario::slow", "no mock")
    report = replace(CLIENT, errors=(error,))
    assert [row.name for row in report.failed_scenarios] == ["refused-400"]
    tile = render_html(report).split("<span>error of the suite</span>")[0]
    assert tile.endswith("<b>1</b>")
    assert "1 error of the suite; the client failed in 1 scenario" in report.verdict


def test_no_command_repeats_a_request_to_a_mock_that_has_ended() -> None:
    shown = judged(WAIT, Verdict.FAIL)
    evidence = shown.records[0].evidence
    finding = Finding("odd", "it is odd", "scenario::clean", evidence)
    assert "curl" in evidence[0].curl
    of_server = replace(CLIENT, subject=Subject.SERVER, judgements=(shown,), findings=(finding,), scenarios=())
    for subject in (Subject.CLIENT, Subject.JOURNAL):
        report = replace(of_server, subject=subject)
        for render in (render_html, render_json, render_junit, render_sarif):
            assert evidence[0].curl.split()[0] in render(of_server)
            assert "curl -" not in render(report)


def test_what_was_sent_is_said_to_be_the_clients() -> None:
    for report in (CLIENT, JOURNAL):
        assert f"the client sent {report.spent}" in spoken(report)
        assert f"The client sent {report.spent}" in render_html(report)


# --- the page ---


@pytest.mark.parametrize("report", REPORTS)
def test_the_page_is_whole_and_loads_nothing(report: Report) -> None:
    page = Page()
    text = render_html(report)
    page.feed(text)
    assert (page.open, page.addresses, page.scripts) == ([], [], 1)


def test_the_page_escapes_what_the_client_sent_and_printed() -> None:
    text = render_html(CLIENT)
    assert "<script>alert(1)" not in text
    assert "Traceback &lt;here&gt;" in text


def test_the_page_draws_each_proof_and_tells_it_in_words() -> None:
    text = render_html(CLIENT)
    article = text.split("<h3>client.retry.rate-limit-wait", 1)[1].split("</article>", 1)[0]
    assert article.count("<circle") == len(TOO_SOON.rows)
    assert article.count('<rect class="asked"') == 1
    assert "waited 0.50 s of 2.00 s" in article
    assert ">0.50 of 2.00 s<" in article
    assert AGAIN in article


def test_a_wait_is_drawn_from_the_response_before_to_the_request_and_as_long_as_it_was() -> None:
    text = render_html(CLIENT).split("<h3>client.retry.rate-limit-wait", 1)[1].split("</article>", 1)[0]
    marks = [float(place) for place in re.findall(r'<circle cx="([\d.]+)"', text)]
    (start, end) = (float(place) for place in re.findall(r'<line x1="([\d.]+)".*? x2="([\d.]+)"', text)[0])
    (band,) = re.findall(r'<rect class="asked" x="([\d.]+)".*? width="([\d.]+)"', text)
    assert end == marks[1]
    assert float(band[0]) == start
    assert float(band[1]) / (end - start) == pytest.approx(4.0, rel=0.01)
    assert (marks[1] - marks[0]) / (end - start) == pytest.approx(0.51 / 0.5, rel=0.01)


def test_a_kept_wait_is_not_red_in_an_attempt_that_is() -> None:
    last = Row(3.2, *POST, "3 events", "503", wait_expected=2.0, wait_seen=2.04, clause=AGAIN_CLAUSE)
    for row, kept in ((last, True), (replace(last, wait_seen=0.3, clause=WAIT), False)):
        line = Timeline("one", (*BACKED_OFF.rows[:1], row))
        report = client_report(of_client(judged(row.clause, Verdict.FAIL), line), scenarios=())
        drawn = render_html(report).split('<svg class="chart attempts"')[1].split("</svg>")[0].split('<g class="fail">')
        assert len(drawn) == (2 if kept else 3)
        assert ("<line" in drawn[-1].partition("<g ")[0]) is not kept
        assert ('<tspan class="soft"' in drawn[-1]) is kept


def test_a_drawing_begins_with_the_first_attempt_and_keeps_to_its_frame() -> None:
    late = replace(TOO_SOON, rows=tuple(replace(row, at=row.at + 3600) for row in TOO_SOON.rows))
    pages = [
        render_html(client_report(of_client(replace(judged(WAIT, Verdict.FAIL)), line), scenarios=()))
        for line in (TOO_SOON, late)
    ]
    drawings = [re.sub("<title>.*?</title>", "", page.split('<svg class="chart attempts"')[1]) for page in pages]
    places = [re.findall(r'<circle cx="([^"]+)"|<rect class="asked" x="([^"]+)"', drawing) for drawing in drawings]
    assert places[0] == places[1]
    (band,) = re.findall(r'<rect class="asked" x="([\d.]+)".*? width="([\d.]+)"', drawings[0])
    assert float(band[0]) + float(band[1]) <= 1000 - 290 + 1


def test_the_page_lists_each_scenario_with_its_end() -> None:
    text = render_html(CLIENT)
    assert re.findall(r'<details data-scenario="([^"]+)">', text) == [row.name for row in RUNS]
    assert "2 done, 1 not supported, 1 failed, 1 out of time" in text
    assert "Nothing was sent." in text


def test_a_page_of_a_server_knows_nothing_of_scenarios() -> None:
    server = replace(CLIENT, subject=Subject.SERVER, scenarios=(), profile="quick")
    assert "<h2>Scenarios</h2>" not in render_html(server)


def test_a_page_of_a_journal_shows_what_was_sent_without_naming_a_scenario() -> None:
    text = render_html(JOURNAL)
    sent = text.split("<h2>What it sent, the most often repeated first</h2>", 1)[1].split("</section>", 1)[0]
    assert sent.count("<circle") == len(BACKED_OFF.rows)
    assert "data-scenario" not in text
    assert "<dt>Scenarios</dt>" not in text
    assert "from a journal" in text


def test_one_attempt_alone_is_told_in_words() -> None:
    article = render_html(CLIENT).split("<h3>client.request.camel-case", 1)[1].split("</article>", 1)[0]
    assert "<svg" not in article
    assert "GET /api/v1/traces" in article


# --- the terminal ---


def test_the_terminal_shows_the_attempts_with_the_failure() -> None:
    text = spoken(CLIENT)
    for line in timeline_text(TOO_SOON, WAIT).splitlines():
        assert line in text
    assert f"  repeat    {AGAIN}" in text.splitlines()
    assert "repeat" not in spoken(JOURNAL)


@pytest.mark.parametrize("terminal", [False, True], ids=["piped", "terminal"])
def test_the_end_of_each_scenario_is_told_when_piped_and_only_failures_on_a_terminal(terminal: bool) -> None:
    out = StringIO()
    console = Console(file=out, force_terminal=terminal, no_color=True, highlight=False, width=200)
    announce_client(console, "python my runner.py", scenarios=len(RUNS), mock="a mock of its own")
    progress = ScenarioProgress(console)
    progress.planned(len(RUNS))
    try:
        for row in RUNS:
            progress.started(row.name)
        for row in RUNS:
            progress.ended(row)
    finally:
        progress.close()
    text = out.getvalue()
    assert "python my runner.py" in text
    assert "5 scenarios against a mock of its own" in text
    assert "still running after 30 s" in text
    assert bool(re.search(r"^done +clean +0\.42 s", text, re.MULTILINE)) is not terminal


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_name_and_a_colour(outcome: Outcome) -> None:
    row = ScenarioRun("one", "events", "why", outcome, 1.0, timelines=(BACKED_OFF,))
    assert 'data-scenario="one"' in render_html(client_report(scenarios=(row,)))
