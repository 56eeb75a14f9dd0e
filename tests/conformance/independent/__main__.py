"""Tries the suite on mutants of the independent server, and tells which it let through.

    python -m tests.conformance.independent --sample 3/30

It goes on where it was: a mutant that this very suite has judged is not judged again, unless it survived and --profile
asks for more. Of those that are held in reserve only the number is told.
"""

import argparse
import ast
import hashlib
import signal
import sys
from itertools import takewhile
from pathlib import Path
from textwrap import shorten

from bench.detection._digest import digest_of_the_judge

from .mutants import HERE, Mutant, make_mutants
from .results import Results, is_reserved, read_survivors, tally
from .trials import PROFILES

RESULTS = HERE.parents[2] / "build" / "mutants.jsonl"
LEAD, SHOWN = 30, 90  # characters of a change: before it begins, and in all


def sample(part: int, parts: int) -> list[Mutant]:
    """Every mutant is in one part; all parts are of one size and spread over files and operators."""
    ordered = sorted(make_mutants(), key=lambda mutant: hashlib.sha256(mutant.id.encode()).digest())
    return ordered[part % parts :: parts]


def tell(results: Results, mutants: list[Mutant]) -> str:
    """How many were caught, and who was not; for those in reserve only how many."""
    known = read_survivors()
    reserve = [mutant for mutant in mutants if is_reserved(mutant, known)]
    looked_at = [mutant for mutant in mutants if not is_reserved(mutant, known)]
    lines = []
    for name, rows in (("looked at", looked_at), ("in reserve", reserve)):
        found = tally(results, rows, known)
        lines.append(f"{name}: {found.raw[0]} of {found.raw[1]} caught; survivors: {found.survived or 'none'}")
    for mutant in looked_at:
        if mutant in results and results[mutant]["verdict"] == "survived":
            kind = known[mutant.id].kind if mutant.id in known else "open"
            lines.append(f"  {mutant.id} {kind} {mutant.name}: {change(mutant.before, mutant.after)}")
    return "\n".join(lines)


def change(before: str, after: str) -> str:
    """Where the two begin to differ, in one short line."""
    one, other = " ".join(_plain(before).split()), " ".join(_plain(after).split())
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return "  ->  ".join(shorten(text[max(0, common - LEAD) :], SHOWN, placeholder=" ...") for text in (one, other))


def _plain(code: str) -> str:
    """The code as Python itself would write it, so that only what it does differs."""
    try:
        return ast.unparse(ast.parse(code))
    except SyntaxError:  # a handler without its try
        return code


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.conformance.independent", description=__doc__)
    options.add_argument("--sample", default="1/1", help="part K of N, as K/N")
    options.add_argument("--results", type=Path, default=RESULTS, help="lines of JSON, which are added to")
    options.add_argument("--profile", choices=PROFILES, default="standard")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args()
    part, parts = (int(number) for number in chosen.sample.split("/"))
    # What runs in the background ignores the first, and so would the suite, which is stopped by it. The second must not
    # leave a server behind.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    mutants = sample(part, parts)
    results = Results(chosen.results, digest_of_the_judge())
    results.go_on(mutants, chosen.profile, seed=chosen.seed, workers=chosen.workers, tell=_say)
    print(tell(results, mutants))


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
