"""An export request as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from twosignal_mock.apis.rest.store import SpanRecord


class ResourceSpans(NamedTuple):
    """The spans of one resource."""

    attributes: Mapping[str, Any]
    """Of the resource, as plain JSON; become metadata of the traces."""
    tags: Sequence[str]
    spans: Sequence[SpanRecord]


class Export(NamedTuple):
    """The spans of one call."""

    now: int
    """When they came in: milliseconds since 1970."""
    resources: Sequence[ResourceSpans]
