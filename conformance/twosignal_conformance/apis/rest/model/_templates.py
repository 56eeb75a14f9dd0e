"""Steps with templates: pushes under a few names, and resolving what was pushed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from twosignal_conformance.apis.rest.checks import responses
from twosignal_conformance.apis.rest.model._example import Example
from twosignal_conformance.apis.rest.model._expected import Point
from twosignal_conformance.engine.api_client import Exchange


@dataclass
class TemplateModel:
    """A template with the contents of its versions, the first one first."""

    example: Example
    name: str
    contents: list[str] = field(default_factory=list)
    id: object = None
    """As it was first shown."""

    def push(self) -> None:
        """A new version with a text of its own."""
        data = self.example.data
        content = data.name("Answer {{question}} for")
        self.contents.append(content)
        with self.example.step(f"push version {len(self.contents)} of a template") as sending:
            if sending:
                body = data.template(name=self.name, content=content, variables=["question"])
                exchange = self.example.session.call("pushPromptTemplate", json=body)
                self.example.evidence.append(exchange)
                right = self.example.session.client.contract.successes("pushPromptTemplate")
                clause = "templates.push.status" if exchange.ok else "templates.push.accepted"
                wanted = " or ".join(map(str, sorted(right)))
                taken = Point(clause, exchange.status in right, f"status {wanted}", f"status {exchange.status}")
                self.example.look([taken])

    def resolve(self, index: int | None) -> None:
        """Read one version, or the latest without `index`."""
        version = None if index is None else index % len(self.contents) + 1
        content = self.contents[-1 if version is None else version - 1]
        with self.example.step(f"resolve {'the latest' if version is None else f'version {version}'}") as sending:
            if not sending:
                return
            query = {"name": self.name, "version": version}
            exchange = self.example.session.settle(
                lambda: self.example.session.call("getPromptTemplates", query=query),
                lambda seen: responses.data_at(seen, "version", "content") == content,
            ).value
            self.example.look(list(self._points(exchange, version, content)), exchange)
            self.id = responses.data_at(exchange, "id")

    def _points(self, exchange: Exchange, version: int | None, content: str) -> Iterator[Point]:
        status = self.example.session.client.contract.operation("getPromptTemplates").success
        told = f"status {exchange.status}"
        yield Point("templates.push.readable", exchange.status == status, f"status {status}", told)
        shown = responses.data_at(exchange, "version", "content")
        other = shown in self.contents
        clause = "templates.resolve.latest" if version is None else "templates.resolve.version"
        yield Point(clause if other else "templates.push.content", shown == content, f"content {content!r}", shown)
        number, wanted = responses.data_at(exchange, "version", "version"), version or len(self.contents)
        clause = "templates.push.first-version" if wanted == 1 else "templates.push.next-version"
        yield Point(clause, number == wanted, f"version {wanted}", f"version {number}")
        identifier = responses.data_at(exchange, "id")
        same = self.id in (None, identifier)
        yield Point("templates.push.same-id", same, f"id {self.id}", f"id {identifier}")
