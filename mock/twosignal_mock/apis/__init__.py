"""What is peculiar to each API; one package each, and none imports another."""

from __future__ import annotations

from collections.abc import Mapping

from twosignal_mock.apis.rest import REST
from twosignal_mock.engine.api import Api

__all__ = ["APIS"]

APIS: Mapping[str, Api] = {api.name: api for api in (REST,)}
"""By the name in a contract's x-api."""
