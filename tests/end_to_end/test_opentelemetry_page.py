"""The guide for OpenTelemetry, from its first line to its last, in the shells that readers have."""

from __future__ import annotations

import sys
from pathlib import Path

from twosignal_mock import MockServer

from tests.end_to_end.pages import SHELLS, blocks, shells
from tests.end_to_end.test_pages_run import run

PAGE = "docs/opentelemetry.md"


@shells
def test_the_guide_goes_as_written(tmp_path: Path, name: str) -> None:
    parts = blocks(PAGE)
    assert [part.language for part in parts] == ["sh", "python", "sh"]
    (tmp_path / "agent.py").write_text(parts[1].text)
    script = "\n".join([parts[0].text, f'"{sys.executable}" -W error agent.py', parts[2].text])
    with MockServer() as server:
        printed = run([*SHELLS[name], "-u", "-c", script], tmp_path, TWOSIGNAL_MOCK_PORT=server.url.rsplit(":", 1)[1])
        clauses = [entry["clauses"] for entry in server.control.journal()]
    position = 0
    for promise in parts[2].promises:
        position = printed.find(promise, position) + 1
        assert position, f"no {promise!r} in {printed}"
    assert not any(clauses)
