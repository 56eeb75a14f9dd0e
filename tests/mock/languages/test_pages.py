"""The pages for Go and Java: their code, copied into a project as they say, passes, and leaves no server behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.mock.languages.projects import BIN, need, run, write_page

pytestmark = pytest.mark.timeout(600)

GO = "docs/mock-in-go.md"
JAVA = "docs/mock-in-java.md"


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A Go module with the files of the page."""
    need("go")
    assert write_page(GO, tmp_path) == ["mock_test.go", "agent_test.go"]
    (tmp_path / "go.mod").write_text("module agent\n\ngo 1.21\n", encoding="utf-8")
    return tmp_path


@pytest.mark.xdist_group("pages-go")
def test_the_go_page_passes_and_is_in_order(module: Path, tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    output = run("go", "test", "-count=1", "-v", ".", folder=module, TMPDIR=str(tmp_path / "temporary"))
    assert output.count("--- PASS: ") == 2, output
    assert list((tmp_path / "temporary").glob("mock-*")) == []
    run("go", "vet", ".", folder=module)
    assert run("gofmt", "-l", ".", folder=module) == ""


@pytest.mark.xdist_group("pages-go")
def test_a_go_test_run_that_is_killed_leaves_no_server(module: Path) -> None:
    (module / "hang_test.go").write_text(
        'package agent\n\nimport (\n\t"fmt"\n\t"testing"\n\t"time"\n)\n\n'
        'func TestHang(t *testing.T) {\n\tnewSandbox(t)\n\tfmt.Println("at", mock.URL)\n\ttime.Sleep(time.Hour)\n}\n',
        encoding="utf-8",
    )
    run("go", "test", "-c", "-o", "hang", ".", folder=module)
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    words = [str(module / "hang"), "-test.run", "TestHang"]
    with subprocess.Popen(
        words, cwd=module, env=os.environ | {"PATH": path}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        (url,) = re.findall(r"at (\S+)", process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    until = time.monotonic() + 20
    while run("sh", "-c", f"twosignal-mock wait --url {url} --timeout 0 || echo gone", folder=module) == "":
        assert time.monotonic() < until


@pytest.mark.xdist_group("pages-java")
def test_the_java_page_passes_and_leaves_no_server(tmp_path: Path) -> None:
    need("mvn", "java")
    assert write_page(JAVA, tmp_path) == [
        "src/test/java/agent/MockExtension.java",
        "src/test/java/agent/AgentTest.java",
        "pom.xml",
    ]
    output = run("mvn", "--batch-mode", "test", folder=tmp_path)
    assert "Tests run: 2, Failures: 0, Errors: 0, Skipped: 0" in output, output
