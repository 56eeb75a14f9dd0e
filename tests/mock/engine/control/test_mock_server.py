"""`MockServer`: a real process that tests in Python start, ask and end."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from twosignal_contract import load_contract
from twosignal_mock import ControlError, MockServer, MockServerError, Sandbox

pytestmark = pytest.mark.xdist_group("mock_server")

NOON = "2026-01-31T12:00:00Z"
CONTRACT = load_contract()
SLOW, FAST = (pick(CONTRACT.plans, key=lambda plan: CONTRACT.plans[plan]) for pick in (min, max))
"""Plans: the one that allows least, and the one that allows most."""
REFUSED = CONTRACT.errors["rate-limit"].status
UNKNOWN_KEY = CONTRACT.errors["invalid-key"].status


@pytest.fixture(scope="module")
def mock() -> Any:
    with MockServer(seed=1, clock=NOON, validate_answers=True, sample=2) as server:
        yield server


def post(server: MockServer | Sandbox, *events: str) -> httpx.Response:
    """Send traces with these ids."""
    batch = [
        {"id": f"event-{name}", "type": "trace-create", "timestamp": NOON, "body": {"id": name, "name": name}}
        for name in events
    ]
    headers = {"Authorization": f"Bearer {server.api_key}"}
    return httpx.post(f"{server.url}/api/v1/traces", json={"batch": batch}, headers=headers, trust_env=False)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_serves_on_a_free_port_and_tells_all_that_a_client_needs(mock: MockServer) -> None:
    assert httpx.get(f"{mock.url}/api/v1/health", trust_env=False).is_success
    assert mock.environment == {"TWOSIGNAL_BASE_URL": mock.url, "TWOSIGNAL_API_KEY": mock.api_key}
    credentials = {"email": mock.email, "password": mock.password}
    assert httpx.post(f"{mock.url}/api/v1/auth/login", json=credentials, trust_env=False).is_success


def test_options_reach_the_server(mock: MockServer) -> None:
    assert mock.control.clock.now() == datetime(2026, 1, 31, 12, tzinfo=UTC)
    listed = httpx.get(
        f"{mock.url}/api/v1/traces", headers={"Authorization": f"Bearer {mock.api_key}"}, trust_env=False
    ).json()
    assert len(listed["data"]) == 2


def test_a_sandbox_is_apart_and_gone_at_the_end(mock: MockServer) -> None:
    with mock.sandbox("checkout") as sandbox, mock.sandbox(plan=FAST, sample=3) as other:
        assert (sandbox.name, other.plan) == ("checkout", FAST)
        assert sandbox.environment == {"TWOSIGNAL_BASE_URL": mock.url, "TWOSIGNAL_API_KEY": sandbox.api_key}
        assert post(sandbox, "t-1").is_success
        assert sandbox.trace("t-1")["name"] == "t-1"
        with pytest.raises(ControlError, match="there is no trace 't-1'"):
            other.trace("t-1")
        assert len(sandbox.journal()) == 1
        assert other.journal() == []
    assert post(sandbox, "t-1").status_code == UNKNOWN_KEY


def test_a_sandbox_is_dropped_also_after_an_error(mock: MockServer) -> None:
    with pytest.raises(ZeroDivisionError), mock.sandbox() as sandbox:
        raise ZeroDivisionError
    assert post(sandbox, "t-1").status_code == UNKNOWN_KEY


def test_the_clock_is_moved(mock: MockServer) -> None:
    with mock.sandbox() as sandbox:
        clock = sandbox.clock
        assert clock.advance(1.5) == datetime(2026, 1, 31, 12, 0, 1, 500_000, UTC)
        assert clock.freeze(datetime(2027, 1, 1, tzinfo=UTC)) == clock.now() == datetime(2027, 1, 1, tzinfo=UTC)
        assert clock.run("2028-01-01T00:00:00Z").year == 2028
        assert clock.follow().year > 2000


def test_a_frozen_window_lets_exactly_the_plans_number_through(mock: MockServer) -> None:
    limit, window = CONTRACT.plans[SLOW], CONTRACT.rate_limit.window
    with mock.sandbox(plan=SLOW) as sandbox, httpx.Client(trust_env=False) as client:
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}

        def refusals(count: int) -> list[bool]:
            url = f"{sandbox.url}/api/v1/traces"
            return [client.get(url, headers=headers).status_code == REFUSED for _ in range(count)]

        assert refusals(limit + 2) == [False] * limit + [True] * 2
        sandbox.clock.advance(window - 0.000_001)
        assert refusals(1) == [True]
        sandbox.clock.advance(0.000_001)
        assert refusals(limit + 1) == [False] * limit + [True]


def test_faults_journal_and_ledger_tell_one_story(mock: MockServer) -> None:
    with mock.sandbox() as sandbox:
        rule = sandbox.faults.add("reset", phase="after-commit", nth=1)
        with pytest.raises(httpx.TransportError):
            post(sandbox, "t-1")
        assert post(sandbox, "t-1").is_success
        first, second = sandbox.journal()
        assert (first["status"], first["fault"], first["attempt"]) == (None, rule, 1)
        assert (second["fault"], second["group"], second["attempt"]) == (None, first["group"], 2)
        assert second["sequence"] == sandbox.journal(since=first["sequence"])[0]["sequence"]
        (account,) = sandbox.ledger("stored")
        assert (account["id"], account["attempts"], account["kept"]) == ("event-t-1", 2, 2)
        assert sandbox.ledger("refused") == []
        assert sandbox.ledger_summary()["kept_again"] == 1
        assert sandbox.faults.list()[0]["struck"] == 1
        sandbox.faults.remove(rule)
        sandbox.faults.clear()
        sandbox.clear_journal()
        assert (sandbox.faults.list(), sandbox.journal()) == ([], [])


def test_journal_and_ledger_are_read_whole_however_long(mock: MockServer) -> None:
    with mock.sandbox(plan=FAST) as sandbox:
        for start in range(0, 2000, 1000):
            assert post(sandbox, *(f"t-{number}" for number in range(start, start + 1000))).is_success
        assert [account["id"] for account in sandbox.ledger()] == [f"event-t-{number}" for number in range(2000)]


def test_state_is_kept_restored_and_carried_over(mock: MockServer) -> None:
    with mock.sandbox() as sandbox, mock.sandbox() as other:
        post(sandbox, "t-1")
        assert sandbox.snapshot("one") == "one"
        post(sandbox, "t-2")
        other.import_state(sandbox.export_state())
        assert other.trace("t-2")["id"] == "t-2"
        sandbox.restore("one")
        assert sandbox.snapshots() == ["one"]
        with pytest.raises(ControlError, match="t-2"):
            sandbox.trace("t-2")
        sandbox.reset()
        with pytest.raises(ControlError, match="t-1"):
            sandbox.trace("t-1")


def test_keys_are_added_and_revoked(mock: MockServer) -> None:
    with mock.sandbox() as sandbox:
        second = sandbox.add_key("a-second-key")
        sandbox.revoke_key(sandbox.api_key)
        assert post(sandbox, "t-1").status_code == UNKNOWN_KEY
        sandbox.api_key = second
        assert post(sandbox, "t-1").is_success


def test_a_control_token_is_used_by_all_handles() -> None:
    with MockServer(control_token="open-sesame") as server, server.sandbox() as sandbox:  # noqa: S106 - of this test
        assert sandbox.journal() == server.control.journal() == []
        assert httpx.get(f"{server.url}/__mock/v1/journal", trust_env=False).status_code == 401


def test_state_outlives_the_server_and_ids_do_not_come_again(tmp_path: Path) -> None:
    ids = []
    for _ in range(2):
        with MockServer(state=tmp_path / "state.db") as server:
            post(server, "t-1")
            body = {"traceId": "t-1", "evaluatorName": "accuracy", "value": 1}
            url = f"{server.url}/api/v1/scores"
            headers = {"Authorization": f"Bearer {server.api_key}"}
            ids.append(httpx.post(url, json=body, headers=headers, trust_env=False).json())
            scores = server.control.trace("t-1")["scores"]
    assert len({score["id"] for score in scores}) == 2


def test_the_process_ends_with_the_block() -> None:
    with MockServer() as server:
        process = server.pid
        assert is_alive(process)
    assert not is_alive(process)
    server.stop()
    with pytest.raises(MockServerError, match="does not run"):
        _ = server.url


def test_the_process_ends_after_an_error() -> None:
    processes = []

    def fail() -> None:
        with MockServer() as server:
            processes.append(server.pid)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not is_alive(processes[0])


def test_the_process_ends_with_an_interpreter_that_forgot_it() -> None:
    program = "from twosignal_mock import MockServer; print(MockServer().start().pid)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert not is_alive(int(done.stdout))


@pytest.mark.parametrize("how", ["exits", "fails", "returns", "stops", "collects", "drops nothing", "uses it"])
def test_a_fork_harms_no_server(how: str) -> None:
    """Whichever way a fork of the test's process ends, the server, its folder, sandboxes and connections go on."""
    program = f"""
import gc, os, sys
from twosignal_mock import MockServer
how = {how!r}
def child():
    global mock, sandbox
    if how == "exits": sys.exit(0)
    if how == "fails": raise ZeroDivisionError
    if how == "stops": mock.stop()
    if how == "collects":
        mock = sandbox = None
        gc.collect()
    if how == "uses it":
        for _ in range(50): sandbox.clock.now()
with MockServer(sample=3) as mock, mock.sandbox("kept") as sandbox:
    sandbox.faults.add("reset")
    process = os.fork()
    if process == 0:
        child()
        if how != "drops nothing": sys.exit(0)
    else:
        for _ in range(50): assert len(sandbox.faults.list()) == 1
        os.waitpid(process, 0)
        assert [row["kind"] for row in sandbox.faults.list()] == ["reset"]
        assert "ready" in mock.log
        print("went on", mock.pid)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.startswith("went on "), done.stderr
    assert not is_alive(int(done.stdout.split()[-1]))


def test_a_server_can_be_started_again() -> None:
    server = MockServer()
    with server:
        with pytest.raises(MockServerError, match="runs already"):
            server.start()
        first = server.pid
    with server:
        assert server.pid != first


def test_a_start_that_fails_shows_what_the_server_said() -> None:
    with pytest.raises(MockServerError, match=r"(?s)exit code 2.*huge"):
        MockServer(plan="huge").start()


@pytest.mark.parametrize("clock", ["1969-12-31T23:59:59Z", "from:2200-01-01T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_a_clock_out_of_range_is_refused_with_the_range(clock: str) -> None:
    with pytest.raises(MockServerError, match="1970-01-01T00:00:00Z to 2199-12-31T23:59:59Z"):
        MockServer(clock=clock, sample=5).start()


def test_a_start_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(MockServerError, match="did not serve within 0"):
        MockServer(start_timeout=0).start()


def test_the_surroundings_do_not_change_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWOSIGNAL_MOCK_PLAN", "huge")
    with MockServer() as server:
        assert "127.0.0.1" in server.url
        assert server.log


def test_limits_can_be_switched_off() -> None:
    limit = CONTRACT.plans[SLOW]
    with MockServer(limits=False, clock=NOON, plan=SLOW) as server, httpx.Client(trust_env=False) as client:
        headers = {"Authorization": f"Bearer {server.api_key}"}
        url = f"{server.url}/api/v1/traces"
        assert all(client.get(url, headers=headers).is_success for _ in range(limit + 1))


def test_importing_the_package_imports_nothing_slow() -> None:
    program = (
        "import sys, twosignal_mock; print([m for m in ('httpx', 'starlette', 'yaml', 'apsw') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_no_other() -> None:
    import twosignal_mock

    for name in twosignal_mock.__all__:
        assert getattr(twosignal_mock, name).__name__ == name
    with pytest.raises(AttributeError, match="nothing"):
        _ = twosignal_mock.nothing
