"""docs/detection.md: the score, the matrix, the false alarms, beside the control."""

from __future__ import annotations

import importlib.metadata
import platform
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bench.detection._control import EXAMPLES, SECONDS
from bench.detection._results import Result, Results
from tests.conformance.broken.messages import LAW
from tests.conformance.broken.table import AREAS, VARIANTS, WANTED
from tests.conformance.broken.variants import Operator, Variant
from tests.conformance.legal.servers import SERVERS

_PACKAGES = ("twosignal-contract", "schemathesis", "hypothesis", "pytest")

_INTRODUCTION = """\
# How well the suite judges

Written by `make bench-detection`; do not edit. {date}, contract {contract}, {versions}.

A bank of {servers} **broken servers**, each a proxy before the mock that breaks one clause, covers every one of the
{clauses} `must` and `should` clauses about servers that can be tested. A server is *caught* when the run says `fail` of
that very clause. A bank of odd but **legal servers** is judged as well: none may be failed.

| | | caught | of runs | |
|---|---|---|---|---|
| this suite | {ours} |
| Schemathesis alone | {theirs} |

The control has the same document, key, session and cursors, all checks and phases, {examples} examples for each
operation and phase and {seconds} s for each server. Anything that it reports counts as caught, whatever it is; of the
mock itself it reports nothing.
"""


def score(results: Results) -> str:
    """The score in a few lines, for a terminal."""
    caught, judged = _counts(results.of("broken"))
    fair, legal = _counts(results.of("legal"))
    seen, looked = _counts(results.of("control"))
    return (
        f"broken servers caught: {caught} of {judged} runs\n"
        f"legal servers left alone: {fair} of {legal} runs\n"
        f"Schemathesis alone: {seen} of {looked} broken servers"
    )


def page(results: Results) -> str:
    """The whole page."""
    return "\n".join((*_head(results), *_by_area(results), *_legal(results), *_matrix(results), ""))


def _head(results: Results) -> Iterable[str]:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    broken, control = results.of("broken"), results.of("control")
    (caught, judged), (seen, looked) = _counts(broken), _counts(control)
    yield from _INTRODUCTION.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        contract=f"{LAW.version} (`{LAW.sha256[:12]}`)",
        versions=f"{versions}, Python {platform.python_version()}",
        servers=len(VARIANTS),
        clauses=len(WANTED),
        ours=f"seeds {_seeds(broken)} | {caught} | {judged} | **{_percent(caught, judged)}**",
        theirs=f"seeds {_seeds(control)} | {seen} | {looked} | {_percent(seen, looked)}",
        examples=EXAMPLES,
        seconds=SECONDS,
    ).splitlines()
    yield ""


def _by_area(results: Results) -> Iterable[str]:
    suite, alone = _by_server(results.of("broken")), _by_server(results.of("control"))
    yield "## By area and by how the server was broken"
    yield ""
    yield "Servers that were caught on every seed, of all that were judged; in brackets the control."
    yield ""
    yield "| area | " + " | ".join(Operator) + " | all |"
    yield "|---|" + "---|" * (len(Operator) + 1)
    for area, rows in AREAS.items():
        cells = [_cell([row for row in rows if row.operator is operator], suite, alone) for operator in Operator]
        yield f"| {area} | " + " | ".join((*cells, _cell(rows, suite, alone))) + " |"
    cells = [_cell([row for row in VARIANTS if row.operator is operator], suite, alone) for operator in Operator]
    yield "| all | " + " | ".join((*cells, _cell(VARIANTS, suite, alone))) + " |"
    yield ""


def _legal(results: Results) -> Iterable[str]:
    rows = results.of("legal")
    alarms = [row for row in rows if not row.good]
    by_name: dict[str, list[Result]] = defaultdict(list)
    for row in rows:
        by_name[row.server.rpartition(" (")[0]].append(row)
    yield "## Legal servers"
    yield ""
    yield f"{len(by_name)} servers, {len(rows)} runs, {len(alarms)} with a false alarm."
    yield ""
    yield "| server | what is odd | left alone |"
    yield "|---|---|---|"
    for server in SERVERS:
        if own := by_name.get(server.name):
            yield f"| {server.name} | {_plain(server.says)} | {sum(row.good for row in own)} of {len(own)} |"
    yield ""


def _matrix(results: Results) -> Iterable[str]:
    suite, alone = _by_server(results.of("broken")), _by_server(results.of("control"))
    yield "## The matrix"
    yield ""
    yield "How many seeds caught the server, by which profile, and whether the control did."
    for area, rows in AREAS.items():
        yield ""
        yield f"### {area.capitalize()}"
        yield ""
        yield "| clause | the server | suite | Schemathesis |"
        yield "|---|---|---|---|"
        for row in rows:
            told = f"{row.operator}: {_plain(row.says)} | {_told(suite[str(row)])} | {_yes(alone[str(row)])}"
            yield f"| `{row.clause}` | {told} |"


def _by_server(rows: Iterable[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = defaultdict(list)
    for row in rows:
        found[row.server].append(row)
    return found


def _cell(rows: Sequence[Variant], suite: dict[str, list[Result]], alone: dict[str, list[Result]]) -> str:
    judged = [own for row in rows if (own := suite[str(row)])]
    if not judged:
        return ""
    caught = sum(all(each.good for each in own) for own in judged)
    seen = sum(any(each.good for each in alone[str(row)]) for row in rows)
    return f"{caught} of {len(judged)} ({seen})"


def _told(rows: list[Result]) -> str:
    if not rows:
        return "not run"
    profiles = sorted({row.by for row in rows if row.good})
    return f"{sum(row.good for row in rows)} of {len(rows)} {' '.join(profiles)}".strip()


def _yes(rows: list[Result]) -> str:
    if not rows:
        return "not run"
    return "caught" if any(row.good for row in rows) else "no"


def _counts(rows: Sequence[Result]) -> tuple[int, int]:
    return sum(row.good for row in rows), len(rows)


def _seeds(rows: Sequence[Result]) -> str:
    seeds = sorted({row.seed for row in rows})
    return f"{seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else str(seeds[0]) if seeds else "none"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "not run"


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("{", "\\{")
