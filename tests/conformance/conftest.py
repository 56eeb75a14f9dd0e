"""Lets tests import checks of the suite: pytest knows their marker."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from shutil import which

import pytest
from twosignal_conformance.engine.judgement import MARK


def pytest_configure(config: pytest.Config) -> None:
    """Declare it, as the suite's own plugin does in a run."""
    config.addinivalue_line("markers", f"{MARK}(plan): the clauses that a check may decide, and when it runs")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and the certificate that it signed itself, made anew: no key lies in the repository."""
    if which("openssl") is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("the command openssl is missing")
    folder = tmp_path / "tls"
    folder.mkdir()
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", "key", "-out", "certificate"], cwd=folder, capture_output=True, check=True)
    both = folder / "both"
    both.write_text((folder / "key").read_text() + (folder / "certificate").read_text(), encoding="ascii")
    return both
