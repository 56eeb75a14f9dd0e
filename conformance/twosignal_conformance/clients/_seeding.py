"""Makes the world of a scenario: stored traces, configurations, the clock, trouble; at the end reads what it holds."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from twosignal_contract import Contract

from twosignal_conformance.clients._control import Control, ControlError, Sandbox
from twosignal_conformance.clients._scenario import World

Json = Any

SEED = "seed-trace"
"""Beginning of the ids of stored traces."""

FEW = 100
"""Traces whose spans are read one trace after the other; scenarios with more have none of interest."""

_PATIENCE = 30.0
"""Seconds for one request."""


def seed(control: Control, sandbox: Sandbox, world: World, law: Contract) -> None:
    """Make the world; the journal is empty afterwards."""
    if world.clock is not None:
        control.shift_clock(sandbox, world.clock)
    for name, config in world.routing_configs.items():
        control.set_routing_config(sandbox, name, config)
    if world.traces:
        _store(sandbox, world.traces, law)
        control.clear_journal(sandbox)
    for order in world.faults:
        control.add_fault(sandbox, order)


def stored_traces(control: Control, sandbox: Sandbox, law: Contract) -> list[Json]:
    """All traces that the sandbox has, with their spans where they are few; trouble is taken back before."""
    control.clear_faults(sandbox)
    operation, parameter = law.operation("listTraces"), law.parameter("listTraces", "limit")
    query: dict[str, Json] = {"limit": parameter.maximum}
    found: list[Json] = []
    with _client(sandbox) as client:
        while True:
            answer = client.get(operation.path, params=query)
            if not answer.is_success:
                raise ControlError(f"{sandbox.url}: traces could not be read back ({answer.status_code})")
            page = answer.json()["data"]
            found += page["traces"]
            if page["nextCursor"] is None:
                break
            query["cursor"] = page["nextCursor"]
    if len(found) > FEW:
        return found
    return list(control.traces(sandbox, (row["id"] for row in found)))


def _client(sandbox: Sandbox) -> httpx.Client:
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    return httpx.Client(base_url=sandbox.url, headers=headers, timeout=_PATIENCE, trust_env=False)


def _store(sandbox: Sandbox, count: int, law: Contract) -> None:
    """Stores traces by the API itself, so that their ids can be named in the table of scenarios."""
    operation = law.operation("ingestTraces")
    begin = datetime.now(UTC) - timedelta(minutes=count)
    events = [_event(number, begin + timedelta(minutes=number)) for number in range(1, count + 1)]
    try:
        with _client(sandbox) as client:
            client.post(operation.path, json={"batch": events}).raise_for_status()
    except httpx.HTTPError as error:
        raise ControlError(f"{sandbox.url}: traces could not be stored ({error})") from None


def _event(number: int, at: datetime) -> Json:
    time = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = {"id": f"{SEED}-{number}", "name": f"seed {number}", "startTime": time}
    return {"id": str(uuid.uuid4()), "type": "trace-create", "timestamp": time, "body": body}
