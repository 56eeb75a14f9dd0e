"""One request and what came of it. http.client of the standard library: the programs here start a few hundred times."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

Json = Any

_PATIENCE = 30.0
"""Seconds to wait for a response; longer than any slow response of a scenario."""


@dataclass(frozen=True)
class Request:
    """What is sent."""

    operation: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    @property
    def json(self) -> Json:
        """The body."""
        return None if self.body is None else json.loads(self.body)


@dataclass(frozen=True)
class Response:
    """What came back; the status is None when no whole response did."""

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""

    @property
    def good(self) -> bool:
        """True when it is a success."""
        return self.status is not None and self.status < http.client.BAD_REQUEST

    @property
    def json(self) -> Json:
        """The body; none when it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def error(self) -> Json:
        """The error that it reports, an empty object when it reports none in the known way."""
        found = self.json.get("error") if isinstance(self.json, dict) else None
        return found if isinstance(found, dict) else {}


def exchange(origin: str, request: Request) -> Response:
    """The response to a request, on a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=_PATIENCE)
    target = f"{request.path}?{urlencode(request.query)}" if request.query else request.path
    try:
        connection.request(request.method, target, request.body, dict(request.headers))
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return Response(None)
    finally:
        connection.close()
    return Response(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
