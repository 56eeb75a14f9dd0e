"""Routes of the control API for saved visuals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from twosignal_mock.apis.appsignal.sites import site_of
from twosignal_mock.apis.appsignal.store import SavedVisual, repositories_of
from twosignal_mock.engine.api import ControlCall, ControlError, ControlErrorKind
from twosignal_mock.engine.store import Transaction

_SCHEMAS: Mapping[str, str] = {"timeseries": "TimeseriesQuery", "list": "MetricListQuery"}
"""Of the body that a kind of visual sends to the metrics."""
_ID = {"type": "string", "pattern": "^[0-9a-f]{24}$"}
"""As the ids of sites."""
_MOST = 1000
"""Saved visuals of a sandbox."""


async def list_visuals(call: ControlCall) -> object:
    """The saved visuals of a site."""

    def work(transaction: Transaction) -> list[dict[str, Any]]:
        site = site_of(transaction, call.path)
        visuals = repositories_of(transaction).visuals.all()
        return [_show(visual) for visual in visuals if visual.site == site.number]

    return {"visuals": await call.read(work)}


async def put_visual(call: ControlCall) -> object:
    """Makes a saved visual of a site, or changes the one of the id."""
    id_, body = call.path["visual_id"], call.body
    call.check(_ID, id_, "visual_id")
    schema = {"components": call.contract.document["components"]}
    reference = f"#/components/schemas/{_SCHEMAS[body['kind']]}"
    call.check({**schema, "$ref": reference}, {**body["query"], "site_id": call.path["site_id"]}, "body.query")

    def work(transaction: Transaction) -> dict[str, Any]:
        site, visuals = site_of(transaction, call.path), repositories_of(transaction).visuals
        known = visuals.find(id_)
        if known is None and len(visuals.all()) >= _MOST:
            then = "change one of those, or use another sandbox"
            raise ControlError(ControlErrorKind.INVALID_REQUEST, "one more", f"at most {_MOST} in a sandbox", then)
        query = orjson.dumps(body["query"]).decode()
        visual = SavedVisual(id_, site.number, body.get("title", id_), body["kind"], query)
        visuals.put(visual)
        return _show(visual)

    return await call.write(work)


def _show(visual: SavedVisual) -> dict[str, Any]:
    return {"id": visual.id, "title": visual.title, "kind": visual.kind, "query": orjson.loads(visual.query)}
