"""Layer C and the second opinion: quiet on the mock, findings with their clause on others, a line without them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from twosignal_conformance.apis.rest._fuzzing import FUZZING, MAPPED, clause_of
from twosignal_conformance.engine import extras
from twosignal_conformance.engine.api_client import ApiClient, Exchange, Profile
from twosignal_conformance.engine.fuzz import Failure, Sample, test_fuzzing
from twosignal_conformance.engine.fuzz._fuzzing import document_of
from twosignal_conformance.engine.fuzz._sample import EACH
from twosignal_conformance.engine.fuzz._second_opinion import Engine, disagreements
from twosignal_conformance.engine.fuzz.test_fuzzing import test_what_schemathesis_finds as fuzzing
from twosignal_conformance.engine.fuzz.test_second_opinion import DisagreementError
from twosignal_conformance.engine.fuzz.test_second_opinion import test_two_engines_judge_alike as second_opinion
from twosignal_mock import Sandbox

from tests.conformance.judging import CONTRACT, TEMPLATES, Behind, client_of, edited, erring, is_listing, judged
from tests.conformance.servers import Asked, Response, json_response

REACHED = 2
"""Requests by which a run reaches a server before its first check."""


def origin(sandbox: Sandbox) -> str:
    """The address of the mock."""
    return sandbox.url.removesuffix("/api/v1").rstrip("/")


# --- layer C ---


def test_nothing_is_found_in_the_mock(
    twosignal_sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_fuzzing, "MOST_REQUESTS", 1_500)
    ledger = tmp_path / "ledger.jsonl"
    result = judged(
        fuzzing, origin(twosignal_sandbox), twosignal_sandbox.api_key, profile=Profile.THOROUGH, ledger=ledger
    )
    assert result.register.findings == []
    assert result.register.errors == []
    rows = [json.loads(line) for line in ledger.read_text().splitlines()]
    (said,) = [row for row in rows if row.get("creates") == "fuzzing"]
    assert said["name"].startswith("layer C sent 1500 requests, ")
    assert sum(row.get("creates") == "trace" for row in rows) > 10


def sick(asked: Asked, behind: Behind) -> Response:
    """Breaks down on routing and shows no cursor."""
    if asked.path == CONTRACT.operation("routeModel").path:
        return json_response(500, {"error": {"code": "INTERNAL_ERROR", "message": "no"}})
    respond = behind.send(asked)
    if (asked.method, asked.path) == ("GET", CONTRACT.operation("listTraces").path) and respond.status == 200:

        def forget(value: Any) -> None:
            value["data"].pop("nextCursor")

        return edited(respond, forget)
    return respond


def test_findings_name_their_clause_and_are_no_verdicts(
    twosignal_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_fuzzing, "MOST_REQUESTS", 1_200)
    with erring(sick, origin(twosignal_sandbox)) as url:
        result = judged(fuzzing, url, twosignal_sandbox.api_key, profile=Profile.THOROUGH)
    told = " ".join(finding.detail for finding in result.register.findings)
    for clause in ("errors.internal.absent", "traces.list.envelope"):
        assert f"about {clause} (" in told
    assert result.violated == set()
    assert all(finding.evidence for finding in result.register.findings)
    shown = json.dumps([finding.evidence[0].curl for finding in result.register.findings])
    assert twosignal_sandbox.api_key not in shown


def careless(asked: Asked, behind: Behind) -> Response:
    """Routes for whoever comes without a key, lists for any key, and says of templates that they are not there."""
    given = asked.headers.get("authorization")
    known = behind.memory.setdefault("key", given) if given else None
    opened = {"authorization": known or behind.memory.get("key", "")}
    if given is None and asked.path == CONTRACT.operation("routeModel").path:
        return behind.send(asked, headers={**asked.headers, **opened})
    if given is not None and is_listing(asked):
        return behind.send(asked, headers={**asked.headers, **opened})
    if given is None and asked.path == TEMPLATES:
        missing = CONTRACT.error("unknown-resource")
        return json_response(missing.status, {"error": {"code": missing.code, "message": "no"}})
    return behind.send(asked)


def test_findings_about_keys_tell_a_missing_key_from_a_wrong_one_and_a_refusal_from_its_status(
    twosignal_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_fuzzing, "MOST_REQUESTS", 2_400)
    with erring(careless, origin(twosignal_sandbox)) as url:
        result = judged(fuzzing, url, twosignal_sandbox.api_key, profile=Profile.THOROUGH)
    told = {
        (finding.title.split()[3].rstrip(":"), finding.detail.partition("[about ")[2].partition(" (")[0])
        for finding in result.register.findings
        if "ignored_auth" in finding.title
    }
    assert told == {
        ("routeModel", "auth.key.missing"),
        ("listTraces", "auth.key.invalid"),
        ("getPromptTemplates", "auth.key.missing-status"),
        ("pushPromptTemplate", "auth.key.missing-status"),
    }
    assert all(finding.evidence for finding in result.register.findings)


def test_every_clause_of_the_table_exists() -> None:
    assert CONTRACT.clauses.keys() >= MAPPED


def test_what_the_fuzzer_could_not_do_is_an_error_of_the_suite(
    twosignal_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **options: object) -> object:
        raise TypeError(f"unexpected {sorted(options)}")

    monkeypatch.setattr("schemathesis.transport.wsgi.WSGI_TRANSPORT.send", refuse)
    with pytest.raises(Exception, match=r"Schemathesis met .* errors of its own: .*unexpected"):
        judged(fuzzing, origin(twosignal_sandbox), twosignal_sandbox.api_key, profile=Profile.THOROUGH)


def test_what_no_clause_speaks_of_is_no_clause() -> None:
    failure = Failure("positive_data_acceptance", "ST202", "listTraces", 400, "refused", "", "case")
    assert clause_of(failure) is None


def test_the_fuzzer_gets_no_session_and_no_operation_that_costs_money() -> None:
    kept = set(FUZZING.operations(CONTRACT))
    assert not kept & {"login", "refreshSession", "logout", "validateOutput"}
    document = json.loads(document_of(FUZZING, CONTRACT, ["issued"]))
    found = {row["operationId"] for methods in document["paths"].values() for row in methods.values()}
    assert found == kept
    assert '"example": "issued"' in json.dumps(document)


def test_without_schemathesis_the_layer_is_left_out(
    twosignal_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    client = client_of(origin(twosignal_sandbox), twosignal_sandbox.api_key, Profile.THOROUGH)
    result = judged(fuzzing, client.settings.url, twosignal_sandbox.api_key, profile=Profile.THOROUGH)
    assert result.run.client.budget.spent.requests == REACHED
    with pytest.raises(Exception, match="the second opinion did not run: openapi_core is not installed"):
        second_opinion(client, Sample())
    assert len(list(extras.left_out(client.settings))) == 3
    client.close()


# --- the second opinion ---


def sampled(sandbox: Sandbox) -> tuple[ApiClient, Sample]:
    """A few exchanges."""
    client, sample = client_of(origin(sandbox), sandbox.api_key), Sample()
    client.watchers.append(sample)
    batch = CONTRACT.operation("ingestTraces").example()
    for _ in range(EACH + 1):
        client.call("ingestTraces", json=batch)
    client.call("ingestTraces", json={"batch": []})
    client.call("listTraces", query={"limit": 5})
    client.call("listTraces", query={"limit": 0})
    client.call("routeModel", json={"input": "Hello"})
    client.call("getHealth")
    return client, sample


def test_two_engines_agree_on_the_mock(twosignal_sandbox: Sandbox) -> None:
    client, sample = sampled(twosignal_sandbox)
    kinds = [(exchange.operation_id, exchange.status) for exchange in sample.exchanges]
    assert kinds.count(("ingestTraces", 201)) == EACH
    second_opinion(client, sample)
    client.close()


def test_a_disagreement_is_an_error_of_the_suite(twosignal_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(_: Engine, exchange: Exchange) -> list[str]:
        return ["data.traces: is not what I want"] if exchange.operation_id == "listTraces" else []

    monkeypatch.setattr(Engine, "response_flaws", wrong)
    client, sample = sampled(twosignal_sandbox)
    with pytest.raises(DisagreementError, match="response of listTraces 200: openapi-core alone finds data"):
        second_opinion(client, sample)
    client.close()


def test_a_broken_answer_is_broken_for_both(twosignal_sandbox: Sandbox) -> None:
    def break_it(asked: Asked, behind: Behind) -> Response:
        respond = behind.send(asked)
        return (
            json_response(200, {"data": {"traces": 5}}) if asked.method == "GET" and "limit" in asked.query else respond
        )

    with erring(break_it, origin(twosignal_sandbox)) as url:
        client, sample = client_of(url, twosignal_sandbox.api_key), Sample()
        client.watchers.append(sample)
        client.call("listTraces", query={"limit": 5})
        assert sample.exchanges
        assert list(disagreements(CONTRACT, sample.exchanges, Engine(CONTRACT))) == []
        client.close()
