"""Handlers of the control API for sites and their log sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twosignal_mock.apis.appsignal.store import LogSource, Site, repositories_of
from twosignal_mock.engine.api import ControlCall, ControlError, ControlErrorKind
from twosignal_mock.engine.store import Transaction

_ID = {"type": "string", "pattern": "^[0-9a-f]{24}$"}
"""Clause access.sites.identifier-form."""
_MOST = 1000
"""Sites of a sandbox, and log sources of it: so many are read at once in a moment."""
_ORGANIZATION = "Example"
"""Of a site that is made without naming one."""


async def list_sites(call: ControlCall) -> object:
    """All sites with their log sources."""

    def work(transaction: Transaction) -> list[dict[str, Any]]:
        sites = repositories_of(transaction).sites
        sources = sites.sources()
        return [_show(site, [each for each in sources if each.site == site.number]) for site in sites.all()]

    return {"sites": await call.read(work)}


async def put_site(call: ControlCall) -> object:
    """Makes a site, or changes the one of the id."""
    id_, wanted = call.path["site_id"], call.body
    call.check(_ID, id_, "site_id")

    def work(transaction: Transaction) -> dict[str, Any]:
        sites = repositories_of(transaction).sites
        known = sites.find_all([id_]).get(id_)
        if known is None:
            known = Site(id_, _next_number(len(sites.all())), id_, _ORGANIZATION, accessible=True)
        site = known._replace(**wanted)
        sites.put(site)
        return _show(site, [each for each in sites.sources() if each.site == site.number])

    return await call.write(work)


async def put_log_source(call: ControlCall) -> object:
    """Makes a log source of a site, or changes the one of the id."""
    id_, wanted = call.path["source_id"], call.body
    call.check(_ID, id_, "source_id")

    def work(transaction: Transaction) -> dict[str, Any]:
        site, sites = site_of(transaction, call.path), repositories_of(transaction).sites
        sources = sites.sources()
        known = next((each for each in sources if (each.site, each.id) == (site.number, id_)), None)
        if known is None:
            known = LogSource(site.number, id_, _next_number(len(sources)), id_)
        source = known._replace(**wanted)
        sites.put_source(source)
        return _show_source(source)

    return await call.write(work)


def site_of(transaction: Transaction, path: Mapping[str, str]) -> Site:
    """The site that the path of a call names, whoever reaches it; raises ControlError."""
    id_ = path["site_id"]
    site = repositories_of(transaction).sites.find_all([id_]).get(id_)
    if site is None:
        then = f"make it: PUT /__mock/v1/appsignal/sites/{id_}"
        raise ControlError(ControlErrorKind.NOT_FOUND, f"there is no site {id_!r}", "the id of a site", then)
    return site


def _next_number(there: int) -> int:
    """Nothing is ever taken away, so the next number follows from how many there are."""
    if there >= _MOST:
        got, then = "one more", "use one of those, or another sandbox"
        raise ControlError(ControlErrorKind.INVALID_REQUEST, got, f"at most {_MOST} in a sandbox", then)
    return there + 1


def _show(site: Site, sources: list[LogSource]) -> dict[str, Any]:
    return {
        "id": site.id,
        "name": site.name,
        "organization": site.organization,
        "accessible": site.accessible,
        "sources": [_show_source(source) for source in sources],
    }


def _show_source(source: LogSource) -> dict[str, Any]:
    return {"id": source.id, "name": source.name}
