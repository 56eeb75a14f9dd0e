"""Every scenario of scenarios.json, by the client of every language, against the running mock.

All scenarios of a language run side by side when the first of its tests asks: they mostly wait, and share nothing.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from twosignal_mock import MockServer

from tests.clients.runners import CLIENTS, LANGUAGES, build, require
from tests.clients.scenarios import BY_NAME, TABLE, Outcome, matches, run_all
from tests.clients.shared import shared

CASES = [
    pytest.param(
        language,
        scenario["name"],
        id=f"{language}-{scenario['name']}",
        # One worker builds a language's runner and runs all its scenarios.
        marks=[pytest.mark.xdist_group(f"clients-{language}"), pytest.mark.timeout(600)],
    )
    for language in LANGUAGES
    for scenario in TABLE
    if language in scenario.get("languages", LANGUAGES)
]

SCHEMA = CLIENTS.parent / "conformance" / "twosignal_conformance" / "apis" / "rest" / "clients" / "scenario.schema.json"
"""What `twosignal-conformance client` gives a runner; read as a document, for nothing of the judge is imported here."""

_EXPECTED = frozenset(
    [
        "results",
        "journal",
        "only",
        "clauses",
        "gaps",
        "events",
        "limits",
        "attempts",
        "succeeded",
        "attempts_at_most",
        "stored",
        "kept",
        "trace",
        "traces",
        "spans",
        "scores",
        "template_versions",
    ]
)
"""What `expect` may say; every word is judged below."""

_SLACK = 0.05
"""Seconds that a gap between two arrivals may be shorter than the client's wait, for the first may arrive late."""


@pytest.fixture(scope="session")
def outcomes(
    request: pytest.FixtureRequest, twosignal_mock: MockServer, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Mapping[str, Outcome]]:
    """The outcomes of a language's scenarios by name: of those that this run asks for."""
    known: dict[str, Mapping[str, Outcome]] = {}

    def of(language: str) -> Mapping[str, Outcome]:
        if language not in known:
            require(language)
            names, made = sorted(_asked(request.session, language)), tmp_path_factory.mktemp(language)
            known[language] = shared(
                tmp_path_factory,
                f"outcomes-{language}",
                lambda: run_all(build(language, CLIENTS, made), names, twosignal_mock),
            )
        return known[language]

    return of


@pytest.mark.parametrize(("language", "name"), CASES)
def test_scenario(language: str, name: str, outcomes: Callable[[str], Mapping[str, Outcome]]) -> None:
    outcome, expect = outcomes(language)[name], BY_NAME[name]["expect"]
    assert outcome.code == 0, f"exit code {outcome.code}: {outcome.complaint}"
    assert outcome.environment["TWOSIGNAL_API_KEY"] not in outcome.output + outcome.complaint
    assert matches(expect["results"], outcome.results, outcome.environment), (
        f"expected {expect['results']}, got {outcome.results}"
    )
    assert list(_judge_requests(outcome, expect)) == []
    assert list(_judge_store(outcome, expect)) == []


def test_every_scenario_has_a_name_of_its_own_and_says_why() -> None:
    assert len(BY_NAME) == len(TABLE)
    assert all(scenario["why"] for scenario in TABLE)


def test_every_scenario_expects_only_what_is_judged() -> None:
    for scenario in TABLE:
        assert scenario["expect"].keys() <= _EXPECTED, f"{scenario['name']}: {scenario['expect'].keys() - _EXPECTED}"


def test_too_few_requests_are_found() -> None:
    outcome = Outcome(0, "", "", journal=[], ledger=[], state={}, sent=[], environment={})
    assert list(_judge_requests(outcome, {"gaps": [1]})) == ["1 gaps between requests were expected; got 0"]
    assert list(_judge_requests(outcome, {"limits": [3]})) == ["1 pages were expected; got 0"]


def test_every_action_that_the_judge_of_clients_asks_for_is_in_the_table() -> None:
    published = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"].values()
    said = [part["properties"]["action"] for part in published if "action" in part.get("properties", ())]
    names = {name for action in said for name in action.get("enum", [action.get("const")])} - {None}
    assert names
    assert names <= {action["action"] for scenario in TABLE for action in scenario["do"]}


def _judge_requests(outcome: Outcome, expect: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the requests that the mock saw."""
    # Health needs no key; with one or without, it is no matter of the sandbox.
    journal = [entry for entry in outcome.journal if entry["operation"] != "getHealth"]
    statuses = [entry["status"] for entry in journal]
    broken = ((entry["sequence"], set(entry["clauses"]) - set(expect.get("clauses", ()))) for entry in journal)
    yield from (f"request {sequence} breaks {sorted(clauses)}" for sequence, clauses in broken if clauses)
    if statuses != expect.get("journal", statuses):
        yield f"expected responses {expect['journal']}, got {statuses}"
    if unexpected := set(statuses) - set(expect.get("only", statuses)):
        yield f"responses of status {unexpected}; expected {expect['only']}"
    pairs = itertools.pairwise(journal)
    gaps = [after["started"] - before["started"] - before["milliseconds"] / 1000 for before, after in pairs]
    if len(gaps) < len(expect.get("gaps", ())):
        yield f"{len(expect['gaps'])} gaps between requests were expected; got {len(gaps)}"
    for number, (least, gap) in enumerate(zip(expect.get("gaps", ()), gaps, strict=False), 1):
        if least is not None and gap < least - _SLACK:
            yield f"request {number + 1} came {gap:.3f} s after the end of the one before; expected at least {least} s"
    yield from _judge_batches(outcome, expect)
    yield from _judge_counts(journal, expect)


def _judge_batches(outcome: Outcome, expect: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the number of things that requests carry or ask for."""
    carried = [len(entry["attempt_keys"]) for entry in outcome.journal if entry["operation"] == "ingestTraces"]
    if carried != expect.get("events", carried):
        yield f"expected batches of {expect['events']} events, got {carried}"
    asked = [entry["query"] for entry in outcome.journal if entry["operation"] == "listTraces"]
    if len(asked) < len(expect.get("limits", ())):
        yield f"{len(expect['limits'])} pages were expected; got {len(asked)}"
    for limit, query in zip(expect.get("limits", ()), asked, strict=False):
        if f"limit={limit}" not in query.split("&"):
            yield f"a page was asked for by {query!r}; expected limit={limit}"


def _judge_counts(journal: list[dict[str, Any]], expect: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the number of requests by operation."""
    attempts = Counter(entry["operation"] for entry in journal)
    succeeded = Counter(entry["operation"] for entry in journal if entry["status"] and entry["status"] < 300)
    for word, counted in (("attempts", attempts), ("succeeded", succeeded)):
        for operation, count in expect.get(word, {}).items():
            if counted[operation] != count:
                yield f"{word} of {operation}: {counted[operation]}; expected {count}"
    for operation, count in expect.get("attempts_at_most", {}).items():
        if attempts[operation] > count:
            yield f"attempts of {operation}: {attempts[operation]}; expected at most {count}"


def _judge_store(outcome: Outcome, expect: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with what the mock has in the end: every event exactly once, unless the scenario says otherwise."""
    stored = {account["id"]: account["kept"] for account in outcome.ledger if account["outcome"] == "stored"}
    sent = set(outcome.sent)
    if "stored" not in expect:
        yield from (f"event {event} is not stored" for event in sorted(sent - stored.keys()))
        yield from (f"event {event} was never sent" for event in sorted(stored.keys() - sent - _foreign(outcome)))
    elif len(stored) != expect["stored"]:
        yield f"{len(stored)} events are stored; expected {expect['stored']}"
    for event, kept in stored.items():
        if kept != expect.get("kept", 1) and event in sent:
            yield f"event {event} was carried out {kept} times; expected {expect.get('kept', 1)}"
    for word in ("traces", "spans", "scores", "template_versions"):
        if word in expect and outcome.state[word] != expect[word]:
            yield f"{outcome.state[word]} {word} are stored; expected {expect[word]}"
    if "trace" in expect and not matches(expect["trace"], outcome.state["trace"], outcome.environment):
        yield f"the trace is {outcome.state['trace']}; expected {expect['trace']}"


def _foreign(outcome: Outcome) -> set[str]:
    """Ids in the ledger that are of no native event: spans of OTLP."""
    keys = (entry["attempt_keys"] for entry in outcome.journal if entry["operation"] == "ingestOtlpTraces")
    return {key for some in keys for key in some}


def _asked(session: pytest.Session, language: str) -> set[str]:
    """Names of a language's scenarios among the tests that were chosen."""
    callspecs = (getattr(item, "callspec", None) for item in session.items)
    params = (callspec.params for callspec in callspecs if callspec is not None)
    return {each["name"] for each in params if each.get("language") == language and each.get("name") in BY_NAME}
