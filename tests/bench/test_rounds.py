"""A round with a generator of ours in wrk's place: who is measured, who is warmed up, and what breaks alone."""

from __future__ import annotations

import http.client
import http.server
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path
from typing import Any, cast

import pytest

from bench._bench import QUICK, Bench
from bench._contract import BenchContract
from bench._filling import pace
from bench._record import Record
from bench._rounds import Rounds
from bench.load import LIST_SIZE, LONGER, LoadError, OneAtATime, Outcome, Request, Wrk
from bench.servers import MEMORY, Pinning, Subject, subjects


class Generator:
    """Answers at the rates that it is told, one after the other; for None it fails."""

    def __init__(self, *rates: int | None) -> None:
        self.runs = 0
        self._rates = chain(rates, repeat(rates[-1]))

    def run(self, *_: object, seconds: float, **__: object) -> Outcome:
        self.runs += 1
        if (rate := next(self._rates)) is None:
            raise LoadError("wrk did not end")
        return Outcome(round(rate * seconds), seconds, 0, 0, dict.fromkeys(("50", "90", "99", "99.9"), 1.0))


@pytest.fixture
def ours() -> Subject:
    (found,) = [subject for subject in subjects(lambda *_: None) if subject.name == MEMORY]
    return found


def bench_with(generator: Generator, folder: Path, *only: str, warm_up: int = 0) -> Bench:
    contract = BenchContract()
    options = replace(QUICK, only=only, warm_up=warm_up)
    document = contract.write_copy(folder / "openapi.json", LIST_SIZE)
    wrk = cast("Wrk", generator)
    return Bench(contract, document, folder, Pinning((), (), (), ""), options, Record(), lambda _: None, wrk, None)


def test_a_round_measures_what_is_wanted_of_each_server_and_how_it_starts(ours: Subject, tmp_path: Path) -> None:
    bench = bench_with(Generator(500), tmp_path, "health", "list", "limited")
    with Rounds(bench, [ours]) as rounds:
        rounds.measure(0)
    assert bench.record.missing == {}
    assert bench.record.names("rounds", "workload") == ["health", "list", "limited"]
    assert bench.record.values("rounds", "rate", workload="list", subject=MEMORY) == [500]
    assert bench.record.values("starts", "ready")[0] > 0


def test_large_bodies_are_measured_longer_so_that_those_under_way_at_the_end_weigh_little(
    ours: Subject, tmp_path: Path
) -> None:
    bench = bench_with(Generator(500), tmp_path, "health", "post-100")
    with Rounds(bench, [ours]) as rounds:
        rounds.measure(0)
    (short,) = bench.record.values("rounds", "requests", workload="health")
    assert bench.record.values("rounds", "requests", workload="post-100") == [LONGER * short]


def test_what_compiles_is_warmed_up_until_it_gets_no_faster_and_only_before_its_first_round(
    ours: Subject, tmp_path: Path
) -> None:
    generator = Generator(100, 200, 300, 305, 400)
    bench = bench_with(generator, tmp_path, "health", warm_up=8)
    with Rounds(bench, [replace(ours, compiles=True)]) as rounds:
        rounds.measure(0)
        assert generator.runs == 5  # 305 is hardly faster than 300, so the fifth second counts
        rounds.measure(1)
    assert bench.record.values("rounds", "rate") == [400, 400]
    assert len(bench.record.values("starts", "ready")) == 2


def test_a_warm_up_ends_even_if_a_server_gets_faster_all_the_time(ours: Subject, tmp_path: Path) -> None:
    generator = Generator(100, 200, 400, 800, 1600)
    bench = bench_with(generator, tmp_path, "health", warm_up=3)
    with Rounds(bench, [replace(ours, compiles=True)]) as rounds:
        rounds.measure(0)
    assert bench.record.values("rounds", "rate") == [800]


def test_a_generator_that_fails_once_costs_one_figure(ours: Subject, tmp_path: Path) -> None:
    bench = bench_with(Generator(None, 700), tmp_path, "health", "list")
    with Rounds(bench, [ours]) as rounds:
        rounds.measure(0)
    assert bench.record.missing == {f"{MEMORY}: health": "wrk did not end"}
    assert bench.record.names("rounds", "workload") == ["list"]


def test_a_server_that_answers_nothing_has_no_rate(ours: Subject, tmp_path: Path) -> None:
    bench = bench_with(Generator(0), tmp_path, "health")
    with Rounds(bench, [ours]) as rounds:
        rounds.measure(0)
    assert bench.record.missing == {f"{MEMORY}: health": "in 1 s nothing was answered"}


def test_a_server_that_does_not_start_costs_its_own_figures(ours: Subject, tmp_path: Path) -> None:
    bench = bench_with(Generator(700), tmp_path, "health")
    broken = replace(ours, name="broken", command=lambda _: (["false"], {}))
    with Rounds(bench, [broken, ours]) as rounds:
        rounds.measure(0)
    assert list(bench.record.missing) == ["broken, round 1"]
    assert bench.record.names("rounds", "subject") == [MEMORY]


@pytest.fixture
def rude(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that sends bodies late and hangs up on every so-manieth request."""
    counted = [0]

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            counted[0] += 1
            if counted[0] % request.param:
                self.send_response(200)
                self.send_header("Content-Length", "4")
                self.end_headers()
                time.sleep(0.001)
                self.wfile.write(b"late")
            else:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Nothing is told."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def at_a_pace(url: str, looks: list[None], requests: Sequence[Request]) -> tuple[int, int]:
    return pace(url, "", [*requests], rate=500, seconds=0.4, every=0.1, look=lambda: looks.append(None))


@pytest.mark.parametrize("rude", [100], indirect=True)
def test_one_request_at_a_time_waits_for_the_body_too(rude: str) -> None:
    with OneAtATime(rude) as connection:
        seen = connection.run("", Request("GET", "/"), seconds=0.0)
    assert seen.requests == 20
    assert seen.latency["50"] >= 1


@pytest.mark.parametrize("rude", [10], indirect=True)
def test_one_request_at_a_time_says_that_a_server_hung_up(rude: str) -> None:
    with OneAtATime(rude) as connection, pytest.raises(LoadError, match="closed the connection"):
        connection.run("", Request("GET", "/"), seconds=0.0)


@pytest.mark.parametrize("rude", [20], indirect=True)
def test_a_steady_load_goes_on_over_a_new_connection_when_one_breaks(rude: str) -> None:
    looks: list[None] = []
    answered, broken = at_a_pace(rude, looks, [Request("GET", "/")])
    assert 0 < broken < answered
    assert len(looks) >= 2


@pytest.mark.parametrize("rude", [1], indirect=True)
def test_a_steady_load_ends_when_nothing_is_answered(rude: str) -> None:
    with pytest.raises(http.client.HTTPException):
        at_a_pace(rude, [], [Request("GET", "/")])
