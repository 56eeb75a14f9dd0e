"""Identifiers of traces and spans, as the dialect `identifiers` wants them."""

from __future__ import annotations

import re
from collections.abc import Callable

from twosignal_mock.engine.api import Refusal, Setting

CheckIdentifier = Callable[[str | None, str], None]
"""Refuses an identifier (None: not sent) of a resource ("trace", "span")."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def identifier_check(setting: Setting) -> CheckIdentifier | None:
    """The check of the chosen dialect; None: the schema has checked all there is."""
    return _refuse_all_but_uuids if setting.dialects.get("identifiers") == "uuid" else None


def _refuse_all_but_uuids(identifier: str | None, resource: str) -> None:
    if identifier is not None and _UUID.fullmatch(identifier) is None:
        raise Refusal("invalid-identifier", resource=resource)
