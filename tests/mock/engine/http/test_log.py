"""The access log: one line each, no secrets, nothing forged."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from twosignal_mock.engine.http import AccessLog, AccessRecord, LogFormat

from tests.mock.engine.http.server import running


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (AccessRecord("GET", "/api/v1/health", 200, 0.44), "GET /api/v1/health 200 0.4ms"),
        (AccessRecord("GET", "/x", 404, 1, "a.b"), "GET /x 404 1.0ms clause=a.b"),
        (AccessRecord("GET", "/x", None, 1, "", "fault-1"), "GET /x cut 1.0ms fault=fault-1"),
        (AccessRecord("GET", "/x\r\nPOST /y 200", 404, 1), "GET /x\\r\\nPOST /y 200 404 1.0ms"),
        (
            AccessRecord("G\x07T", "/\u202egnp\u2066\u200b\ufeff\ud800", 404, 1),
            "G\\x07T /\\u202egnp\\u2066\\u200b\\ufeff\\ud800 404 1.0ms",
        ),
        (AccessRecord("GET", "/caf\u00e9/\u65e5\u672c", 404, 1), "GET /caf\u00e9/\u65e5\u672c 404 1.0ms"),
        (AccessRecord("GET", "/\x1b[2J\u2028", 404, 1), "GET /\\x1b[2J\\u2028 404 1.0ms"),
    ],
)
async def test_a_request_is_one_line(record: AccessRecord, line: str) -> None:
    stream = io.StringIO()
    log = AccessLog(LogFormat.TEXT, stream)
    log.add(record)
    log.close()
    assert stream.getvalue() == f"1970-01-01T00:00:00.000Z {line}\n"


MILLISECOND = 1_796_087_999.999
KEY = "ts_live_0123456789abcdef"


async def test_a_line_says_when_by_whom_what_was_asked_and_why_it_was_refused() -> None:
    stream = io.StringIO()
    log = AccessLog(LogFormat.TEXT, stream)
    asked = AccessRecord(
        "GET", "/x", 400, 1.26, "a.b", "", MILLISECOND, b"limit=0&api_key=abc", KEY, 'limit: is "0"\nGET /y 200'
    )
    log.add(asked)
    log.add(asked._replace(reason="x" * 1000, query=b"%1b[2J\x1b\xff"))
    log.close()
    first, second = stream.getvalue().splitlines()
    assert first == (
        "2026-12-01T01:19:59.999Z GET /x?limit=0&api_key=[redacted] 400 1.3ms key=[redacted]cdef clause=a.b "
        '"limit: is "0"\\nGET /y 200"'
    )
    assert "GET /x?%1b[2J\\x1b\u00ff 400" in second
    assert len(second) < 400


def test_each_refused_request_is_told_in_the_words_that_its_client_got(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        key = {"Authorization": f"Bearer {server.key}"}
        traces = f"{server.url}/api/v1/traces"
        answers = [
            httpx.get(traces, params={"limit": "none"}, headers=key),
            httpx.get(traces, params={"limit": "5"}),
            httpx.get(f"{traces}/unknown", headers=key),
            httpx.post(traces, content=b"{", headers={**key, "Content-Type": "application/json"}),
        ]
        leave = {"Origin": "https://page.example", "Access-Control-Request-Method": "GET"}
        assert httpx.options(traces, headers=leave).status_code == 204
        time.sleep(0.3)
        *lines, last = (tmp_path / "log").read_text().splitlines()[-len(answers) - 1 :]
    assert " OPTIONS /api/v1/traces 204 " in last
    for answer, line in zip(answers, lines, strict=True):
        assert answer.is_error
        assert f'"{answer.json()["error"]["message"]}"' in line
        assert server.key not in line
        assert (f"key=[redacted]{server.key[-4:]}" in line) == ("authorization" in answer.request.headers)
    assert "/api/v1/traces?limit=none 400" in lines[0]


async def test_json_lines_are_json() -> None:
    stream = io.StringIO()
    log = AccessLog(LogFormat.JSON, stream)
    log.add(AccessRecord("GET", "/x\n", 404, 1.25, "a.b", "", 0.5, b"a=1&token=2", KEY, "no"))
    log.close()
    found = json.loads(stream.getvalue())
    assert found.pop("time") == "1970-01-01T00:00:00.500Z"
    assert found == {
        "method": "GET",
        "path": "/x\n",
        "query": "a=1&token=[redacted]",
        "status": 404,
        "ms": 1.2,
        "key": "[redacted]cdef",
        "clause": "a.b",
        "fault": None,
        "reason": "no",
    }


async def test_a_reader_that_is_gone_does_no_harm() -> None:
    stream = io.StringIO()
    stream.close()
    log = AccessLog(LogFormat.TEXT, stream)
    for _ in range(3):
        log.add(AccessRecord("GET", "/", 200, 1))
    log.close()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "shift_jis", "utf-8"])
@pytest.mark.parametrize("form", LogFormat)
async def test_the_log_goes_on_whatever_the_terminal_can_show(encoding: str, form: LogFormat) -> None:
    raw = io.BytesIO()
    log = AccessLog(form, io.TextIOWrapper(raw, encoding=encoding))
    paths = ["/\u20ac", "/caf\u00e9", "/\u65e5\u672c", "/\U0001f600", "/\ud800", "/\x85", "/plain"]
    for path in paths[:-1]:
        log.add(AccessRecord("GET", path, 200, 1))
    await asyncio.sleep(0.1)  # so that the last line is written by itself
    log.add(AccessRecord("GET", paths[-1], 200, 1))
    log.close()
    lines = raw.getvalue().decode(encoding).splitlines()
    assert len(lines) == len(paths)
    assert "/plain" in lines[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="streams are closed by a POSIX shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_end_nothing(tmp_path: Path, closed: str) -> None:
    """Nor does what is written to them get into another file: the state is opened where a stream was."""
    ready, state = tmp_path / "ready.json", tmp_path / "state.db"
    words = [sys.executable, "-m", "twosignal_mock", "serve", "--port", "0", "--ready-file", str(ready)]
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *words, "--state", str(state)]
    with subprocess.Popen(shell, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            deadline = time.monotonic() + 60
            while not ready.exists():
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < deadline
                time.sleep(0.02)
            record = json.loads(ready.read_text())
            key = {"Authorization": f"Bearer {record['api_key']}"}
            for _ in range(3):
                assert httpx.get(f"{record['url']}/api/v1/traces", headers=key, trust_env=False).status_code == 200
        finally:
            process.terminate()
        assert process.wait(20) == 0
    assert state.read_bytes().startswith(b"SQLite format 3")
