"""Saved visuals as JSON and as CSV, with the data that the metrics give at that moment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
from twosignal_contract import Contract

from twosignal_mock.apis.appsignal.metrics import list_handler, timeseries_handler
from twosignal_mock.apis.appsignal.store import repositories_of
from twosignal_mock.apis.appsignal.visuals._table import table_of
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler, Success
from twosignal_mock.engine.store import Transaction

_NOT_IN_FILE_NAMES = re.compile("[^a-z0-9]+")
_LONGEST_FILE_NAME = 60
"""Characters, without the ending."""


def handlers(contract: Contract, dependencies: Dependencies) -> Iterator[Handler]:
    """The two operations below /saved_visuals."""
    queries = {
        "timeseries": timeseries_handler(contract, dependencies),
        "list": list_handler(contract, dependencies),
    }

    def show(call: Call, transaction: Transaction) -> dict[str, Any]:
        return _show(call, transaction, queries)

    def download(call: Call, transaction: Transaction) -> object:
        visual = _show(call, transaction, queries)
        name = f'attachment; filename="{_file_name(visual["title"])}.csv"'
        return Success(table_of(visual["data"]), headers=(("Content-Disposition", name),))

    yield Handler("getSavedVisual", show, parameters=("id",))
    yield Handler("downloadSavedVisual", download, parameters=("id",))


def _show(call: Call, transaction: Transaction, queries: Mapping[str, Handler]) -> dict[str, Any]:
    repositories = repositories_of(transaction)
    visual = repositories.visuals.find(call.parameters["id"])
    sites = {site.number: site for site in repositories.sites.all() if site.accessible}
    if visual is None or visual.site not in sites:
        raise ApiError("unknown-resource")
    site_id = sites[visual.site].id
    query = replace(call, body={**orjson.loads(visual.query), "site_id": site_id})
    data = queries[visual.kind].handle(query, transaction)
    return {"id": visual.id, "site_id": site_id, "title": visual.title, "kind": visual.kind, "data": data}


def _file_name(title: str) -> str:
    name = _NOT_IN_FILE_NAMES.sub("-", title.casefold())[:_LONGEST_FILE_NAME].strip("-")
    return name or "saved-visual"
