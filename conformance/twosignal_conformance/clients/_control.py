"""The control API of the mock, as far as judging clients needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

Json = Any

PREFIX = "/__mock/v1"

_PATIENCE = 30.0
"""Seconds for one call."""
_PAGE = 1000
"""Entries of the journal that one call asks for: the most that it gives."""

UNKEYED = "unkeyed"
"""Id of the sandbox of requests that carry no key that is known."""


class ControlError(Exception):
    """The mock cannot be reached, is none, or refuses a call."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A project of the mock, with what a client needs to be somebody in it."""

    id: str
    url: str
    api_key: str = field(repr=False)
    email: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """Where a journal can be read."""

    path: str = "/journal"
    where: Mapping[str, str] = field(default_factory=dict)
    """Names its sandbox: {"sandbox": id} or {"api_key": key}."""
    name: str = ""
    """What its sandbox is called."""
    clock: str = ""
    """How the clock of the sandbox goes; empty when it was not asked."""

    @property
    def unkeyed(self) -> bool:
        """True for the requests that belong to no key."""
        return self.where.get("sandbox") == UNKEYED


class Control:
    """Calls the control API of one mock; safe to use from several threads."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        # A proxy of the environment, or its name and password in .netrc, has no business with a mock.
        self._client = httpx.Client(base_url=self.url, headers=headers, timeout=_PATIENCE, trust_env=False)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def require_mock(self) -> None:
        """ControlError unless a mock answers there that can be controlled."""
        self._call("GET", "/contract")

    def contract_digest(self) -> str:
        """SHA-256 of the contract that the mock obeys."""
        return str(self._call("GET", "/contract")["sha256"])

    def create(self, name: str, plan: str) -> Sandbox:
        """A new sandbox."""
        row = self._call("POST", "/sandboxes", json={"name": name, "plan": plan})
        return Sandbox(row["id"], self.url, row["api_key"], row["email"], row["password"])

    def drop(self, sandbox: Sandbox) -> None:
        """Forget a sandbox."""
        self._call("DELETE", f"/sandboxes/{quote(sandbox.id, safe='')}")

    def add_fault(self, sandbox: Sandbox, fault: Json) -> None:
        """Let requests of the sandbox meet a fault."""
        self._call("POST", "/faults", sandbox, json=fault)

    def clear_faults(self, sandbox: Sandbox) -> None:
        """Take all faults back."""
        self._call("DELETE", "/faults", sandbox)

    def get(self, sandbox: Sandbox, *path: str) -> Json:
        """What the API keeps at a path of the sandbox; None when nothing is there."""
        try:
            return self._call("GET", _joined(path), sandbox)
        except _NotThereError:
            return None

    def put(self, sandbox: Sandbox, *path: str, value: Json) -> None:
        """Have the API keep something at a path of the sandbox."""
        self._call("PUT", _joined(path), sandbox, json=value)

    def shift_clock(self, sandbox: Sandbox, seconds: float) -> None:
        """Let the clock run from so many seconds ahead of now."""
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        self._call("PUT", "/clock", sandbox, json={"kind": "running", "at": at.isoformat()})

    def clear_journal(self, sandbox: Sandbox) -> None:
        """Forget what came so far."""
        self._call("DELETE", "/journal", sandbox)

    def requests(self, sandbox: Sandbox) -> int:
        """How many requests of a sandbox the journal has."""
        return int(self._call("GET", f"/sandboxes/{quote(sandbox.id, safe='')}")["journal"])

    def journals(self) -> list[JournalPlace]:
        """All journals that hold something, those of dropped sandboxes first."""
        gone = self._call("GET", "/dropped")["dropped"]
        there = self._call("GET", "/sandboxes")["sandboxes"]
        return [
            *(JournalPlace(f"/dropped/{row['number']}/journal", {}, row["name"], row["clock"]) for row in gone),
            *(
                JournalPlace("/journal", {"sandbox": row["id"]}, row["name"], row["clock"]["kind"])
                for row in there
                if row["journal"]
            ),
        ]

    def stands(self, place: JournalPlace) -> bool:
        """True when the clock of a sandbox goes only when it is moved."""
        return (place.clock or self._call("GET", "/clock", params=place.where)["kind"]) == "frozen"

    def journal(self, place: JournalPlace) -> list[Json]:
        """All entries of a sandbox, oldest first."""
        entries: list[Json] = []
        since = 0
        while True:
            page = self._call("GET", place.path, params={**place.where, "since": since, "limit": _PAGE})
            entries += page["entries"]
            if not page["entries"] or page["next"] >= page["last"]:
                return entries
            since = page["next"]

    def _call(
        self,
        method: str,
        path: str,
        sandbox: Sandbox | None = None,
        *,
        json: Json = None,
        params: Mapping[str, Any] | None = None,
    ) -> Json:
        query = {**(params or {}), **({} if sandbox is None else {"sandbox": sandbox.id})}
        try:
            response = self._client.request(method, PREFIX + path, json=json, params=query)
        except httpx.HTTPError as error:
            raise ControlError(f"{self.url}: no mock answers there ({type(error).__name__}: {error})") from None
        if response.is_success:
            return response.json() if response.content else None
        kind = _NotThereError if response.status_code == httpx.codes.NOT_FOUND else ControlError
        raise kind(f"{method} {self.url}{PREFIX}{path}: {response.status_code}, {_message(response)}")


class _NotThereError(ControlError):
    """What was asked for is not there."""


def _joined(path: Iterable[str]) -> str:
    return "".join(f"/{quote(step, safe='')}" for step in path)


def _message(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return (
            "it is no mock, or an older one" if response.status_code == httpx.codes.NOT_FOUND else response.text[:200]
        )
