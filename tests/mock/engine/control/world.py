"""What the tests of the control API share: a server's parts, and a judge of answers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import jsonschema_rs
from twosignal_mock.apis.rest.store import TraceRecord, repositories_of
from twosignal_mock.engine.control import ControlParts
from twosignal_mock.engine.sandbox import Sandbox
from twosignal_mock.engine.store import Credentials

NOON = "2026-01-31T12:00:00.000000Z"
JSON = "application/json"


@dataclass
class World:
    """A server's parts, as the control API sees them."""

    parts: ControlParts
    start: Credentials

    async def add_trace(self, trace: str, sandbox: str | None = None) -> None:
        """Store a bare trace."""
        project = self.sandbox_of(sandbox or self.start.project.id).project
        record = TraceRecord(trace, 0, sort_key=0, name=trace)
        await self.parts.store.write(project.number, lambda each: repositories_of(each).traces.save(record))

    @property
    def sandbox(self) -> Sandbox:
        """The one that the server started with."""
        return self.sandbox_of(self.start.project.id)

    def sandbox_of(self, sandbox: str) -> Sandbox:
        project = self.parts.registry.project(sandbox)
        assert project is not None
        return self.parts.sandboxes.of(project)


class Call(Protocol):
    """Calls an operation: path below /__mock, JSON body, further things of httpx."""

    async def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response: ...


class Judge:
    """Compares answers with the document, and remembers which operations were answered how."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def check(self, method: str, answer: httpx.Response) -> None:
        """Fail when the document does not describe this answer."""
        path = answer.request.url.path
        operation = next((found for found in self._operations(method, path)), None)
        if operation is None:
            assert answer.status_code in (401, 404, 405), f"{method} {path} is not in the document"
            described = self._resolve({"$ref": "#/components/responses/Error"})
        else:
            responses = operation["responses"]
            described = self._resolve(responses.get(str(answer.status_code)) or responses["default"])
            assert str(answer.status_code) in responses or answer.is_error, f"{answer.status_code} is undocumented"
        if "content" not in described:
            assert answer.content == b""
        elif JSON in described["content"]:
            assert answer.headers["content-type"] == JSON
            self.validator(described["content"][JSON]["schema"]).validate(answer.json())

    def validator(self, schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
        """A schema of the document, compiled."""
        return jsonschema_rs.Draft202012Validator({"components": self._document["components"], **schema})

    def _operations(self, method: str, path: str) -> Iterator[Mapping[str, Any]]:
        # Literal paths win over those with a variable.
        for template in sorted(self._document["paths"], key=lambda template: template.count("{")):
            pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in self._document["paths"][template]:
                yield self._document["paths"][template][method.lower()]

    def _resolve(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in value:
            target: Any = self._document
            for step in value["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            value = target
        return value
