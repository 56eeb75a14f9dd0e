"""Where things are, seen from the root of the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTRACT = ROOT / "openapi.yaml"
PAGE = ROOT / "docs" / "performance.md"
BUILD = ROOT / "build" / "bench"
"""Everything that a run installs or leaves; it may be removed at any time."""
RESULTS = BUILD / "results.json"
"""Of the last whole run."""
PARTIAL = BUILD / "partial.json"
"""Of the last run of some parts, which leaves the other one alone."""
PEERS = ROOT / "bench" / "peers"
"""The sources and the locks of the peers; nothing is installed there."""
NODE_PACKAGES = BUILD / "peers"
"""Where bench/peers/package.json is installed."""
PYTHON_PACKAGES = BUILD / "python"
"""Where bench/peers/requirements.lock is installed, beside the environment of the repository and not into it."""
