"""traces: list, get, tail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from twosignal_command._options import Project, command, explain, group, one_of, told
from twosignal_command._output import counted
from twosignal_command._records import Record, thing, trace
from twosignal_command._run import Run
from twosignal_command._text import age, cost, duration, safe
from twosignal_command.generated import policy

if TYPE_CHECKING:
    from twosignal_command._tables import Column

traces = group("Traces: what was ingested, with spans and scores.")

_LIMIT = policy.PROCEDURES["trace.list"].fields["limit"].default

_Status = Annotated[str | None, typer.Option("--status", **one_of("trace.list", "status"))]
_Search = Annotated[str | None, typer.Option("--search", metavar="TEXT", help=told("trace.list", "name"))]
_Tags = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help=told("trace.list", "tags"))]


@command(traces, "list", **explain("trace.list", "With --json each trace has its scores."))
def list_traces(
    context: typer.Context,
    project: Project,
    status: _Status = None,
    search: _Search = None,
    tags: _Tags = None,
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help=told("trace.list", "startDate"))] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help=told("trace.list", "endDate"))] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Number of traces.")] = _LIMIT or 1,
    everything: Annotated[bool, typer.Option("--all", help="All traces, page by page, whatever --limit says.")] = False,
) -> None:
    from twosignal_command._traces import Filters, Walk

    run = Run.of(context)
    filters = Filters(status=status, name=search, tags=tags or None, start_date=since, end_date=until)
    walk = Walk(run.api, project, filters)
    pages = walk.pages(None if everything else limit)
    if not run.output.is_table:
        pages = map(walk.scored, pages)
    found = (trace(row) for page in counted(pages, "traces") for row in page)
    run.output.rows(found if everything else list(found), _columns(), "traces")


@command(traces, "get", **explain("trace.byId", "Without --json its spans are shown as a tree."))
def get_trace(
    context: typer.Context,
    identifier: Annotated[str, typer.Argument(help=told("trace.byId", "id"))],
    project: Project,
) -> None:
    run = Run.of(context)
    found = trace(thing(run.api.trace_by_id(id=identifier, project_id=project), "a trace"))
    run.output.one(found, "" if not run.output.is_table else _text(found))


@command(
    traces, "tail", **explain("trace.list", "This command goes on and shows new traces as they come, until Ctrl-C.")
)
def tail_traces(
    context: typer.Context,
    project: Project,
    status: _Status = None,
    search: _Search = None,
    tags: _Tags = None,
    count: Annotated[int, typer.Option("--lines", "-n", min=0, help="Number of earlier traces to begin with.")] = 10,
    interval: Annotated[float, typer.Option("--interval", min=0.1, help="Seconds between two looks.")] = 2.0,
) -> None:
    from twosignal_command._tables import field
    from twosignal_command._traces import Filters, Walk

    run = Run.of(context)
    walk = Walk(run.api, project, Filters(status=status, name=search, tags=tags or None))
    columns = [*_columns(), field("Name", "name", may_be_cut=True)]
    run.output.rows(map(trace, walk.follow(count, interval)), columns, "traces", live=True)


def _columns() -> list[Column]:
    from twosignal_command._tables import Column, field

    return [
        field("ID", "id"),
        field("Status", "status", colored=True),
        Column("Duration", lambda row: duration(row.get("duration_ms"))),
        Column("Cost", lambda row: cost(row.get("cost_usd"))),
        Column("Created", lambda row: age(row.get("created_at"))),
    ]


def _text(found: Record) -> str:
    from twosignal_command._tables import pairs, span_tree

    lines = [
        ("ID", safe(found.get("id"))),
        ("Status", safe(found.get("status"))),
        ("Duration", duration(found.get("duration_ms"))),
        ("Cost", cost(found.get("cost_usd"))),
        ("Tokens", safe(found.get("total_tokens"))),
        ("Created", f"{age(found.get('created_at'))} ({safe(found.get('created_at'))})"),
    ]
    if found.get("tags"):
        lines.append(("Tags", ", ".join(map(safe, found["tags"])) if isinstance(found["tags"], list) else ""))
    text = f"{pairs(lines)}\n{span_tree(found)}"
    scores = found.get("scores") or []
    return f"{text}\n{pairs([(_score_name(score), _score(score)) for score in scores])}" if scores else text


def _score_name(score: Record) -> str:
    return safe(score.get("name"))


def _score(score: Record) -> str:
    reasoning = f": {safe(score['reasoning'])}" if score.get("reasoning") else ""
    return f"{safe(score.get('score'))}  {safe(score.get('label') or '')}{reasoning}"
