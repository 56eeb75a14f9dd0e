"""Wrong orders end with the exit code that is documented, and say what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.runner.conftest import HEALTH_ALONE, Judge, sick
from tests.conformance.servers import KEY, Server, serving
from tests.end_to_end.pages import ROOT

DASHBOARD = ROOT / "contracts" / "dashboard.openapi.yaml"


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--api", "soap"], "--api soap: expected one of rest"),
        (["--contract", str(DASHBOARD)], "--api rest: no contract of this API in"),
        (["--only", "helth"], "--only helth: no clause has this id or begins so; did you mean health"),
        (["--plan", "fre"], "--plan fre: expected one of free"),
        (["--profile", "fast"], "--profile fast: expected one of quick, standard, thorough"),
        (["--user", "dev@example.com"], "--user: expected EMAIL:PASSWORD"),
        (["--now", "noon"], "--now 'noon': expected an ISO 8601"),
        (["--now", "2026-03-14T12:00:00"], "--now '2026-03-14T12:00:00': expected an ISO 8601"),
        (["--seed", "-1"], "--seed -1: expected 0 to"),
        (["--run-id", "a b"], "--run-id 'a b': expected up to"),
        (["--settle", "-1"], "--settle -1: expected a number of seconds"),
        (["--other-api-key", KEY], "--other-api-key is the same key as --api-key"),
        (["--fail-on", "may"], "--fail-on may"),
        (["--json", "no/such/folder.json"], "--json no/such/folder.json: cannot be written"),
        (["--json", "a", "--html", "a"], "name the same file"),
        (["--ledger", "no/such/ledger"], "--ledger: no/such/ledger cannot be written"),
        (["--ledger", "/dev/full"], "--ledger: /dev/full cannot be written (No space left on device)"),
        (["--only", ""], "--only '': expected the id of a clause"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_option_ends_with_2_and_names_itself(
    judge: Judge, server: Server, options: list[str], line: str
) -> None:
    ended = judge(server.url, *options, reports=False)
    assert ended.code == 2
    assert line in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_missing_key_and_an_address_that_is_none_end_with_2(judge: Judge, server: Server) -> None:
    assert "no API key: give --api-key or set TWOSIGNAL_API_KEY" in judge(server.url, key=None).err
    ended = judge("localhost:3000")
    assert (ended.code, "expected http:// or https://" in ended.err) == (2, True)


def test_what_is_only_looked_for_in_answers_gets_some(judge: Judge, server: Server) -> None:
    options = ("--only", "errors.internal.absent", "--settle", "0", "--profile")
    quick, thorough = judge(server.url, *options, "quick"), judge(server.url, *options, "thorough")
    assert (quick.code, thorough.code) == (0, 0)
    assert "looked for in all responses: the checks of the profile quick make some" in thorough.out
    assert thorough.out.splitlines()[-1] == "conforms among the 1 clause of --only"
    assert "violated " not in thorough.out, "said of clauses that nobody asked for"
    assert "test_interleavings" not in thorough.out, "a larger profile makes no more for it"


def test_what_an_untested_clause_lacks_is_what_its_check_met(judge: Judge, server: Server) -> None:
    ended = judge(server.url, "--read-only", "--profile", "quick", "--only", "scores.create", "--only", "timestamps")
    remedies = {row["id"]: row["remedy"] for row in ended.report["clauses"]}
    assert remedies["scores.create.status"] == remedies["timestamps.out.utc"] == "run without --read-only"
    assert "run with --profile standard" in remedies.values(), "for what the profile alone leaves out"


def test_invalid_files_end_with_3(judge: Judge, server: Server, tmp_path: Path) -> None:
    (tmp_path / "bad").write_text("nonsense it is\n", encoding="utf-8")
    known = judge(server.url, "--known", "bad", reports=False)
    contract = judge(server.url, "--contract", "bad", reports=False)
    assert (known.code, contract.code) == (3, 3)
    assert known.err.startswith("bad:1: nonsense is no clause about servers")


def test_known_deviations_are_forgiven_until_they_are_gone(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "known").write_text("health.body  ticket 7\n", encoding="utf-8")
    with serving(sick) as server:
        broken = judge(server.url, *HEALTH_ALONE, "--known", "known")
    with serving() as server:
        mended = judge(server.url, *HEALTH_ALONE, "--known", "known")
    assert (broken.code, mended.code) == (0, 1)
    assert "line 1: health.body is kept now; take the line out" in mended.out


def test_an_option_is_a_variable_too(judge: Judge, server: Server) -> None:
    more = {"TWOSIGNAL_CONFORMANCE_ONLY": "health.body", "TWOSIGNAL_API_KEY": KEY, "TWOSIGNAL_CONFORMANCE_SEED": "9"}
    ended = judge(server.url, key=None, **more)
    assert ended.report["seed"] == 9
    assert len(ended.report["clauses"]) == 1
