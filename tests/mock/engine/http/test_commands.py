"""serve, env and wait, as commands: what they print, how they end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from twosignal_mock import _command_line, _settings

MOCK = [sys.executable, "-m", "twosignal_mock"]


def surroundings(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TWOSIGNAL_")}
    return kept | {"COLUMNS": "200"} | more


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MOCK, *arguments], env=surroundings(**environment), capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def serving(folder: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """`serve` in a process, once its ready file is there."""
    ready = folder / "ready.json"
    command = [*MOCK, "serve", "--port", "0", "--ready-file", str(ready), *arguments]
    with subprocess.Popen(
        command, env=surroundings(**environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            deadline = time.monotonic() + 20
            while not ready.exists():
                assert process.poll() is None, process.stdout and process.stdout.read()
                assert time.monotonic() < deadline
                time.sleep(0.01)
            yield process
        finally:
            process.kill()


def told(folder: Path) -> dict[str, object]:
    record: dict[str, object] = json.loads((folder / "ready.json").read_text())
    return record


def test_serve_tells_all_that_is_needed_and_ends_on_sigterm(tmp_path: Path) -> None:
    with serving(tmp_path) as process:
        record = told(tmp_path)
        assert record.keys() == {"url", "control_url", "api_key", "email", "password", "pid"}
        assert (record["email"], record["password"]) == (_settings.START_EMAIL, _settings.START_PASSWORD)
        key = {"Authorization": f"Bearer {record['api_key']}"}
        assert httpx.get(f"{record['url']}/api/v1/traces", headers=key).status_code == 200
        assert httpx.get(f"{record['control_url']}/health").status_code == 200
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=20)[0]
    assert process.returncode == 0
    assert not (tmp_path / "ready.json").exists()
    for text in (
        record["url"],
        record["api_key"],
        "export TWOSIGNAL_BASE_URL=",
        "export TWOSIGNAL_API_KEY=",
        "free, 100",
    ):
        assert str(text) in output
    assert "GET /api/v1/traces 200 " in output
    assert "Traceback" not in output


@pytest.mark.parametrize("after", [0.0, 0.03, 0.1, 0.2, 0.3, 0.5])
def test_serve_that_is_told_to_end_while_it_starts_ends_well(tmp_path: Path, after: float) -> None:
    """From the moment on that the command runs: what Python does before is in nobody's hands."""
    program = f"""
import os, signal, sys, threading, time
from twosignal_mock._command import main
def end():
    while signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        time.sleep(0.001)
    time.sleep({after})
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=end, daemon=True).start()
sys.argv = ["twosignal-mock", "serve", "--port", "0", "--sample", "2000", "--ready-file", sys.argv[1]]
main()
"""
    ready = tmp_path / "ready.json"
    done = subprocess.run([sys.executable, "-c", program, str(ready)], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr, ready.exists()) == (0, b"", False)


def test_serve_ends_on_an_interrupt_with_requests_under_way(tmp_path: Path) -> None:
    with serving(tmp_path) as process:
        port = int(str(told(tmp_path)["url"]).rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as slow, socket.create_connection(("127.0.0.1", port)):
            slow.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: mock\r\nPrefer: delay=30000\r\n\r\n")
            assert httpx.get(f"http://127.0.0.1:{port}/api/v1/health").status_code == 200
            process.send_signal(signal.SIGINT)
            process.wait(20)
    assert process.returncode == 130


def test_a_busy_port_is_one_line_and_exit_code_4() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("serve", "--port", port)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert port in done.stderr
    assert "--port 0" in done.stderr


def test_an_address_of_another_machine_is_one_line_and_exit_code_4() -> None:
    done = run("serve", "--port", "0", "--host", "192.0.2.1")
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--port", "70000", "from 0 to 65535"),
        ("--port", "http", "from 0 to 65535"),
        ("--plan", "gold", "free, pro, team, enterprise"),
        ("--limits", "maybe", "on or off"),
        ("--clock", "yesterday", "from:"),
        ("--lag", "-1", "from 0 to"),
        ("--lag", "1..2s", "one time"),
        ("--latency", "200..50ms", "a time with its unit"),
        ("--latency", "61s", "from 0 to 60s"),
        ("--latency", "\u0665ms", "a time with its unit"),
        ("--seed", "x", "a whole number"),
        ("--clock", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z to 2199-12-31T23:59:59Z"),
        ("--dialect", "otlp-status", "name=value"),
        ("--dialect", "otlp-status=204", "otlp-status=200 or otlp-status=201"),
        ("--dialect", "nothing=1", "error-envelope"),
        ("--api-key", "a b", "without spaces"),
        ("--journal-size", "-5", "from 0 to"),
        ("--log-format", "xml", "text, json"),
        ("--sample", "1e3", "a whole number"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_option_and_exit_code_2(option: str, value: str, expected: str) -> None:
    by_option = run("serve", "--port", "0", option, value) if option != "--port" else run("serve", option, value)
    name = "TWOSIGNAL_MOCK_" + option.removeprefix("--").replace("-", "_").upper()
    by_variable = run("serve", **{name: value})
    for done in (by_option, by_variable):
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert option in done.stderr
        assert name in done.stderr
        assert repr(value) in done.stderr
        assert expected in done.stderr


NO_NUMBERS = ["\u0663", "\uff13", "\u00b2", " 3", "3\n", "1_0", "0x3", "1e3", "nan", "inf", "9" * 5000, ""]


@pytest.mark.parametrize("number", [*NO_NUMBERS, "3.0"], ids=ascii)
@pytest.mark.parametrize("option", ["port", "seed", "sample", "journal_size"])
def test_numbers_are_written_in_ascii_digits(option: str, number: str) -> None:
    with pytest.raises(_settings.SettingsError, match="a whole number from"):
        _settings.make_settings(**{option: number})


@pytest.mark.parametrize("number", [*NO_NUMBERS[:2], "-1", "nan"], ids=ascii)
@pytest.mark.parametrize(("command", "option"), [("wait", "--timeout"), ("prism", "--port")])
def test_so_are_those_of_the_other_commands(command: str, option: str, number: str) -> None:
    done = run(command, option, number)
    assert (done.returncode, done.stderr.count("\n"), repr(number) in done.stderr) == (2, 1, True)


ODD_KEYS = [
    "".join(map(chr, range(ord("!"), ord("~") + 1))),
    "';touch${IFS}ran;'",
    "$(touch${IFS}ran)",
    "`touch${IFS}ran`",
    'a";touch${IFS}ran;"&touch${IFS}ran|(touch${IFS}ran)',
    "~root",
    "*",
]


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("source", ["env", "env of a ready file", "serve"])
def test_a_shell_gets_a_key_as_it_is_and_runs_nothing(tmp_path: Path, shell: str, source: str) -> None:
    keys = ODD_KEYS if source == "env of a ready file" else ODD_KEYS[:2]
    for number, key in enumerate(keys):
        folder = tmp_path / str(number)
        folder.mkdir()
        if source == "serve":
            with serving(folder, f"--api-key={key}") as process:
                process.terminate()
                output = process.communicate(timeout=20)[0]
            lines = [line.strip() for line in output.splitlines() if line.strip().startswith("export ")]
        else:
            record = {"url": "http://127.0.0.1:1/'$x", "api_key": key, "pid": 1}
            (folder / "record").write_text(json.dumps(record))
            words = [f"--api-key={key}"] if source == "env" else ["--ready-file", str(folder / "record")]
            lines = run("env", *words).stdout.splitlines()
        script = "\n".join([*lines, 'printf %s "$TWOSIGNAL_API_KEY"'])
        done = subprocess.run([shell, "-c", script], cwd=folder, capture_output=True, text=True, check=True)
        assert (done.stdout, done.stderr) == (key, "")
        assert not (folder / "ran").exists()


def test_an_unknown_option_is_exit_code_2() -> None:
    assert run("serve", "--nonsense").returncode == 2


def test_a_state_that_cannot_be_used_is_one_line_and_exit_code_3(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, but long enough to be looked at " * 100)
    for state in (tmp_path / "text.db", tmp_path, tmp_path / "no" / "such" / "folder.db"):
        done = run("serve", "--port", "0", "--state", str(state))
        assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
        assert str(state) in done.stderr


def test_a_state_in_use_is_refused_and_survives_a_restart(tmp_path: Path) -> None:
    state = str(tmp_path / "state.db")
    event = {"id": "e", "type": "trace-create", "timestamp": "2026-01-01T00:00:00Z", "body": {"id": "t", "name": "n"}}
    with serving(tmp_path, "--state", state) as process:
        record = told(tmp_path)
        key = {"Authorization": f"Bearer {record['api_key']}"}
        httpx.post(f"{record['url']}/api/v1/traces", headers=key, json={"batch": [event]}).raise_for_status()
        second = run("serve", "--port", "0", "--state", state)
        assert (second.returncode, second.stderr.count("\n")) == (3, 1), second.stderr
        process.kill()
        process.wait()
    (tmp_path / "ready.json").unlink()
    with serving(tmp_path, "--state", state):
        url = told(tmp_path)["url"]
        assert len(httpx.get(f"{url}/api/v1/traces", headers=key).json()["data"]["traces"]) == 1


def test_a_contract_that_cannot_be_used_is_exit_code_3(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("openapi: 3.1.1\n")
    done = run("serve", "--port", "0", "--contract", str(tmp_path / "bad.yaml"))
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_every_option_is_in_the_help_with_its_variable() -> None:
    text = run("serve", "--help").stdout
    for option in _settings.OPTIONS:
        assert f"--{option.replace('_', '-')}" in text
        assert f"{_command_line.ENVIRONMENT_PREFIX}{option.upper()}" in text


def test_options_come_from_the_environment_too(tmp_path: Path) -> None:
    variables = {
        "TWOSIGNAL_MOCK_API_KEY": "ts_mine",
        "TWOSIGNAL_MOCK_PLAN": "pro",
        "TWOSIGNAL_MOCK_DIALECT": "otlp-status=201,error-envelope=data-null",
        "TWOSIGNAL_MOCK_CLOCK": "2026-01-31T12:00:00Z",
        "TWOSIGNAL_MOCK_SAMPLE": "30",
        "TWOSIGNAL_MOCK_LOG_FORMAT": "json",
    }
    with serving(tmp_path, "--validate-answers", **variables) as process:
        url = told(tmp_path)["url"]
        answer = httpx.get(f"{url}/api/v1/traces", headers={"Authorization": "Bearer ts_mine"})
        assert len(answer.json()["data"]["traces"]) == 30
        assert answer.headers["Date"] == "Sat, 31 Jan 2026 12:00:00 GMT"
        assert answer.headers["RateLimit-Limit"] == "1000"
        assert httpx.get(f"{url}/api/v1/traces").json()["data"] is None
        process.terminate()
        output = process.communicate(timeout=20)[0]
    assert "otlp-status=201" in output
    assert json.loads(output.splitlines()[-1])["status"] == 401


def test_env_prints_lines_for_a_shell(tmp_path: Path) -> None:
    with serving(tmp_path):
        record = told(tmp_path)
        lines = run("env", "--ready-file", str(tmp_path / "ready.json")).stdout.splitlines()
    assert lines == [
        f"export TWOSIGNAL_BASE_URL={record['url']}",
        f"export TWOSIGNAL_API_KEY={record['api_key']}",
    ]
    assert run("env", "--port", "3999").stdout.startswith("export TWOSIGNAL_BASE_URL=http://127.0.0.1:3999\n")
    assert run("env", "--ready-file", str(tmp_path / "gone.json")).returncode == 2


def test_wait_waits_for_a_mock(tmp_path: Path) -> None:
    with serving(tmp_path):
        assert run("wait", "--url", f"{told(tmp_path)['url']}/api/v1", "--timeout", "10").returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    done = run("wait", "--port", port, "--timeout", "0.2")
    assert (done.returncode, done.stderr.count("\n")) == (5, 1)
    assert port in done.stderr
