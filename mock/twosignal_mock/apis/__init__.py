"""What is peculiar to each API; one package each. The dashboard works on what REST keeps; else none imports another.

A package that is not ours adds an API by an entry point of the group `twosignal_mock.apis`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points

from twosignal_mock.apis.appsignal import APPSIGNAL
from twosignal_mock.apis.dashboard import DASHBOARD
from twosignal_mock.apis.rest import REST
from twosignal_mock.engine.api import Api

__all__ = ["APIS", "GROUP", "installed_api"]

APIS: Mapping[str, Api] = {api.name: api for api in (REST, DASHBOARD, APPSIGNAL)}
"""By the name in a contract's x-api."""

GROUP = "twosignal_mock.apis"
"""The group of entry points by which other packages add APIs."""


def installed_api(name: str) -> Api | None:
    """The API of this name that another package brings. Looking for one takes a while: start with those above."""
    api: Api | None = next((place.load() for place in entry_points(group=GROUP, name=name)), None)
    return api
