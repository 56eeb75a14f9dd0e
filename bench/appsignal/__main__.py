"""`python -m bench.appsignal`: a day of spans, points and lines in a SQLite file, and each operation asked for it.

A server of its own process, asked over one connection; the median of some requests, the client's time among it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import httpx
from twosignal_contract import Contract, documents, load_contract
from twosignal_mock import MockServer

from bench.appsignal._day import ACTIONS, NOW, REVISIONS, SITE, SOURCE, VISUAL, Size, exports

_BEFORE, _LAST = "2026-03-13T12:03:17Z", "2026-03-14T11:58:11Z"
"""Nearly a day, with ends that no interval has."""
_TARGET = 50.0
"""Milliseconds at the median, over a million spans and as many points."""
_REPEATS = 21


class Asked(NamedTuple):
    """A request, and what is peculiar to it."""

    operation: str
    told: str
    body: dict[str, Any] | None = None
    path: dict[str, str] = {}  # noqa: RUF012 - never changed


def main() -> int:
    """0 when every operation's median reaches the target, else 1."""
    given = _arguments()
    contract = load_contract(next(path for path in documents() if path.name.startswith("appsignal")))
    size = Size(given.spans, given.points, given.lines)
    with TemporaryDirectory() as folder:
        state = given.state or Path(folder, "state.db")
        fresh = not state.exists()
        with MockServer(contract=contract.path, api="appsignal", api_key="bench", state=state, clock=NOW) as server:
            headers = {"Authorization": "Bearer bench"}
            with httpx.Client(base_url=server.url, headers=headers, timeout=120) as client:
                if fresh:
                    _fill(client, size)
                print(f"{size}, {state.stat().st_size / 1e6:.0f} MB")
                return _measure(client, contract)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.appsignal", description=__doc__)
    parser.add_argument("--spans", type=int, default=1_000_000, help="(default: %(default)s)")
    parser.add_argument("--points", type=int, default=1_000_000, help="of metrics (default: %(default)s)")
    parser.add_argument("--lines", type=int, default=200_000, help="of logs (default: %(default)s)")
    parser.add_argument("--state", type=Path, help="a file that is kept, and measured again when it is there")
    return parser.parse_args()


def _fill(client: httpx.Client, size: Size) -> None:
    began = time.monotonic()
    site = f"/__mock/v1/appsignal/sites/{SITE}"
    client.put(site).raise_for_status()
    client.put(f"{site}/sources/{SOURCE}").raise_for_status()
    visual = {"title": "bench", "kind": "timeseries", "query": {**_RANGE, "select": [_SELECTED]}}
    client.put(f"{site}/saved_visuals/{VISUAL}", json=visual).raise_for_status()
    for signal, body in exports(size):
        sent = client.post(f"{site}/otlp/v1/{signal}", json=body)
        if sent.status_code != httpx.codes.OK or sent.json():
            raise SystemExit(f"{signal}: {sent.text}")
    print(f"filled in {time.monotonic() - began:.0f} s")


def _measure(client: httpx.Client, contract: Contract) -> int:
    medians: dict[str, float] = {}
    for asked in _requests(client):
        operation = contract.operation(asked.operation)
        path, seconds = operation.path.format(**asked.path), []
        for _ in range(_REPEATS):
            began = time.perf_counter()
            answer = client.request(operation.method, path, json=asked.body)
            seconds.append(time.perf_counter() - began)
            if answer.status_code != operation.success:
                raise SystemExit(f"{asked.operation} {asked.told}: {answer.text}")
        medians[f"{asked.operation} {asked.told}"] = 1000 * median(seconds)
        print(f"{asked.operation:28}{asked.told:34}{1000 * median(seconds):8.1f} ms{len(answer.content):10} bytes")
    missing = contract.operations.keys() - {name.split()[0] for name in medians}
    slow = [name for name, value in medians.items() if value > _TARGET]
    print(f"slower than {_TARGET:.0f} ms: {', '.join(slow) or 'none'}; not asked: {', '.join(missing) or 'none'}")
    return int(bool(slow or missing))


_RANGE = {"from": _BEFORE, "to": _LAST}
_SELECTED: dict[str, Any] = {"name": "transaction_duration", "field": "mean", "tags": {"namespace": "web"}}
_HOSTS = {"name": "load_avg", "field": "gauge", "tags": {"hostname": "*", "role": "web"}}
_PAGE: dict[str, Any] = {"per_page": 100, "order": "DESC", "cursor": "Time"}


def _requests(client: httpx.Client) -> Iterator[Asked]:
    """What is asked; digests and ids are those that the lists show."""
    several: dict[str, Any] = {"site_ids": [SITE], **_RANGE}
    listed = {**several, "pagination": _PAGE}
    filters: dict[str, dict[str, Any]] = {
        "of the day": {},
        "of an action": {"action_name": f"GET /{ACTIONS - 1}"},
        "of a namespace": {"namespace": "billing/web"},
        "with a tag": {"query": "tag.region=eu"},
        "by duration": {"pagination": _PAGE | {"cursor": "Duration"}},
        "that nobody has": {"duration": 1e9},
    }
    for told, more in filters.items():
        yield Asked("listPerformanceTraces", told, listed | more)
    yield Asked("listErrorTraces", "of the day", listed)
    trace = _first(client, "/tracing/traces/errors", listed)["trace_id"]
    for operation in ("locateTrace", "getTrace", "getPerformanceTrace", "getErrorTrace"):
        yield Asked(operation, "by id", {"site_ids": [SITE], "trace_id": trace})
    yield Asked("getPerformanceTrace", "the first", listed)
    yield Asked("listActions", "of the day", {"site_id": SITE, **_RANGE})
    yield Asked("listActions", "of a revision", {"site_id": SITE, **_RANGE, "revision": REVISIONS[1]})
    yield Asked("getDeployStatistics", "ever", {"site_id": SITE, "revision": REVISIONS[1]})
    yield Asked(
        "listActionEdges", "of the day", {**several, "namespace": "billing/web", "action_name": "POST /charges"}
    )
    yield Asked("listSiteEdges", "of the day", several)
    yield Asked("listSlowEvents", "of the day", several)
    digest = _first(client, "/tracing/slow_events", several)["digest"]
    yield Asked("listSlowEventActions", "of the day", several | {"digest": digest})
    site = {"site_id": SITE, **_RANGE}
    yield Asked("queryTimeseries", "mean and P95, hours", site | {"select": [_SELECTED, _SELECTED | {"field": "P95"}]})
    yield Asked("queryTimeseries", "mean, minutes", site | {"select": [_SELECTED], "resolution": "MINUTELY"})
    yield Asked("queryTimeseries", "100 hosts, hours", site | {"select": [_HOSTS]})
    grouped = {"group_by": [{"Tag": "hostname"}], "select": [{"id": "a", **_HOSTS}]}
    yield Asked("queryMetricList", "100 hosts", site | grouped)
    yield Asked("queryMetricList", "P99", site | {"group_by": [], "select": [{"id": "a", **_SELECTED, "field": "P99"}]})
    yield Asked("listMetricNames", "", None, {"site_id": SITE})
    yield Asked("getMetricType", "100 hosts", None, {"site_id": SITE, "metric_name": "load_avg"})
    logs = {**site, "source_ids": [SOURCE], "pagination": _PAGE | {"cursor": {"time": None}}, "use_expressions": True}
    for told, query in {"all": "", "an attribute": "status_code=401", "words": "took 899"}.items():
        yield Asked("searchLogLines", told, logs | {"query": query})
    for operation in ("listKubernetesNodes", "listKubernetesPods", "listKubernetesPodOverview"):
        yield Asked(operation, "of the day", site)
    yield Asked("testCron", "yearly", {"cron": "0 0 29 2 *", "wait_time_minutes": 5, "timezone": "Europe/Amsterdam"})
    for operation in ("getSavedVisual", "downloadSavedVisual"):
        yield Asked(operation, "a day of hours", None, {"id": VISUAL})
    yield Asked("verifyToken", "")


def _first(client: httpx.Client, path: str, body: dict[str, Any]) -> Any:
    rows = client.post(f"/api/v2{path}", json=body).json()
    return rows[0]


if __name__ == "__main__":
    sys.exit(main())
