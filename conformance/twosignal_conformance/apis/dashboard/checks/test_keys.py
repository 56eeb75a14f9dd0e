"""API keys: made here, good for the REST API, and ended here."""

from __future__ import annotations

import json
from collections.abc import Callable

from twosignal_conformance.apis.dashboard.checks import (
    MISSING,
    ApiClient,
    Desk,
    Exchange,
    Judge,
    TestData,
    covers,
    procedures,
    rest,
)
from twosignal_conformance.apis.dashboard.checks.desk import KEYS
from twosignal_conformance.engine.api_client import member


def _settled(
    desk: Desk, look: Callable[[ApiClient, str], tuple[bool, Exchange]], api_key: str
) -> tuple[bool, Exchange]:
    """What the REST API says of a key, which it may hear of a little later."""
    return desk.settle(lambda: look(desk.client, api_key), lambda seen: seen[0]).value


@covers(
    "keys.create.key",
    "keys.create.works",
    "keys.create.prefix",
    "keys.list.no-key",
    "keys.list.last-used",
    "keys.revoke.refused",
    "keys.revoke.listed",
    "keys.revoke.again",
    "keys.rotate.revoked",
)
def test_a_key_from_its_beginning_to_its_end(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Created, looked at, used, looked at again, and revoked."""
    desk = Desk(client, judge, data)
    made = desk.done(KEYS.create, desk.place(KEYS) | {"name": data.name("key")})
    key = member(procedures.result(made), "key")
    holds = isinstance(key, str) and bool(key)
    desk.check("keys.create.key", holds, 'the key as "key"', "none" if not holds else "a key", made)
    judge.require(holds, "apiKey.create gave no key")
    identifier = str(member(procedures.result(made), "id"))
    shown = desk.shown(KEYS, identifier)
    if shown.row:
        prefix = shown.get("keyPrefix")
        begins = isinstance(prefix, str) and bool(prefix) and key.startswith(prefix)
        desk.check("keys.create.prefix", begins, "the beginning of the key", prefix, shown.exchange)
        fresh = shown.get("lastUsedAt")
        desk.check("keys.list.last-used", fresh is None, "lastUsedAt null before its use", fresh, shown.exchange)
    taken, exchange = rest.takes(client, key)
    desk.check("keys.create.works", taken, "the REST API takes it at once", f"status {exchange.status}", exchange)
    rows, exchange = desk.rows(KEYS)
    desk.check("keys.list.no-key", key not in json.dumps(rows), "no whole key", "it is there", exchange)
    if taken and shown.row:
        shown = desk.shown(KEYS, identifier, lambda shown: isinstance(shown.get("lastUsedAt"), str))
        used = shown.get("lastUsedAt")
        holds = isinstance(used, str)
        desk.check("keys.list.last-used", holds, "lastUsedAt a time after its use", used, shown.exchange)
    desk.done("apiKey.revoke", {"id": identifier})
    refused, exchange = _settled(desk, rest.refuses, key)
    desk.check("keys.revoke.refused", refused, "the REST API refuses it", f"status {exchange.status}", exchange)
    shown = desk.shown(KEYS, identifier, lambda shown: isinstance(shown.get("revokedAt"), str))
    ended = shown.get("revokedAt")
    desk.check("keys.revoke.listed", isinstance(ended, str), "revokedAt a time", ended, shown.exchange)
    desk.check_ok("keys.revoke.again", desk.call("apiKey.revoke", {"id": identifier}), "a second revocation")
    exchange = desk.call("apiKey.rotate", {"id": identifier})
    desk.check_cause("keys.rotate.revoked", exchange, "key-revoked", "the rotation of a revoked key")


@covers("keys.rotate.new", "keys.rotate.old", "keys.rotate.from")
def test_a_key_is_rotated(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The new one works, the old one no longer does."""
    desk = Desk(client, judge, data)
    made = desk.done(KEYS.create, desk.place(KEYS) | {"name": data.name("key")})
    old, identifier = (member(procedures.result(made), name) for name in ("key", "id"))
    judge.require(isinstance(old, str) and isinstance(identifier, str), "apiKey.create gave no key")
    exchange = desk.done("apiKey.rotate", {"id": identifier})
    new = member(procedures.result(exchange), "key")
    if isinstance(new, str) and new != old:
        taken, seen = _settled(desk, rest.takes, new)
        desk.check("keys.rotate.new", taken, "the REST API takes it", f"status {seen.status}", (exchange, seen))
    else:
        desk.check("keys.rotate.new", False, "a new key", "none" if new is MISSING else "the old one", exchange)
    refused, seen = _settled(desk, rest.refuses, old)
    desk.check("keys.rotate.old", refused, "the REST API refuses it", f"status {seen.status}", seen)
    origin = member(procedures.result(exchange), "rotatedFromId")
    desk.check("keys.rotate.from", origin == identifier, "the id of the old key", origin, exchange)
