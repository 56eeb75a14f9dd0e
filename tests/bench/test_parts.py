"""A run in steps, and the parts that need no wrk: what breaks is said, what is done is kept, nothing is asked twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench import _plan
from bench._bench import QUICK, Bench
from bench._contract import BenchContract
from bench._record import Record
from bench._run import run
from bench.figures import PARTS, Part, _sizes, _stores
from bench.load import LIST_SIZE, OneAtATime, Request
from bench.servers import DURABLE, MEMORY, Pinning, ServerError, subjects

SIZES = (1_000, 20_000)
"""Traces; a store of twenty thousand is the smallest one after a thousand whose older half has one of the rarest."""


@pytest.fixture
def small(tmp_path: Path) -> Bench:
    """A run of the shortest kind, without generators, on whatever core there is."""
    contract = BenchContract()
    document = contract.write_copy(tmp_path / "openapi.json", LIST_SIZE)
    options = replace(QUICK, rounds=1, sizes=SIZES, steady=1.0)
    said: list[str] = []
    return Bench(contract, document, tmp_path, Pinning((), (), (), ""), options, Record(), said.append, None, None)


def two_parts(monkeypatch: pytest.MonkeyPatch, first: Callable[[Bench], None], second: Callable[[Bench], None]) -> None:
    """Puts two parts in the place of the real ones."""

    def part(measure: Callable[[Bench], None]) -> Part:
        return Part(lambda bench, _: measure(bench), lambda _: 1.0)

    monkeypatch.setattr(_plan, "PARTS", {"first": part(first), "second": part(second)})


def asked_for(bench: Bench, *names: str) -> Bench:
    return replace(bench, options=replace(bench.options, only=names))


def breaks(bench: Bench) -> None:
    bench.record.add("growth", subject="ours", traces=0, memory=1)
    raise ServerError("it ended with 3")


def measures(bench: Bench) -> None:
    bench.record.add("growth", subject="ours", traces=7, memory=1)


def test_a_part_that_breaks_is_said_and_the_others_are_measured(
    small: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_parts(monkeypatch, breaks, measures)
    run(asked_for(small, "first", "second"), [], tmp_path / "results.json")
    kept = Record.load(tmp_path / "results.json")
    assert kept.missing == {"first": "ServerError: it ended with 3"}
    assert kept.values("growth", "traces") == [0, 7]
    assert list(kept.took) == ["second"]


def test_a_run_that_goes_on_repeats_what_broke_and_nothing_else(
    small: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "results.json"
    two_parts(monkeypatch, breaks, measures)
    run(asked_for(small, "first", "second"), [], results)
    two_parts(monkeypatch, measures, breaks)
    run(replace(asked_for(small, "first", "second"), record=Record.load(results)), [], results)
    kept = Record.load(results)
    assert kept.missing == {}
    assert kept.values("growth", "traces") == [7, 7]
    assert list(kept.took) == ["second", "first"]


def test_a_plan_is_told_before_anything_is_measured(
    small: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    two_parts(monkeypatch, measures, measures)
    run(replace(asked_for(small, "second"), say=said.append), [], tmp_path / "results.json")
    assert [line.split() for line in said[:2]] == [
        ["second", "about", "0.0", "min"],
        ["in", "all", "about", "0.0", "min"],
    ]
    assert said[2] == "second begins"


def test_lists_are_asked_at_all_sizes_and_find_as_many_rows_at_each(
    small: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_stores, "BUILD", tmp_path)
    monkeypatch.setattr(_sizes, "_SECONDS", 0.0)
    ours = [subject for subject in subjects(lambda *_: None) if subject.name == DURABLE]
    for _ in range(2):  # the second time the stores are there
        PARTS["sizes"].measure(small, ours)
    assert small.record.missing == {}
    rows = small.record.sections["sizes"]
    assert {row["traces"] for row in rows} == set(SIZES)
    found = {size: [row["rows"] for row in rows if row["traces"] == size] for size in SIZES}
    assert found[SIZES[0]] == found[SIZES[1]]
    assert all(found[SIZES[0]])


def test_memory_is_watched_under_a_steady_load_while_the_stores_are_filled(
    small: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_stores, "BUILD", tmp_path)
    short = replace(small, options=replace(small.options, sizes=(10, 20)))
    (ours,) = [subject for subject in subjects(lambda *_: None) if subject.name == DURABLE]
    PARTS["steady"].measure(short, [ours])
    rows = small.record.sections["steady"]
    assert all(row["memory"] > 0 for row in rows[:-1])
    assert rows[-1]["requests"] > rows[-1]["broken"] == 0
    assert _stores.Stores(short, ours).are_filled


def test_reset_and_snapshot_are_timed_at_each_size(small: Bench) -> None:
    ours = [subject for subject in subjects(lambda *_: None) if subject.name == MEMORY]
    PARTS["control"].measure(replace(small, options=replace(small.options, sizes=(10, 20))), ours)
    calls = {(row["says"], row["traces"]) for row in small.record.sections["control"]}
    assert calls == {(call, size) for call in ("snapshot", "restore", "reset") for size in (10, 20)}


def test_one_request_at_a_time_reads_every_answer_to_its_end(small: Bench) -> None:
    (ours,) = [subject for subject in subjects(lambda *_: None) if subject.name == MEMORY]
    with small.serving(ours) as server, OneAtATime(server.url) as connection:
        seen = connection.run("", Request("GET", small.contract.operations["getHealth"].path, keyed=False), seconds=0.0)
    assert seen.requests >= 20
    assert 0 < seen.latency["50"] <= seen.latency["99.9"]
