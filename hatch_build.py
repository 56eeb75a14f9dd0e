"""Puts the contracts into the wheel, and only there.

A `force-include` table in pyproject.toml would do the same, but also for an editable install: a copy of each document
would lie in site-packages and quietly go stale while the one in the repository is edited. So: wheel yes, editable no.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("openapi.yaml", "contracts")


class ShipTheContracts(BuildHookInterface[Any]):
    """Puts the documents and their extension schemas into `twosignal_contract/`, where the reader looks first."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the files to an ordinary wheel; hatchling says `editable` for the other kind."""
        if version == "standard":
            build_data["force_include"] |= {name: f"twosignal_contract/{name}" for name in SHIPPED}
