"""`make bench`: ours beside what people would use instead, in one table and in docs/performance.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench._bench import FULL, QUICK, Bench, Options
from bench._compare import compare
from bench._law import Law
from bench._machine import load, machine, runtimes
from bench._page import show, write
from bench._paths import BUILD, NODE_PACKAGES, PAGE, RESULTS
from bench._record import Record
from bench._rounds import measure
from bench.figures import PARTS
from bench.load import LIST_SIZE, Autocannon, LoadError, Wrk
from bench.servers import DURABLE, install, pinning, subjects

_BUSY = 0.5
"""Load average above which a run warns: its figures are shaken by whatever else runs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what was asked for, and gives the exit code: 0, or 1 when nothing could be measured."""
    given = _arguments(arguments)
    console = Console(stderr=True, highlight=False)
    out = Console(width=None if sys.stdout.isatty() else 200)
    if given.again:
        record = Record.load(given.results)
        show(record, None, out)
        write(record, _before(given.results), given.page)
        return 0
    options = replace(QUICK if given.quick else FULL, only=tuple(given.only))
    if given.rounds:
        options = replace(options, rounds=given.rounds)
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=BUILD, ignore_cleanup_errors=True) as folder:
        bench = _prepare(options, given, Path(folder), console)
        return compare(bench, given.base, out) if given.base else _run(bench, given, console, out)


def _run(bench: Bench, given: argparse.Namespace, console: Console, out: Console) -> int:
    before = _keep_before(given.results)
    chosen = subjects(bench.record.about["missing"])
    chosen = [subject for subject in chosen if not given.servers or subject.name in (*given.servers, DURABLE)]
    bench.record.about["versions"] |= {each.name: f"{each.version}: {each.does}" for each in chosen}
    for name, measure_part in {"rounds": measure, **PARTS}.items():
        if name == "rounds" or bench.options.wants(name):
            measure_part(bench, chosen)
            bench.record.save(given.results)
    show(bench.record, before, out)
    if not bench.record.sections:
        console.print("nothing was measured: --only takes names of workloads and parts, see --help", markup=False)
        return 1
    if given.page:
        write(bench.record, before, given.page)
        console.print(f"written: {given.page}")
    return 0


def _prepare(options: Options, given: argparse.Namespace, folder: Path, console: Console) -> Bench:
    def say(line: str) -> None:
        console.print(f"bench: {line}", markup=False)

    if load() > _BUSY:
        say(f"this machine is busy (load average {load():.1f}): the figures will be shaken")
    missing = {} if given.no_install else install(say)
    pins = pinning()
    generators: dict[str, str] = {}
    wrk = autocannon = None
    try:
        wrk = Wrk(folder / "wrk", pins.generator)
        generators[wrk.name] = f"{wrk.version}: the generator"
    except LoadError as error:
        missing["wrk"] = str(error)
    try:
        autocannon = Autocannon(NODE_PACKAGES, folder / "autocannon", pins.generator)
        generators[autocannon.name] = f"{autocannon.version}: the second generator"
    except LoadError as error:
        missing["autocannon"] = str(error)
    if wrk is None and autocannon is None:
        sys.exit(f"no generator of load: {missing['wrk']}; or: {missing['oha']}")
    law = Law()
    record = Record(
        {
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "contract": law.version,
            "machine": dict(machine(pins.says, BUILD)),
            "options": _told(options) | {"load average before": f"{load():.1f}"},
            "versions": dict(runtimes()) | generators,
            "missing": missing,
        }
    )
    document = law.write_copy(folder / "openapi.json", LIST_SIZE)
    return Bench(law, document, folder, pins, options, record, say, wrk, autocannon)


def _told(options: Options) -> dict[str, object]:
    told = asdict(options)
    return {
        "rounds": told["rounds"],
        "seconds of a measurement": told["seconds"],
        "seconds before it": told["warm_up"],
        "connections": told["connections"],
    }


def _keep_before(results: Path) -> Record | None:
    """Moves the results of the run before out of the way, and gives them."""
    if results.exists():
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
    parser.add_argument("--again", action="store_true", help="write the page again from the results, measure nothing")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE", help="the results, as JSON")
    parser.add_argument("--page", type=Path, metavar="FILE", help="the page to write (a full run: docs/performance.md)")
    given = parser.parse_args(arguments)
    given.only = [name for each in given.only for name in each.split(",") if name]
    if given.page is None and not (given.quick or given.only or given.servers or given.rounds or given.base):
        given.page = PAGE
    if given.again and given.page is None:
        given.page = PAGE
    return given


if __name__ == "__main__":
    sys.exit(main())
