"""`make bench-detection`: judges broken, legal and mutated servers, prints the score and writes docs/detection.md.

What has a result already is not run again, so that a bench which was interrupted goes on; --again begins anew, and a
result that another state of the suite or of openapi.yaml gave does not count.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from bench.detection._digest import digest_of_the_judge
from bench.detection._mutants import controlled
from bench.detection._page import page, score
from bench.detection._results import Results
from bench.detection._running import Bench
from tests.conformance.apis.rest.broken.table import VARIANTS
from tests.conformance.apis.rest.legal.servers import SERVERS
from tests.conformance.independent.__main__ import RESULTS, sample, tell
from tests.conformance.independent.legal import SERVERS as INDEPENDENT
from tests.conformance.independent.results import Results as Mutants
from tests.conformance.independent.trials import PROFILES

ROOT = Path(__file__).parents[2]
BURSTS = {"with": (False, True), "without": (False,), "only": (True,), "nothing": ()}


def main() -> int:
    """0 when every broken server was caught and no legal one was failed, else 1."""
    given = _arguments()
    # What runs goes to its end, and the mock and the proxy with it.
    # What runs in the background ignores SIGINT, and so would the suite, which is stopped by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside; the same command goes on"))
    results = Results(given.results)
    bench = Bench(results)
    tasks = bench.broken(VARIANTS, range(1, given.seeds + 1))
    tasks += bench.legal(SERVERS, range(1, given.legal_seeds + 1))
    tasks += bench.independent(INDEPENDENT, range(1, given.legal_seeds + 1))
    tasks += bench.control(VARIANTS, range(1, given.control_seeds + 1))
    tasks += bench.control_of_legal(SERVERS, range(1, given.control_seeds + 1))
    tasks += bench.control_of_mutants(controlled(), range(1, given.control_seeds + 1))
    results.keep({task.key for task in tasks})
    wanted = [
        task
        for task in tasks
        if given.only in f"{task.kind} {task.server}" and bool(task.bursts) in BURSTS[given.bursts]
    ]
    bench.run(wanted, workers=given.workers, again=given.again)
    print(score(results))
    mutants = Mutants(given.mutants_results, digest_of_the_judge())
    if given.mutants != "nothing" and given.only in "mutant" and False in BURSTS[given.bursts]:
        chosen = sample(*map(int, given.sample.split("/")))
        mutants.go_on(chosen, given.mutants, seed=1, workers=given.workers, tell=_say)
    print(tell(mutants, sample(0, 1)))
    if given.page:
        given.page.write_text(page(results, mutants), encoding="utf-8")
        print(f"written: {given.page}")
    bad = [row for row in results if not row.good and not row.kind.startswith("control")]
    for row in bad:
        print(f"{row.kind}: {row.server} (seed {row.seed}): {row.told}", file=sys.stderr)
    return 1 if bad else 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="seeds for broken servers (default: 5)")
    parser.add_argument("--legal-seeds", type=int, default=20, help="seeds for legal servers (default: 20)")
    parser.add_argument("--control-seeds", type=int, default=1, help="seeds for Schemathesis alone (default: 1)")
    parser.add_argument("--only", default="", help="only runs whose kind and name hold this text")
    parser.add_argument(
        "--bursts",
        choices=BURSTS,
        default="with",
        help="runs about rates, which need a machine that does nothing else: with them (the default), without, only "
        "them, or nothing at all, which writes the page again",
    )
    parser.add_argument(
        "--mutants",
        choices=("nothing", *PROFILES),
        default="standard",
        help="how thoroughly mutants of the independent server are judged: by quick, then by what their module is "
        "about, then by all of standard (the default); what is caught sooner is not judged further",
    )
    parser.add_argument("--sample", default="0/1", help="part K of N of the mutants, as K/N (default: all)")
    parser.add_argument("--mutants-results", type=Path, default=RESULTS, help="file of results of mutants")
    parser.add_argument("--workers", type=int, default=2, help="runs at the same time (default: 2)")
    parser.add_argument("--again", action="store_true", help="run what has a result, too")
    parser.add_argument("--results", type=Path, default=ROOT / "build" / "detection.jsonl", help="file of results")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "detection.md", help="the page to write")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
