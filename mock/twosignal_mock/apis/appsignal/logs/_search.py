"""The search in log lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from twosignal_contract import Contract

from twosignal_mock.apis.appsignal._access import reach_site
from twosignal_mock.apis.appsignal._instants import format_instant, parse_instant, read_range
from twosignal_mock.apis.appsignal.logs._query import QueryReader
from twosignal_mock.apis.appsignal.store import LogLine, LogSearch, Query, SearchTooLongError, repositories_of
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler
from twosignal_mock.engine.store import Transaction


def handlers(contract: Contract, dependencies: Dependencies) -> Iterator[Handler]:
    """POST /logs/lines."""
    search = _Search(contract, dependencies.dialects)
    yield Handler("searchLogLines", search)


class _Search:
    def __init__(self, contract: Contract, dialects: Mapping[str, str]) -> None:
        self._reader = QueryReader(contract.extension("x-appsignal-log-query"))
        self._any_site = dialects["log-site"] == "ignored"
        self._upper = dialects["log-severity-case"] == "upper"
        self._json_as_text = dialects["log-json"] == "text"

    def __call__(self, call: Call, transaction: Transaction) -> object:
        body = call.body
        sources = self._sources(body, transaction)
        query = self._reader.read(body["query"], legacy=not body.get("use_expressions"))
        search = _page(body, list(sources), query)
        try:
            lines = repositories_of(transaction).logs.search(search)
        except SearchTooLongError as error:
            problem = f"the search {error}; name a shorter range of time or fewer terms"
            raise ApiError("invalid-log-query", position=1, problem=problem) from error
        return [self._show(line, sources[line.source]) for line in lines]

    def _sources(self, body: Mapping[str, Any], transaction: Transaction) -> Mapping[int, str]:
        """The sources of the body, by number."""
        sites = repositories_of(transaction).sites
        if self._any_site:
            reached = {site.number for site in sites.all() if site.accessible}
        else:
            reached = {reach_site(transaction, body["site_id"]).number}
        known = {source.id: source.number for source in sites.sources() if source.site in reached}
        if not known.keys() >= set(body["source_ids"]):
            raise ApiError("unknown-resource")
        return {known[id_]: id_ for id_ in body["source_ids"]}

    def _show(self, line: LogLine, source_id: str) -> dict[str, Any]:
        structured = line.json if self._json_as_text or line.json is None else orjson.loads(line.json)
        return {
            "id": f"{line.chunk:016x}{line.place:08x}",
            "timestamp": format_instant(line.time),
            "source_id": source_id,
            "severity": line.severity.upper() if self._upper else line.severity,
            "message": line.message,
            "hostname": line.hostname,
            "group": line.group,
            "json": structured,
            "attributes": {},
        }


def _page(body: Mapping[str, Any], sources: Sequence[int], query: Query) -> LogSearch:
    """What a body asks for; its cursor goes on at an instant."""
    pagination = body["pagination"]
    newest_first = pagination["order"] == "DESC"
    earliest, latest = read_range(body)
    if (text := pagination["cursor"]["time"]) is not None:
        cursor = parse_instant(text, "pagination.cursor.time")
        earliest, latest = (earliest, min(latest, cursor)) if newest_first else (max(earliest, cursor), latest)
    return LogSearch(sources, query, earliest, latest, newest_first, pagination["per_page"])
