"""`make demo`: starts the mock, lets an agent with the published SDK talk to it, shows what it kept, and judges it.

Everything is real: a server process, the published client, the judge, requests over loopback. It ends by itself and
leaves the judge's report, a page that can be sent on.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from rich.tree import Tree
from twosignal_mock import MockServer, Sandbox

AGENT = Path(__file__).with_name("agent.py")
REPORT = Path("build", "demo-report.html")
"""Below the working directory, which is the repository's root under `make demo`."""

PLAN = "free"
"""The slowest: its limit can be met on any machine."""

console = Console(highlight=False)


def main() -> int:
    """Five acts; the exit code is 0 when each showed what it promises."""
    parser = argparse.ArgumentParser(prog="docs/demo/run.py", description="The mock, a real client, and the judge.")
    parser.add_argument("--report", type=Path, default=REPORT, help=f"where to leave the page (default: {REPORT})")
    report = parser.parse_args().report
    with MockServer(seed=1, validate_answers=True) as mock:
        console.print(f"[bold]twosignal-mock[/] serves at {mock.url} (process {mock.pid})")
        shown = [
            show_what_was_kept(mock.sandbox("demo")),
            show_lost_events(mock.sandbox("trouble")),
            show_the_rate_window(mock.sandbox("clock", plan=PLAN)),
            show_sample_data(mock.sandbox("sample", sample=200)),
            show_the_judge(mock.sandbox("judged", plan=PLAN), mock.sandbox("another", plan=PLAN), report),
        ]
    console.print("\n[bold]Next[/]  .venv/bin/twosignal-mock serve   starts a mock of your own")
    console.print("      mock/README.md                  tells about faults, clocks, sandboxes, the pytest plugin")
    console.print("      conformance/README.md           tells how to judge a server of yours")
    if not all(shown):
        console.print("\n[bold]Not every act showed what it promises:[/] read what it printed above")
        return 1
    console.print(f"\n[bold]Report[/] {report}", soft_wrap=True)
    return 0


def act(title: str) -> None:
    """A headline."""
    console.print()
    console.rule(f"[bold]{title}[/]", align="left")


def run_agent(sandbox: Sandbox, *questions: str) -> None:
    """The agent as a process of its own, with nothing but two variables to find the server by."""
    environment = os.environ | sandbox.environment
    subprocess.run([sys.executable, str(AGENT), *questions], env=environment, check=True, timeout=60)  # noqa: S603


def list_traces(sandbox: Sandbox, **query: str | int) -> httpx.Response:
    """GET /api/v1/traces with the sandbox's key."""
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    return httpx.get(f"{sandbox.url}/api/v1/traces", params=query, headers=headers, trust_env=False)


def show_what_was_kept(sandbox: Sandbox) -> bool:
    """Act 1: real input, read back."""
    act("1. An agent with the published SDK, twosignal 0.1.0")
    run_agent(sandbox, "How do I reset my password?", "I want a refund")
    traces = list_traces(sandbox, limit=10).json()["data"]["traces"]
    console.print("\n[bold]GET /api/v1/traces[/] reads it back:")
    console.print(table_of(traces))
    console.print("[dim]The SDK runs a function that raised once more, outside of its trace: hence four traces.[/]\n")
    answered = next((trace for trace in traces if float(trace["totalCost"]) > 0), None)
    if answered is None:
        return False
    console.print(f"[bold]GET /__mock/v1/traces/{answered['id']}[/] shows what the API itself cannot, the spans:")
    console.print(tree_of(sandbox.trace(answered["id"])))
    return any(trace["status"] == "ERROR" for trace in traces)


def show_lost_events(sandbox: Sandbox) -> bool:
    """Act 2: trouble, and who lost what."""
    act("2. Trouble: a 429, then an answer lost after the commit")
    sandbox.faults.add("status", status=429, retry_after=1, operations=["ingestTraces"], times=1)
    run_agent(sandbox, "Where is my order?")
    sandbox.faults.add("status", status=500, phase="after-commit", operations=["ingestTraces"], times=1)
    run_agent(sandbox, "Can I change my address?")
    summary = sandbox.ledger_summary()
    for entry in sandbox.journal():
        fault = f"  (ordered: {entry['fault']})" if entry["fault"] else ""
        console.print(f"  journal: {entry['method']} {entry['path']} -> {entry['status']}{fault}")
    console.print(
        f"The ledger knows all {summary['ids']} event ids: {summary['refused']} were refused and never sent again, "
        f"{summary['response_lost']} are stored though the client was told otherwise.\n"
        "The documentation says that this client retries. It does not: the refused batch is lost."
    )
    return bool(summary["refused"]) and bool(summary["response_lost"])


def show_the_rate_window(sandbox: Sandbox) -> bool:
    """Act 3: one clock moves everything."""
    act("3. A frozen clock: the limit to the request, a second in no time")
    sandbox.clock.freeze()
    statuses: list[int] = []
    while 429 not in statuses:
        answer = list_traces(sandbox)
        statuses.append(answer.status_code)
    console.print(
        f"{statuses.count(200)} requests passed, then {answer.status_code}: {answer.json()['error']['message']}"
    )
    console.print({name: value for name, value in answer.headers.items() if "rate" in name or "retry" in name})
    sandbox.clock.advance(float(answer.headers["retry-after"]))
    after = list_traces(sandbox).status_code
    console.print(f"clock advanced by Retry-After: {after}")
    return after == 200


def show_sample_data(sandbox: Sandbox) -> bool:
    """Act 4: something to build a page on."""
    act("4. A sandbox with 200 sample traces, filtered and paged")
    query: dict[str, str | int] = {"status": "ERROR", "limit": 5}
    page = list_traces(sandbox, **query).json()["data"]
    console.print(table_of(page["traces"]))
    console.print(f"nextCursor {page['nextCursor']}")
    return bool(page["traces"])


def show_the_judge(sandbox: Sandbox, another: Sandbox, report: Path) -> bool:
    """Act 5: what the documentation says of a server, asked of this one."""
    act("5. The judge: does this server keep the contract?")
    revoked = sandbox.add_key()
    sandbox.revoke_key(revoked)
    # By variables, as in CI: what stands in a command line, every process of the machine can read.
    secrets = {
        "API_KEY": sandbox.api_key,
        "OTHER_API_KEY": another.api_key,
        "REVOKED_API_KEY": revoked,
        "USER": f"{sandbox.email}:{sandbox.password}",
    }
    report.parent.mkdir(parents=True, exist_ok=True)
    options = ["--plan", PLAN, "--profile", "quick", "--allow-burst", "--html", str(report)]
    options += ["--ledger", str(report.with_suffix(".jsonl"))]
    console.print(f"twosignal-conformance server {sandbox.url} {' '.join(options)}\n", style="dim", soft_wrap=True)
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "twosignal_conformance", "server", sandbox.url, *options],
        env=os.environ | {f"TWOSIGNAL_CONFORMANCE_{name}": value for name, value in secrets.items()},
        check=False,
        timeout=90,
    )
    return done.returncode == 0 and report.is_file()


def table_of(traces: list[dict[str, Any]]) -> Table:
    """Traces as rows."""
    table = Table("name", "status", "started", "ms", "tokens", "cost", "spans", box=None, pad_edge=False)
    for trace in traces:
        status = f"[red]{trace['status']}[/]" if trace["status"] == "ERROR" else trace["status"]
        numbers = (trace["durationMs"], trace["totalTokens"], trace["totalCost"], trace["spanCount"])
        table.add_row(trace["name"], status, trace["startTime"], *map(str, numbers))
    return table


def tree_of(detail: dict[str, Any]) -> Tree:
    """The spans of a trace below their parents."""
    root = Tree(detail["name"])
    branches: dict[str | None, Tree] = {None: root}
    waiting = list(detail["spans"])
    while waiting:
        ready = [span for span in waiting if span["parent"] in branches]
        for span in ready:
            tokens = (span.get("usage") or {}).get("totalTokens")
            line = f"{span['name']} [dim]{span['type']}[/]" + (f", {tokens} tokens" if tokens else "")
            branches[span["id"]] = branches[span["parent"]].add(line)
        waiting = [span for span in waiting if span not in ready] if ready else []
    return root


if __name__ == "__main__":
    sys.exit(main())
