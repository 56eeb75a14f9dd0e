"""Installs the package of the API as somebody else's would be: from its own project file, into a folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parent
DOCUMENT = PROJECT / "lamps" / "openapi.yaml"
CARD = "a-card-of-mine"


def install(folder: Path) -> Path:
    """The folder, with the package in it. Nothing is fetched: what it needs is what these tests run with."""
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--no-compile", "--target", str(folder)]
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", *options, str(PROJECT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder
