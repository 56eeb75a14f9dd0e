"""What a sandbox of the REST API holds: traces and routing configurations before a scenario, traces after it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from twosignal_contract import Contract

from twosignal_conformance.apis.rest.clients._recording import NATIVE, emitted
from twosignal_conformance.clients import Control, ControlError, Sandbox, Scenario

Json = Any

SEED = "seed-trace"
"""Beginning of the ids of stored traces."""

FEW = 100
"""Traces whose spans are read, one trace after the other; the spans of more matter in no scenario."""

_PATIENCE = 30.0
"""Seconds for one request."""


class StoredTraces:
    """State of a sandbox: `traces` is the number of traces named seed-trace-1 and so on, `routing_configs` by name."""

    def store(self, control: Control, sandbox: Sandbox, state: Mapping[str, Json], contract: Contract) -> None:
        """See StoredState."""
        for name, config in state.get("routing_configs", {}).items():
            control.put(sandbox, "routing-configs", name, value=config)
        if count := state.get("traces"):
            _store(sandbox, count, contract)

    def recorded(self, control: Control, sandbox: Sandbox, scenario: Scenario, contract: Contract) -> Sequence[Json]:
        """See StoredState: traces with their spans."""
        if not emitted(scenario):
            return ()
        found = _all_traces(sandbox, contract)
        if len(found) > FEW:
            return found
        whole = (control.get(sandbox, "traces", row["id"]) for row in found)
        return [trace for trace in whole if trace is not None]


def _all_traces(sandbox: Sandbox, contract: Contract) -> list[Json]:
    operation = contract.operation("listTraces")
    query: dict[str, Json] = {"limit": contract.parameter(operation.id, "limit").maximum}
    found: list[Json] = []
    with _client(sandbox) as client:
        while True:
            response = client.get(operation.path, params=query)
            if not response.is_success:
                raise ControlError(f"{sandbox.url}: traces could not be read back ({response.status_code})")
            page = response.json()["data"]
            found += page["traces"]
            if page["nextCursor"] is None:
                return found
            query["cursor"] = page["nextCursor"]


def _client(sandbox: Sandbox) -> httpx.Client:
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    return httpx.Client(base_url=sandbox.url, headers=headers, timeout=_PATIENCE, trust_env=False)


def _store(sandbox: Sandbox, count: int, contract: Contract) -> None:
    """Stores traces through the API, because the table of scenarios names their ids."""
    begin = datetime.now(UTC) - timedelta(minutes=count)
    events = [_event(number, begin + timedelta(minutes=number)) for number in range(1, count + 1)]
    try:
        with _client(sandbox) as client:
            client.post(contract.operation(NATIVE).path, json={"batch": events}).raise_for_status()
    except httpx.HTTPError as error:
        raise ControlError(f"{sandbox.url}: traces could not be stored ({error})") from None


def _event(number: int, at: datetime) -> Json:
    time = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = {"id": f"{SEED}-{number}", "name": f"seed {number}", "startTime": time}
    return {"id": str(uuid.uuid4()), "type": "trace-create", "timestamp": time, "body": body}
