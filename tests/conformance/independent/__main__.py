"""Tries the suite on mutants of the independent server, and tells which it let through.

    python -m tests.conformance.independent --sample 3/30 --results FILE

Results are lines of JSON. A mutant that stands in the file is not tried again, so an interrupted run goes on where it
was. One that survived a lesser profile is tried again.
"""

import argparse
import ast
import hashlib
import json
import signal
import sys
from collections import Counter
from itertools import takewhile
from pathlib import Path
from textwrap import shorten

from .mutants import Mutant, make_mutants
from .trials import CAUGHT, PROFILES, try_mutant

LEAD, SHOWN = 30, 90  # characters of a change: before it begins, and in all


def sample(part: int, parts: int) -> list[Mutant]:
    """Every mutant is in one part; all parts are of one size and spread over files and operators."""
    return sorted(make_mutants(), key=lambda mutant: hashlib.sha256(mutant.name.encode()).digest())[
        part % parts :: parts
    ]


def read_results(file: Path) -> dict[str, dict[str, object]]:
    """The last line of each mutant."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {str(line["mutant"]): line for line in map(json.loads, lines)}


def go_on(mutants: list[Mutant], file: Path, profile: str, seed: int) -> list[dict[str, object]]:
    """The last line of each mutant, once those that are still open are tried."""
    known = read_results(file)
    with file.open("a", encoding="utf-8") as results:
        for mutant in mutants:
            line = known.get(mutant.name)
            if line is not None and not _is_open(line, profile):
                continue
            survived = str(line["profile"]) if line is not None else None
            known[mutant.name] = line = try_mutant(mutant, profile, seed, survived)
            print(json.dumps(line), file=results, flush=True)
            print(f"{line['verdict']:<9} {mutant.name}  {line['seconds']} s", flush=True)
    return [known[mutant.name] for mutant in mutants]


def _is_open(line: dict[str, object], profile: str) -> bool:
    return line["verdict"] == "survived" and PROFILES.index(str(line["profile"])) < PROFILES.index(profile)


def tell(results: list[dict[str, object]]) -> str:
    """How many were caught, and who was not."""
    verdicts = Counter(str(line["verdict"]) for line in results)
    caught = sum(verdicts[verdict] for verdict in CAUGHT)
    judged = len(results) - verdicts["stillborn"]
    survivors = [
        f"  {line['mutant']}: {_change(str(line['before']), str(line['after']))}"
        for line in results
        if line["verdict"] == "survived"
    ]
    counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    return "\n".join([f"{caught} of {judged} caught ({counts})", *survivors])


def _change(before: str, after: str) -> str:
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
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sample", default="1/1", help="part K of N, as K/N")
    options.add_argument("--results", type=Path, required=True, help="lines of JSON, which are added to")
    options.add_argument("--profile", choices=PROFILES, default="standard")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    part, parts = (int(number) for number in chosen.sample.split("/"))
    # What runs in the background ignores the first, and so would the suite, which is stopped by it. The second must not
    # leave a server behind.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(tell(go_on(sample(part, parts), chosen.results, chosen.profile, chosen.seed)))


if __name__ == "__main__":
    main()
