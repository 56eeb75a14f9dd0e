"""Tries the suite on mutants of the independent server, and tells which it let through.

    python -m tests.conformance.independent --sample 3/30 --results FILE

Results are lines of JSON. A mutant that stands in the file is not tried again, so an interrupted run goes on where it
was. One that only survived the quick profile is tried again under the standard one.
"""

import argparse
import hashlib
import json
from collections import Counter
from pathlib import Path

from .mutants import Mutant, make_mutants
from .trials import CAUGHT, try_mutant


def sample(part: int, parts: int) -> list[Mutant]:
    """Every mutant is in one part, chosen by its name and spread over files and operators."""
    return [mutant for mutant in make_mutants() if _number(mutant.name) % parts == part % parts]


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])


def read_results(file: Path) -> dict[str, dict[str, object]]:
    """The last line of each mutant."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {str(line["mutant"]): line for line in map(json.loads, lines)}


def _is_decided(line: dict[str, object] | None, profile: str) -> bool:
    return line is not None and (line["verdict"] != "survived" or profile in (line["profile"], "quick"))


def tell(results: list[dict[str, object]]) -> str:
    """How many were caught, and who was not."""
    verdicts = Counter(str(line["verdict"]) for line in results)
    caught = sum(verdicts[verdict] for verdict in CAUGHT)
    judged = len(results) - verdicts["stillborn"]
    survivors = [
        f"  {line['mutant']}: {line['before']}  ->  {line['after']}"
        for line in results
        if line["verdict"] == "survived"
    ]
    counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    return "\n".join([f"{caught} of {judged} caught ({counts})", *survivors])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sample", default="1/1", help="part K of N, as K/N")
    options.add_argument("--results", type=Path, required=True, help="lines of JSON, which are added to")
    options.add_argument("--profile", choices=("quick", "standard"), default="standard")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    part, parts = (int(number) for number in chosen.sample.split("/"))
    mutants = sample(part, parts)
    known = read_results(chosen.results)
    with chosen.results.open("a", encoding="utf-8") as results:
        for mutant in mutants:
            if not _is_decided(known.get(mutant.name), chosen.profile):
                line = known[mutant.name] = try_mutant(mutant, chosen.profile, chosen.seed)
                print(json.dumps(line), file=results, flush=True)
                print(f"{line['verdict']:<9} {mutant.name}  {line['seconds']} s", flush=True)
    print(tell([known[mutant.name] for mutant in mutants]))


if __name__ == "__main__":
    main()
