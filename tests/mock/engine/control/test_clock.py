"""The clock over the control API."""

from typing import Any

import pytest
from twosignal_mock.engine.sandbox import ClockKind

from tests.mock.engine.control.world import NOON, Call, World


async def test_the_clock_starts_as_the_servers(call: Call) -> None:
    assert (await call("GET", "/v1/clock")).json() == {"kind": "frozen", "now": NOON}


@pytest.mark.parametrize(
    ("seconds", "now"),
    [(0, NOON), (0.000001, "2026-01-31T12:00:00.000001Z"), (86400, "2026-02-01T12:00:00.000000Z")],
    ids=["nothing", "a microsecond", "a day"],
)
async def test_the_clock_is_advanced(call: Call, seconds: float, now: str) -> None:
    assert (await call("POST", "/v1/clock/advance", {"seconds": seconds})).json() == {"kind": "frozen", "now": now}
    assert (await call("GET", "/v1/clock")).json()["now"] == now


async def test_the_clock_is_set(call: Call, world: World) -> None:
    await call("PUT", "/v1/clock", {"kind": "real"})
    assert world.sandbox.clock.kind is ClockKind.REAL
    await call("PUT", "/v1/clock", {"kind": "running", "at": "2030-01-01T00:00:00Z"})
    assert (await call("GET", "/v1/clock")).json()["now"].startswith("2030-01-01T00:0")
    frozen = (await call("PUT", "/v1/clock", {"kind": "frozen"})).json()
    assert (await call("GET", "/v1/clock")).json() == frozen
    earlier = {"kind": "frozen", "at": "2026-01-31T13:00:00+01:00"}
    assert (await call("PUT", "/v1/clock", earlier)).json() == {"kind": "frozen", "now": NOON}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/clock", {}),
        ("PUT", "/v1/clock", {"kind": "backwards"}),
        ("PUT", "/v1/clock", {"kind": "real", "at": NOON}),
        ("PUT", "/v1/clock", {"kind": "frozen", "at": "yesterday at noon"}),
        ("PUT", "/v1/clock", {"kind": "frozen", "at": "2026-01-31T12:00:00"}),
        ("POST", "/v1/clock/advance", {"seconds": -1}),
        ("POST", "/v1/clock/advance", {"seconds": 1e12}),
        ("POST", "/v1/clock/advance", {"seconds": 1e11 * 3}),
        ("POST", "/v1/clock/advance", {}),
    ],
    ids=[
        "no kind", "unknown kind", "real at an instant", "no instant", "no zone", "backwards", "too far",
        "beyond the calendar", "no step",
    ],
)  # fmt: skip
async def test_a_wrong_time_is_refused_and_the_clock_stays(
    call: Call, method: str, path: str, body: dict[str, Any]
) -> None:
    answer = await call(method, path, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_REQUEST")
    assert (await call("GET", "/v1/clock")).json() == {"kind": "frozen", "now": NOON}


async def test_a_clock_that_would_leave_the_calendar_stays(call: Call) -> None:
    await call("PUT", "/v1/clock", {"kind": "frozen", "at": "2199-12-31T23:59:59Z"})
    answer = await call("POST", "/v1/clock/advance", {"seconds": 60})
    assert (answer.status_code, "2199" in answer.json()["error"]["message"]) == (400, True)


async def test_each_sandbox_has_a_clock_of_its_own(call: Call) -> None:
    other = (await call("POST", "/v1/sandboxes", {})).json()
    await call("POST", "/v1/clock/advance", {"seconds": 60})
    assert (await call("GET", f"/v1/clock?sandbox={other['id']}")).json()["now"] == NOON
