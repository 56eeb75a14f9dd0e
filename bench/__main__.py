"""`make bench`: ours beside what people would use instead, in one table and in docs/performance.md."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench._bench import FULL, QUICK, Bench, Options
from bench._compare import compare
from bench._contract import BenchContract
from bench._machine import load, machine, runtimes, sources
from bench._page import show, write
from bench._paths import BUILD, NODE_PACKAGES, PAGE, PARTIAL, RESULTS
from bench._record import Record
from bench._run import run
from bench.figures import PARTS
from bench.load import LIST_SIZE, LONGER, Autocannon, LoadError, Wrk
from bench.servers import DURABLE, install, pinning, subjects

_BUSY = 0.5
"""Load average above which a run warns: its figures are shaken by whatever else runs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what was asked for, and gives the exit code: 0, or 1 when nothing could be measured."""
    given = _arguments(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside; --resume goes on"))  # servers end with it
    console = Console(stderr=True, highlight=False)
    out = Console(width=None if sys.stdout.isatty() else 200)
    if given.again:
        record = Record.load(given.results)
        show(record, _before(given.results), out)
        write(record, _before(given.results), given.page)
        return 0
    options = replace(QUICK if given.quick else FULL, only=tuple(given.only))
    options = replace(options, rounds=given.rounds or options.rounds, steady=given.steady or options.steady)
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=BUILD, ignore_cleanup_errors=True) as folder:
        bench = _prepare(options, given, Path(folder), console)
        bench.pins.stay()
        return compare(bench, given.base, out) if given.base else _run(bench, given, console, out)


def _run(bench: Bench, given: argparse.Namespace, console: Console, out: Console) -> int:
    if given.resume:
        _go_on(bench, Record.load(given.results))
    before = _before(given.results) if given.resume else _keep_before(given.results)
    chosen = subjects(bench.record.miss)
    chosen = [subject for subject in chosen if not given.servers or subject.name in (*given.servers, DURABLE)]
    bench.record.about["versions"] |= {each.name: f"{each.version}: {each.does}" for each in chosen}
    run(bench, chosen, given.results)
    show(bench.record, before, out)
    if not bench.record.has_figures():
        came = f" by --only {','.join(bench.options.only)}" if bench.options.only else ""
        console.print(
            f"nothing was measured{came}: --only takes names of workloads and parts, see --help", markup=False
        )
        return 1
    if given.page:
        write(bench.record, before, given.page)
        console.print(f"written: {given.page}")
    return 0


def _go_on(bench: Bench, stopped: Record) -> None:
    """Takes over what a run that stopped has measured; the options must be the same, or the figures are not."""
    now, then = bench.record, stopped.about
    alike = [(about["options"], about["machine"], about["sources"]["digest"]) for about in (now.about, then)]
    if alike[0] != alike[1]:
        sys.exit(
            f"the run of {then['date']} had other options, sources or another machine; begin anew, without --resume"
        )
    stopped.begin("")
    for name, why in now.missing.items():
        stopped.miss(name, why)
    bench.record = stopped


def _prepare(options: Options, given: argparse.Namespace, folder: Path, console: Console) -> Bench:
    def say(line: str) -> None:
        console.print(f"{datetime.now(UTC):%H:%M:%S} {line}", markup=False)

    if load() > _BUSY:
        say(f"this machine is busy (load average {load():.1f}): the figures will be shaken")
    record = Record()
    for name, why in ({} if given.no_install else install(say)).items():
        record.miss(name, why)
    pins = pinning()
    generators: dict[str, str] = {}
    wrk = autocannon = None
    try:
        wrk = Wrk(folder / "wrk", pins.generator)
        generators[wrk.name] = f"{wrk.version}: the generator"
    except LoadError as error:
        record.miss("wrk", str(error))
    try:
        autocannon = Autocannon(NODE_PACKAGES, folder / "autocannon", pins.generator)
        generators[autocannon.name] = f"{autocannon.version}: the second generator"
    except LoadError as error:
        record.miss("autocannon", str(error))
    if wrk is None and autocannon is None:
        sys.exit("no generator of load: " + "; ".join(record.missing.values()))
    contract = BenchContract()
    record.about = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "contract": contract.contract.version,
        "sources": sources(),
        "machine": dict(machine(pins.says, BUILD)),
        "options": _told(options),
        "load": f"{load():.1f}",
        "versions": dict(runtimes()) | generators,
    }
    document = contract.write_copy(folder / "openapi.json", LIST_SIZE)
    return Bench(contract, document, folder, pins, options, record, say, wrk, autocannon)


def _told(options: Options) -> dict[str, object]:
    told = asdict(options)
    return {
        "rounds": told["rounds"],
        "seconds of a measurement": told["seconds"],
        "of large bodies": told["seconds"] * LONGER,
        "seconds before it at most, where a runtime compiles": told["warm_up"],
        "connections": told["connections"],
        "seconds of steady load": told["steady"],
    }


def _keep_before(results: Path) -> Record | None:
    """Moves the results of the run before out of the way, unless it stopped, and gives the last that did not."""
    if results.exists() and Record.load(results).about.get("ended"):
        results.replace(results.with_suffix(".before.json"))
    return _before(results)


def _before(results: Path) -> Record | None:
    path = results.with_suffix(".before.json")
    return Record.load(path) if path.exists() else None


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog=f"Parts beside the workloads: {', '.join(PARTS)}."
    )
    parser.add_argument("--quick", action="store_true", help="a few minutes, for a first look")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="a workload (health, list, list*, post-2, mixed...) or a part; may be repeated, or separated by commas",
    )
    parser.add_argument("--servers", action="append", default=[], metavar="NAME", help="only ours and this one")
    parser.add_argument("--rounds", type=int, metavar="N", help="another number of rounds")
    parser.add_argument(
        "--base", metavar="REVISION", help="compare ours with another revision of ours, and nothing else"
    )
    parser.add_argument("--no-install", action="store_true", help="take the peers that are there")
    parser.add_argument("--steady", type=float, metavar="SECONDS", help="another length of the steady load")
    parser.add_argument("--resume", action="store_true", help="go on with a run that stopped, from what it has kept")
    parser.add_argument("--again", action="store_true", help="write the page again from the results, measure nothing")
    parser.add_argument("--results", type=Path, metavar="FILE", help="the results, as JSON")
    parser.add_argument("--page", type=Path, metavar="FILE", help="the page to write (a full run: docs/performance.md)")
    given = parser.parse_args(arguments)
    given.only = [name for each in given.only for name in each.split(",") if name]
    whole = not (given.quick or given.only or given.servers or given.rounds or given.steady or given.base)
    given.results = given.results or (RESULTS if whole or given.again else PARTIAL)
    if given.page is None and (whole or given.again):
        given.page = PAGE
    return given


if __name__ == "__main__":
    sys.exit(main())
