"""Writes docs/client-report-twosignal-0.1.0.md: what the published package keeps and breaks of the rules for clients.

    python docs/client_report.py                      runs the suite with its adapter, and writes
    python docs/client_report.py --report FILE        writes from the report (--json) of an earlier run
    python docs/client_report.py --check FILE         checks that the page has the verdicts of that report

Times differ by milliseconds and ids are random, so the page shows waits in tenths of seconds, instants in whole
seconds, and numbers the ids.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Json = Mapping[str, Any]

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "twosignal 0.1.0"
TARGET = ROOT / "docs" / "client-report-twosignal-0.1.0.md"
ADAPTER = "conformance/adapters/twosignal_sdk.py"
KNOWN = "conformance/adapters/twosignal_sdk.known.txt"

UNFINISHED = 2
"""From this exit code on there is no report to write from."""

INTRODUCTION = f"""\
# {PACKAGE} and the rules for clients

Written by `python docs/client_report.py`, which judges the package of PyPI, unchanged, by its
[adapter](../conformance/adapters/README.md); do not edit. This repeats one scenario, with all evidence:

```sh
twosignal-conformance client --scenario 500-once -- python {ADAPTER}
```

What differs from run to run (ids and dates) is shown as `<id 1>` and `<date>`; "when" is in whole seconds from the
first request of the scenario on.
"""

LIMITS = """
## What such a run cannot show

The source of the package was read as well (section 6.1 of the project's reference). Some of what was found there is
not visible here: the adapter records with `@observe` alone, no rule for clients forbids it, or it happens before
anything is sent.

| in the package | why it is not visible here |
|---|---|
| a root `ts.span()` never ends its context: later root spans join its trace | the adapter calls no `ts.span()` |
| `ts.span()` ignores usage and cost, and copies its metadata to trace and span | the adapter calls no `ts.span()` |
| a function that raises is run twice, and what it calls gets traces of its own | what fails in `emit` calls nothing |
| `@observe` takes name and type only, no tags, metadata, usage, cost, session | no clause asks for them |
| a span with `metadata=None` is dropped (CrewAI's wrapper makes such) | needs that integration |
| children in LangChain and LlamaIndex name run ids that no span has | needs these integrations |
| one value that cannot be written as JSON loses the whole chunk | scenarios are JSON: every value can be written |
| an empty key sends nothing | every scenario has a key |
| redirects count as success | the documented server never redirects |
| nothing is sent at the end of a program without `shutdown()` | the adapter calls it |
| a trace's `endTime` is never sent, spans come before their parents, the queue has no bound | no rule forbids it |

Three of the broken clauses go beyond the words of that section and follow from them. `client.batch.max-bytes`:
batches are split by the number of events only, so nothing keeps one below a size. `client.routing.max-bytes`:
`route_model` sends what it is given; no check of its length is named. `client.answers.error-envelope`: every failure
gives `None`, so neither code nor message reaches the caller.
"""

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DATE = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT|\b1\d{9}(\d{3})?\b")
"""A date of HTTP, or a Unix time in seconds or milliseconds."""


def main() -> int:
    """Writes the page, or checks it; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--report", type=Path, help="write from this report")
    parser.add_argument("--check", type=Path, help="compare with this report")
    options = parser.parse_args()
    if options.check:
        return check(json.loads(options.check.read_text(encoding="utf-8")))
    report = json.loads(options.report.read_text(encoding="utf-8")) if options.report else run()
    TARGET.write_text("\n".join(render(report)) + "\n", encoding="utf-8")
    return 0


def run() -> Json:
    """The report of a run."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        suite = [sys.executable, "-m", "twosignal_conformance", "client", "--known", KNOWN, "--json", str(file)]
        done = subprocess.run([*suite, "--", sys.executable, ADAPTER], cwd=ROOT, check=False)  # noqa: S603 - our own
        if done.returncode >= UNFINISHED:
            sys.exit(done.returncode)
        report: Json = json.loads(file.read_text(encoding="utf-8"))
        return report


def check(report: Json) -> int:
    """0 when the page says of each clause what the report says."""
    page = TARGET.read_text(encoding="utf-8") if TARGET.is_file() else ""
    missing = [line for line in verdicts(report) if line not in page]
    for line in missing:
        print(f"{TARGET.name} does not say {line!r}: run `python docs/client_report.py`", file=sys.stderr)
    return 1 if missing else 0


def verdicts(report: Json) -> Iterator[str]:
    """The lines of the page that are the same for every run: which clause has which verdict."""
    yield from overview(report)
    for verdict in ("fail", "pass"):
        yield from table(*SECTIONS[verdict](having(report, verdict)))
    yield from (f"### {row['id']}" for row in having(report, "fail"))


def render(report: Json) -> Iterator[str]:
    """The lines of the page."""
    yield INTRODUCTION
    yield from overview(report)
    yield "\n## What it breaks\n"
    failed = having(report, "fail")
    yield from table(*SECTIONS["fail"](failed))
    for row in failed:
        yield from section(row)
    yield "\n## What it keeps\n"
    yield from table(*SECTIONS["pass"](having(report, "pass")))
    yield "\n## What it does where the rules leave it open\n"
    yield from table(*SECTIONS["observed"](having(report, "observed")))
    yield "\n## What could not be tested\n"
    yield from table(*SECTIONS["untested"]([row for row in having(report, "untested") if row["testable"]]))
    yield LIMITS.rstrip()


def overview(report: Json) -> Iterator[str]:
    """How many clauses have each verdict."""
    levels = [row["level"] for row in having(report, "fail")]
    broken = f"{levels.count('must')} `must` and {levels.count('should')} `should` clauses are broken"
    untested = sum(row["testable"] for row in having(report, "untested"))
    kept, seen = (len(having(report, verdict)) for verdict in ("pass", "observed"))
    yield f"**{broken}**, {kept} are kept, {seen} `may` were observed, {untested} could not be tested."


SECTIONS: Mapping[str, Callable[[list[Json]], tuple[Sequence[str], list[list[str]]]]] = {
    "fail": lambda rows: (
        ("clause", "level", "says", "the package"),
        [[link(row), row["level"], row["says"], (row["known"] or {"reason": "new"})["reason"]] for row in rows],
    ),
    "pass": lambda rows: (("clause", "level", "says"), [[code(row), row["level"], row["says"]] for row in rows]),
    "observed": lambda rows: (
        ("clause", "says", "seen"),
        [[code(row), row["says"], steady(row["reason"])] for row in rows],
    ),
    "untested": lambda rows: (("clause", "level", "why"), [[code(row), row["level"], row["reason"]] for row in rows]),
}
"""Verdict to the head and the cells of its table."""


def section(row: Json) -> Iterator[str]:
    """One broken clause with its evidence: the first time line of each scenario that shows it."""
    yield f"\n### {row['id']}\n"
    yield f"{row['says']} ({row['level']}, from {', '.join(row['sources'])})\n"
    shown = {timeline["scenario"]: timeline for timeline in reversed(row["timelines"])}
    lines = [shown[name] for name in dict.fromkeys(timeline["scenario"] for timeline in row["timelines"])]
    head = ("scenario", "expected", "got", "when", "request", "with", "response", "waited")
    yield from table(head, (cells for line in lines for cells in attempts(line)))


def attempts(timeline: Json) -> Iterator[list[str]]:
    """The attempts of a time line as cells; the judgement stands beside the first."""
    judged = [f"`{timeline['scenario']}`", timeline["expected"], steady(timeline["actual"])]
    for row in timeline["attempts"]:
        waited = "" if row["wait_seen"] is None else f"{row['wait_seen']:.1f} s"
        asked = "" if row["wait_expected"] is None else f" of {row['wait_expected']:.1f} s"
        when = f"{row['at']:.0f} s"
        yield [*judged, when, f"{row['method']} {row['path']}", row["what"], steady(row["response"]), waited + asked]
        judged = [""] * len(judged)


def having(report: Json, verdict: str) -> list[Json]:
    """The clauses with a verdict."""
    return [row for row in report["clauses"] if row["verdict"] == verdict]


def code(row: Json) -> str:
    """A clause's id."""
    return f"`{row['id']}`"


def link(row: Json) -> str:
    """A clause's id that leads to its section."""
    return f"[`{row['id']}`](#{row['id'].replace('.', '')})"


def steady(text: str) -> str:
    """The text without what differs from run to run: each id as a number, the same for the same id; dates as such."""
    ids = list(dict.fromkeys(_ID.findall(text)))
    return _DATE.sub("<date>", _ID.sub(lambda match: f"<id {ids.index(match[0]) + 1}>", text))


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A Markdown table."""
    names = list(head)
    yield "| " + " | ".join(names) + " |"
    yield "|" + "---|" * len(names)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ") for cell in row) + " |"


if __name__ == "__main__":
    sys.exit(main())
