"""The access log: one line each, no secrets, nothing forged."""

from __future__ import annotations

import io
import json

import pytest
from twosignal_mock.engine.http import AccessLog, AccessRecord, LogFormat


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (AccessRecord("GET", "/api/v1/health", 200, 0.44), "GET /api/v1/health 200 0.4ms"),
        (AccessRecord("GET", "/x", 404, 1, "a.b"), "GET /x 404 1.0ms clause=a.b"),
        (AccessRecord("GET", "/x", None, 1, "", "fault-1"), "GET /x cut 1.0ms fault=fault-1"),
        (AccessRecord("GET", "/x\r\nPOST /y 200", 404, 1), "GET /x\\r\\nPOST /y 200 404 1.0ms"),
        (AccessRecord("GET", "/\x1b[2J\u2028", 404, 1), "GET /\\x1b[2J\\u2028 404 1.0ms"),
    ],
)
async def test_a_request_is_one_line(record: AccessRecord, line: str) -> None:
    stream = io.StringIO()
    log = AccessLog(LogFormat.TEXT, stream)
    log.add(record)
    log.close()
    assert stream.getvalue() == line + "\n"


async def test_json_lines_are_json() -> None:
    stream = io.StringIO()
    log = AccessLog(LogFormat.JSON, stream)
    log.add(AccessRecord("GET", "/x\n", 404, 1.25, "a.b"))
    log.close()
    found = json.loads(stream.getvalue())
    del found["time"]
    assert found == {"method": "GET", "path": "/x\n", "status": 404, "ms": 1.2, "clause": "a.b", "fault": None}


async def test_a_reader_that_is_gone_does_no_harm() -> None:
    stream = io.StringIO()
    stream.close()
    log = AccessLog(LogFormat.TEXT, stream)
    for _ in range(3):
        log.add(AccessRecord("GET", "/", 200, 1))
    log.close()
