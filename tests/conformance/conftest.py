"""Lets tests import checks of the suite: pytest knows their marker."""

from __future__ import annotations

import pytest
from twosignal_conformance.engine.judgement import MARK


def pytest_configure(config: pytest.Config) -> None:
    """Declare it, as the suite's own plugin does in a run."""
    config.addinivalue_line("markers", f"{MARK}(plan): the clauses that a check may decide, and when it runs")
