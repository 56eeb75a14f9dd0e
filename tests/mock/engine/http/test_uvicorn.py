"""The insides of uvicorn that engine/http builds on are those of the release series that pyproject.toml names."""

from __future__ import annotations

import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement


def test_the_installed_uvicorn_is_of_the_series_that_http_was_tested_with(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (pinned,) = (each for each in map(Requirement, project["dependencies"]) if each.name == "uvicorn")
    installed = version("uvicorn")
    if installed not in pinned.specifier:
        pytest.fail(
            f"uvicorn {installed} is installed, engine/http was tested with {pinned.specifier}: run its tests"
            " and tests/mock/crash with it, read what changed in protocols/http, then move the pin"
        )
    bounds = sorted(each.operator for each in pinned.specifier)
    assert bounds == ["<", ">="], "a pin names one release series"
