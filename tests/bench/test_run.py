"""The command, at its shortest: one round of one workload, ours alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PATIENCE = 100
"""Seconds; it takes five."""


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_a_short_run_measures_and_leaves_results_and_a_page(repository: Path, tmp_path: Path) -> None:
    results, page = tmp_path / "results.json", tmp_path / "page.md"
    command = [sys.executable, "-m", "bench", "--quick", "--rounds", "1", "--only", "health", "--servers", "none"]
    ran = subprocess.run(
        [*command, "--no-install", "--results", str(results), "--page", str(page)],
        cwd=repository, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    (row,) = json.loads(results.read_text())["sections"]["rounds"]
    assert row["requests"] > 0
    assert row["refused"] == row["broken"] == 0
    assert row["cpu"] > 0
    assert "| health | " in page.read_text()


def test_a_name_that_stands_for_nothing_is_no_success(repository: Path, tmp_path: Path) -> None:
    if shutil.which("wrk") is None:
        pytest.skip("wrk is not installed")
    command = [sys.executable, "-m", "bench", "--quick", "--only", "helth", "--no-install"]
    ran = subprocess.run(
        [*command, "--results", str(tmp_path / "r.json")],
        cwd=repository, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "nothing was measured" in ran.stderr
