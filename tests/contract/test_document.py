"""The REST API's contract agrees with itself, its sources and the README; test_every_contract.py has the rest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from twosignal_contract import Contract, ContractError, load_contract

ROOT = Path(__file__).parents[2]
CONTRACT: Contract = load_contract(ROOT / "openapi.yaml")


def test_clauses_about_sizes_and_counts_state_the_numbers_of_the_limits() -> None:
    sentences = {clause.id: clause.says for clause in CONTRACT.clauses.values()}
    for operation_id, limit in CONTRACT.payload_limits.items():
        mine = [clause for clause in CONTRACT.clauses.values() if clause.operation_id == operation_id]
        for clause in mine:
            if clause.id.endswith(".max-bytes"):
                assert f"{limit.refused_above:,} bytes" in clause.says
            if clause.id.endswith(".max-bytes-accepted"):
                assert f"{limit.bytes:,} bytes" in clause.says
            if clause.id.endswith((".max-events", ".max-events-accepted")):
                assert f"{limit.events:,} events" in clause.says
    for plan, rate in CONTRACT.plans.items():
        assert f"{rate:,} requests per second" in sentences[f"rate.plan.{plan}"]
    for delay in CONTRACT.retry.delays:
        assert f"{delay:g}" in sentences["client.retry.backoff"]


def test_every_conflict_and_gap_of_the_reference_is_settled() -> None:
    numbers = {"conflict": 60, "gap": 25}  # sections 8 and 9 of reference/twosignal.md, which is not in this repository
    expected = {f"{kind}-{number}" for kind, most in numbers.items() for number in range(1, most + 1)}
    assert CONTRACT.questions.keys() == expected


def test_the_readme_counts_the_clauses_right() -> None:
    counts = re.findall(r"([0-9]+) clauses", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert set(counts) == {str(len(CONTRACT.clauses))}


def test_the_refusal_in_the_readme_is_what_the_reader_says(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    text = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    path.write_text(re.sub(r"^(  free): [0-9]+$", r"\1: -1", text, flags=re.MULTILINE), encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    line = str(caught.value.problems[0]).removeprefix(f"{tmp_path}/")
    assert f"    {line}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
