"""Which sites a request may see: each that it names is checked before anything of any is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twosignal_mock.apis.appsignal.store import Site, repositories_of
from twosignal_mock.engine.api import ApiError
from twosignal_mock.engine.store import Transaction


def reach_site(transaction: Transaction, site_id: str) -> Site:
    """The site of an id; raises ApiError when the token does not reach it, or there is none."""
    return reach_sites(transaction, (site_id,))[0]


def reach_sites(transaction: Transaction, site_ids: Sequence[str]) -> Sequence[Site]:
    """The sites of these ids, each once; raises ApiError when the token does not reach one of them."""
    found: Mapping[str, Site] = repositories_of(transaction).sites.find_all(site_ids)
    sites = [found.get(site_id) for site_id in dict.fromkeys(site_ids)]
    reached = [site for site in sites if site is not None and site.accessible]
    if len(reached) < len(sites):
        raise ApiError("unknown-site")
    return reached
