"""Traces as the dashboard shows them, and what was used in a month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import orjson
from twosignal_contract import Contract

from twosignal_mock.apis.dashboard._envelope import optional_date
from twosignal_mock.apis.dashboard._procedure_call import Action, ProcedureCall, reads
from twosignal_mock.apis.dashboard._rules import input_default
from twosignal_mock.apis.rest.store import ListedTrace, UsageRecord
from twosignal_mock.apis.rest.store import repositories_of as rest_repositories_of
from twosignal_mock.apis.rest.traces import TraceList, format_month, format_timestamp, trace_detail
from twosignal_mock.engine.api import ApiError, Dependencies

_DAY_LENGTH = len("2026-03-14")
_TRACE_DATES = ("startTime", "endTime", "createdAt")


def actions(contract: Contract, dependencies: Dependencies) -> Mapping[str, Action]:
    """The procedures of traces and of usage."""
    traces = _Traces(contract, dependencies)
    months = input_default(contract, "UsageHistoryRequest", "months")
    return {
        "trace.list": reads(traces.list),
        "trace.byId": reads(traces.show),
        "usage.currentMonth": reads(_show_month),
        "usage.getHistory": reads(partial(_show_history, months)),
    }


# --- traces ----------------------------------------------------------------------------------------------------------
class _Traces:
    def __init__(self, contract: Contract, dependencies: Dependencies) -> None:
        self._contract = contract
        self._list = TraceList(contract, dependencies)
        self._statuses: list[str] = contract.schema("Status")["enum"]
        self._limit = input_default(contract, "TraceListRequest", "limit")

    def list(self, asked: ProcedureCall) -> object:
        place = asked.place
        parameters = {"limit": self._limit, **asked.sent} | _instants(asked.sent)
        page = self._list.page(parameters, asked.now, place.transaction)
        traces = [self._listed(place.project.id, trace) for trace in page.traces]
        return {"traces": traces, "nextCursor": page.next_cursor}

    def show(self, asked: ProcedureCall) -> object:
        place, project = asked.place, asked.place.project.id
        detail = trace_detail(self._contract, place.transaction, asked.found.thing.id)
        if detail is None:
            raise LookupError(asked.found.thing.id)
        shown = _trace(project, detail)
        spans = [_span(project, shown["createdAt"], span) for span in detail["spans"]]
        return {**shown, "spans": spans, "scores": [_score(project, score) for score in detail["scores"]]}

    def _listed(self, project: str, trace: ListedTrace) -> dict[str, Any]:
        _, _, item, failed, scores = trace
        return _trace(project, {**orjson.loads(item), "status": self._statuses[failed > 0], "scoreCount": scores})


def _instants(sent: Mapping[str, Any]) -> dict[str, str]:
    """The filters of time as instants between which a trace begins: a day belongs to what is asked for."""
    moves = {"startDate": timedelta(milliseconds=-1), "endDate": timedelta(days=1)}
    days = {name: move for name, move in moves.items() if len(sent.get(name, "")) == _DAY_LENGTH}
    return {name: _moved(name, sent[name], move) for name, move in days.items()}


def _moved(name: str, day: str, move: timedelta) -> str:
    try:
        instant = datetime.fromisoformat(day).replace(tzinfo=UTC)
    except ValueError as error:
        raise ApiError("invalid-value", place=name, problem=f"{day} is not a day: {error}") from None
    return format_timestamp(round((instant + move).timestamp() * 1000))


def _trace(project: str, trace: Mapping[str, Any]) -> dict[str, Any]:
    same = ("id", "name", "status", "durationMs", "totalTokens", "totalCost", "tags", "metadata")
    return {
        **{name: trace[name] for name in same},
        **{name: optional_date(trace[name]) for name in _TRACE_DATES},
        "projectId": project,
        "_count": {"spans": trace["spanCount"], "scores": trace["scoreCount"]},
    }


def _span(project: str, created: str, span: Mapping[str, Any]) -> dict[str, Any]:
    tokens = span.get("usage") or {}
    same = ("id", "traceId", "name", "type", "status", "durationMs", "totalTokens", "cost")
    sent = ("input", "output", "model", "modelParameters", "errorMessage")
    return {
        **{name: span[name] for name in same},
        **{name: span.get(name) for name in sent},
        "metadata": span.get("metadata", {}),
        "projectId": project,
        "parentSpanId": span["parent"],
        "startTime": optional_date(span["startTime"]),
        "endTime": optional_date(span["endTime"]),
        "promptTokens": int(tokens.get("promptTokens") or 0),
        "completionTokens": int(tokens.get("completionTokens") or 0),
        "createdAt": created,
    }


def _score(project: str, score: Mapping[str, Any]) -> dict[str, Any]:
    return {**score, "projectId": project, "createdAt": optional_date(score["createdAt"])}


# --- usage -----------------------------------------------------------------------------------------------------------
def _counts(months: Iterable[UsageRecord]) -> dict[str, int]:
    used = list(months)
    return {
        "traceCount": sum(month.traces for month in used),
        "spanCount": sum(month.spans for month in used),
        "evalRunCount": sum(month.evaluations for month in used),
    }


def _used(asked: ProcedureCall) -> dict[str, list[UsageRecord]]:
    """What the projects of an organization used, by project."""
    places = asked.visible.places_of(asked.organization.id)
    return {place.project.id: list(rest_repositories_of(place.transaction).usage.all()) for place in places}


def _show_month(asked: ProcedureCall) -> object:
    month = format_month(asked.now)
    used = {id_: [each for each in months if each.month == month] for id_, months in _used(asked).items()}
    return {
        "month": month,
        **_counts(each for months in used.values() for each in months),
        "tracesLimit": asked.rules.traces.get(asked.organization.plan),
        "projectBreakdown": [{"projectId": id_, **_counts(months)} for id_, months in used.items() if months],
    }


def _show_history(default: int, asked: ProcedureCall) -> object:
    """The months up to the present one, oldest first; a month in which nothing was counted holds zeros."""
    year, month = map(int, format_month(asked.now).split("-"))
    last = year * 12 + month - 1
    names = [
        f"{each // 12:04}-{each % 12 + 1:02}" for each in range(last + 1 - asked.sent.get("months", default), last + 1)
    ]
    used = [each for months in _used(asked).values() for each in months]
    return [{"month": name, **_counts(each for each in used if each.month == name)} for name in names]
