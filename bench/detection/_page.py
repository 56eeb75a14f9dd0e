"""docs/detection.md: the score, the matrix, the false alarms, beside the control."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from bench.detection._control import EXAMPLES
from bench.detection._digest import digest_of_the_contract, digest_of_the_judge
from bench.detection._mutants import section
from bench.detection._results import Result, Results
from bench.detection._running import BURSTS, INDEPENDENT
from tests.conformance.apis.rest.broken.messages import CONTRACT
from tests.conformance.apis.rest.broken.table import AREAS, VARIANTS, WANTED
from tests.conformance.apis.rest.broken.variants import Operator, Variant
from tests.conformance.apis.rest.legal.servers import SERVERS
from tests.conformance.independent.results import Results as Mutants

_PACKAGES = ("twosignal-contract", "schemathesis", "hypothesis", "pytest")

_INTRODUCTION = """\
# How well the suite judges

Written by `make bench-detection`; do not edit.

- run on {dates}, on {machine}
- contract {contract}; {judges}
- {versions}

A bank of {servers} **broken servers**, each a proxy before the mock that breaks one clause, covers every one of the
{clauses} `must` and `should` clauses about servers that can be tested. A server is *caught* when the run says `fail` of
that very clause. A bank of odd but **legal servers** is judged as well: none may be failed.

| | broken servers caught | legal servers left alone |
|---|---|---|
| this suite | {ours} |
| Schemathesis alone | {theirs} |
{gaps}
The control has the same document, key, session and cursors, all its checks and phases, and {examples} examples for each
operation and phase. It is told which operations the broken clause is about, and anything that it reports counts as
caught, whatever it is. Rates are judged without it: it sends no bursts.

{bursts}The digest is of openapi.yaml and of every file of the suite on which a verdict about a server depends;
what another digest judged is run again by the next bench.
"""

_BURSTS = (
    "Broken servers about rates were judged one at a time on a machine that did nothing else; legal ones with a limit\n"
    f"of their own {BURSTS} at a time. "
)


def score(results: Results) -> str:
    """The score in a few lines, for a terminal."""
    told = {
        "broken servers caught": "broken",
        "legal servers left alone": "legal",
        "Schemathesis alone, broken servers caught": "control",
        "Schemathesis alone, legal servers left alone": "control-legal",
    }
    return "\n".join(f"{what}: {_share(results.of(kind))}" for what, kind in told.items())


def page(results: Results, mutants: Mutants) -> str:
    """The whole page."""
    blind = section(len(VARIANTS), mutants, results)
    return "\n".join((*_head(results), *_by_area(results), *blind, *_legal(results), *_matrix(results), ""))


def _head(results: Results) -> Iterable[str]:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    yield from _INTRODUCTION.format(
        dates=_span(sorted({row.date for row in results})),
        machine=f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}",
        contract=f"{CONTRACT.version} (`{digest_of_the_contract()}`)",
        judges=_judges([*results.of("broken"), *results.of("legal"), *results.of(INDEPENDENT)]),
        versions=f"{versions}, Python {platform.python_version()}",
        servers=len(VARIANTS),
        clauses=len(WANTED),
        ours=" | ".join(_share(results.of(kind)) for kind in ("broken", "legal")),
        theirs=" | ".join(_share(results.of(kind)) for kind in ("control", "control-legal")),
        examples=EXAMPLES,
        gaps=_gaps(results),
        bursts=_BURSTS
        if {row.server for row in results.of("broken")} & {str(row) for row in VARIANTS if row.bursts}
        else "",
    ).splitlines()
    yield ""


def _gaps(results: Results) -> str:
    """What was not run, so that no share is taken for the share of all."""
    names = {
        "broken": ("broken servers", {str(row) for row in VARIANTS}),
        "legal": ("legal servers", {f"{server.name} (quick)" for server in SERVERS}),
        "control": ("broken servers of the control", {str(row) for row in VARIANTS if not row.bursts}),
        "control-legal": ("legal servers of the control", {server.name for server in SERVERS}),
    }
    missing = {
        told: f"{len(gap)} of {len(wanted)} {told}"
        for kind, (told, wanted) in names.items()
        if (gap := wanted - {row.server for row in results.of(kind)})
    }
    return f"\n**Not run yet:** {', '.join(missing.values())}.\n" if missing else ""


def _judges(rows: Sequence[Result]) -> str:
    """Which states of the suite judged: one, unless a bench was taken up again after a change."""
    counts = Counter(row.digest for row in rows)
    told = [f"`{digest}` ({count:,} runs)" for digest, count in counts.most_common()]
    current = "" if counts.keys() <= {digest_of_the_judge()} else f"; the suite now is `{digest_of_the_judge()}`"
    return f"judged by the suite with the digest {', '.join(told) or 'none'}{current}"


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
    rows, alone = results.of("legal"), _by_server(results.of("control-legal"))
    alarms = [row for row in rows if not row.good]
    others = results.of(INDEPENDENT)
    by_name, behind = _by_name(rows), _by_name(others)
    yield "## Legal servers"
    yield ""
    yield f"{len(by_name)} servers, {len(rows)} runs, {len(alarms)} with a false alarm."
    yield (
        "Before the independent server, to which the suite was not tuned: "
        f"{len(behind)} servers, {len(others)} runs, {sum(not row.good for row in others)} with a false alarm."
    )
    yield ""
    yield "| server | what is odd | left alone | independent, left alone | Schemathesis alone |"
    yield "|---|---|---|---|---|"
    for server in SERVERS:
        if own := by_name.get(server.name):
            cells = (_plain(server.says), _good(own), _good(behind[server.name]), _blame(alone[server.name]))
            yield f"| {server.name} | {' | '.join(cells)} |"
    yield ""


def _by_name(rows: Iterable[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = defaultdict(list)
    for row in rows:
        found[row.server.rpartition(" (")[0]].append(row)
    return found


def _good(rows: Sequence[Result]) -> str:
    return f"{sum(row.good for row in rows)} of {len(rows)}" if rows else "not run"


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
    control = [own for row in rows if (own := alone[str(row)])]
    seen = sum(any(each.good for each in own) for own in control)
    beside = "not run" if not control else str(seen) if len(control) == len(judged) else f"{seen} of {len(control)}"
    return f"{caught} of {len(judged)} ({beside})"


def _told(rows: list[Result]) -> str:
    if not rows:
        return "not run"
    profiles = sorted({row.by for row in rows if row.good})
    return f"{sum(row.good for row in rows)} of {len(rows)} {' '.join(profiles)}".strip()


def _yes(rows: list[Result]) -> str:
    if not rows:
        return "not run"
    return "caught" if any(row.good for row in rows) else "no"


def _blame(rows: list[Result]) -> str:
    if not rows:
        return "not run"
    blamed = ", ".join(sorted({row.by for row in rows if not row.good}))
    return f"failed: {blamed}" if blamed else "left alone"


def _share(rows: Sequence[Result]) -> str:
    if not rows:
        return "not run"
    good = sum(row.good for row in rows)
    return f"{good:,} of {len(rows):,} runs, {100 * good / len(rows):.1f} % (seeds {_seeds(rows)})"


def _seeds(rows: Sequence[Result]) -> str:
    return _span(sorted({row.seed for row in rows}))


def _span(values: Sequence[int | str]) -> str:
    return f"{values[0]} to {values[-1]}" if len(values) > 1 else str(values[0]) if values else "none"


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("{", "\\{")
