"""Prompt templates as checks push them and read them back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twosignal_conformance.apis.rest.checks import MISSING, ApiClient, Exchange, Judge, Key, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.responses import is_integer


def push(client: ApiClient, judge: Judge, template: Json, *, key: Key = Key.MAIN) -> Exchange:
    """The response to a push; the check ends here when it is refused."""
    exchange = client.call("pushPromptTemplate", json=template, key=key)
    judge.require(exchange.ok, f"the template was answered with {exchange.status}")
    return exchange


def resolve(
    client: ApiClient,
    template: Json,
    *,
    version: int | None = None,
    until: Callable[[Exchange], bool] = lambda exchange: exchange.ok,
    key: Key = Key.MAIN,
) -> Exchange:
    """What a template's name is resolved to once a condition holds, or --settle is over."""
    query = {"name": template["name"], "version": version}
    return client.settle(lambda: client.call("getPromptTemplates", query=query, key=key), until=until).value


def listed(
    client: ApiClient, template: Json, *, until: Callable[[Json], bool] = lambda _: True, key: Key = Key.MAIN
) -> tuple[Json | None, Exchange]:
    """A template as the listing shows it, and the listing, once it shows it so or --settle is over."""

    def look() -> tuple[Json | None, Exchange]:
        exchange = client.call("getPromptTemplates", key=key)
        return next((row for row in rows(exchange) if row.get("name") == template["name"]), None), exchange

    return client.settle(look, until=lambda seen: seen[0] is not None and until(seen[0])).value


def rows(exchange: Exchange) -> list[Json]:
    """The templates of a listing; empty when the response is none."""
    found = responses.data_at(exchange)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def version_of(exchange: Exchange) -> Json:
    """The version of a resolved template; empty when there is none."""
    found = responses.data_at(exchange, "version")
    return found if isinstance(found, dict) else {}


def number_of(exchange: Exchange) -> Any:
    """The number of the version of a resolved template, 2 for 2.0 too; MISSING when there is none."""
    number = version_of(exchange).get("version", MISSING)
    return int(number) if is_integer(number) else number


def content_of(exchange: Exchange) -> Any:
    """The content of a resolved template; MISSING when there is none."""
    return version_of(exchange).get("content", MISSING)
