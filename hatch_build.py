"""Puts the contract into the wheel, and only there.

A `force-include` table in pyproject.toml would do the same, but also for an editable install: a copy of the document
would lie in site-packages and quietly go stale while the one in the repository is edited. So: wheel yes, editable no.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("openapi.yaml", "openapi-extensions.schema.json")


class ShipTheContract(BuildHookInterface[Any]):
    """Puts the document and its extension schema into `twosignal_contract/`, a data-only sibling of the packages."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the files to an ordinary wheel; hatchling says `editable` for the other kind."""
        if version == "standard":
            build_data["force_include"] |= {name: f"twosignal_contract/{name}" for name in SHIPPED}
