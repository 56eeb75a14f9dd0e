"""The command `server`, from the outside: run against small servers, with all its reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conformance.projects import Ended, suite
from tests.conformance.servers import HEALTH, KEY, Asked, Response, Server, good, json_response, serving

FILES = {"json": "r.json", "junit": "r.xml", "html": "r.html", "sarif": "r.sarif", "badge": "r.badge"}
PASSWORD = "correct-horse-battery"  # noqa: S105 - of nobody
HEALTH_ALONE = ("--only", "health")


Judge = Callable[..., Ended]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Run the command in a folder of its own, with all reports."""

    def run(url: str, *options: str, key: str | None = KEY, reports: bool = True, **more: str) -> Ended:
        words = ["server", url, *options]
        if key is not None:
            words += ["--api-key", key]
        if reports:
            words += [word for name, file in FILES.items() for word in (f"--{name}", file)]
        return suite(tmp_path, *words, timeout=60, **{"COLUMNS": "100", **more})

    return run


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def sick(asked: Asked) -> Response | None:
    """Breaks health.body, which is a must, and echoes what it should not."""
    if asked.path == HEALTH:
        return json_response(200, {"status": "sick", "echo": asked.headers.get("authorization"), "password": "p"})
    return good(asked)
