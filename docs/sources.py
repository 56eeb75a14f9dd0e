"""Writes docs/sources.md: for each seed the clauses that come from it, and what settles each open question.

`python docs/sources.py` writes; with `--check` it fails when the file is not what the contract gives. `--contract FILE`
reads another document than `openapi.yaml`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from twosignal_contract import Clause, Contract, ContractError, Level, Question, Source, load_contract

TARGET = Path(__file__).with_suffix(".md")

REFUSED = 3
"""Exit code for a document that cannot be judged by, as of `twosignal-conformance`."""

INTRODUCTION = """\
# Where the clauses come from

Written by `make generate` from `openapi.yaml`; do not edit. A clause is listed under each of its sources. `must` binds
without doubt, `should` where the sources disagree or only imply it, `may` where this contract decided by itself.
"""


def main() -> int:
    """Writes the page, or checks it; the exit code."""
    parser = argparse.ArgumentParser(description="Write docs/sources.md from openapi.yaml.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is not what comes out")
    parser.add_argument("--contract", type=Path, default=TARGET.parents[1] / "openapi.yaml", help="another document")
    options = parser.parse_args()
    try:
        page = "\n".join(render(load_contract(options.contract))) + "\n"
    except ContractError as error:
        print(error, file=sys.stderr)
        return REFUSED
    if not options.check:
        TARGET.write_text(page, encoding="utf-8")
        return 0
    if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == page:
        return 0
    print(f"{TARGET.name} is not what openapi.yaml gives: run `make generate` and commit it", file=sys.stderr)
    return 1


def render(contract: Contract) -> Iterator[str]:
    """The lines of the page."""
    yield INTRODUCTION
    yield from overview(contract)
    for source in contract.sources.values():
        cited = [clause for clause in contract.clauses.values() if source.tag in clause.sources]
        yield from section(source, cited)
    yield "\n## Conflicts and gaps of the sources\n"
    yield "Numbered as in the reference; each is settled by clauses and dialects, or does not touch this contract.\n"
    yield from table(("question", "subject", "settled by"), map(question_row, contract.questions.values()))


def overview(contract: Contract) -> Iterator[str]:
    """How many clauses each source gives, by level."""

    def row(source: Source) -> tuple[str, ...]:
        levels = [clause.level for clause in contract.clauses.values() if source.tag in clause.sources]
        counts = (str(levels.count(level)) for level in Level)
        return (source.seed or "", f"[{source.title}](#{source.tag})", source.kind, *counts)

    yield from table(("seed", "source", "kind", "must", "should", "may"), map(row, contract.sources.values()))
    yield f"\n{len(contract.clauses)} clauses in all."


def section(source: Source, clauses: list[Clause]) -> Iterator[str]:
    """One source with its clauses."""
    seed = f" (seed {source.seed})" if source.seed else ""
    yield f'\n<a id="{source.tag}"></a>\n\n## {source.title}{seed}\n'
    if not clauses:
        yield "No clause of this contract comes from it."
        return
    yield from table(("clause", "binds", "level", "says"), map(clause_row, clauses))


def clause_row(clause: Clause) -> tuple[str, ...]:
    """A clause as cells; the reason stands with those that cannot be tested."""
    untestable = f" *Untestable: {clause.untestable}*" if clause.untestable else ""
    return (f"`{clause.id}`", clause.about, clause.level, clause.says + untestable)


def question_row(question: Question) -> tuple[str, ...]:
    """A question as cells."""
    settled = ", ".join(f"`{name}`" for name in question.settled_by)
    return (question.id, question.subject, settled or f"Irrelevant: {question.irrelevant}")


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A Markdown table."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


if __name__ == "__main__":
    sys.exit(main())
