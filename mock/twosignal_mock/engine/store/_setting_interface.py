"""What a store offers for the smaller resources: templates, routing and sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from twosignal_mock.engine.store._session_records import SessionRecord
from twosignal_mock.engine.store._template_records import TemplateRecord, TemplateVersionRecord


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """One rule of a configuration."""

    name: str
    condition: Mapping[str, Any]
    """`type` and the members that the type asks for."""
    model: str
    priority: int


@dataclass(frozen=True, slots=True)
class RoutingConfig:
    """A set of rules with the model that is left when none holds."""

    name: str
    default_model: str
    enabled: bool
    rules: tuple[RoutingRule, ...]


class Templates(Protocol):
    """The prompt templates of a project, each name once."""

    def all(self) -> Sequence[TemplateRecord]:
        """By name, in the order of code points."""
        ...

    def find(self, name: str) -> TemplateRecord | None:
        """The template of this name."""
        ...

    def version(self, template_id: str, number: int) -> TemplateVersionRecord | None:
        """The version of a template that has this number."""
        ...

    def put(self, template: TemplateRecord) -> None:
        """Keeps a template, in the place of the one with its name if there is one."""
        ...

    def add_version(self, template_id: str, version: TemplateVersionRecord) -> None:
        """Keeps a further version of a template."""
        ...


class RoutingConfigs(Protocol):
    """The model routing configurations of a project, each name once."""

    def all(self) -> Sequence[RoutingConfig]:
        """By name, in the order of code points."""
        ...

    def find(self, name: str) -> RoutingConfig | None:
        """The configuration of this name, enabled or not."""
        ...

    def put(self, config: RoutingConfig) -> None:
        """Keeps a configuration, in the place of the one with its name if there is one."""
        ...

    def delete(self, name: str) -> bool:
        """Whether there was one of this name; now there is none."""
        ...


class Sessions(Protocol):
    """The open sessions of the users of a project."""

    def find(self, session_id: str) -> SessionRecord | None:
        """The session of this id, if it is open."""
        ...

    def find_by_refresh(self, digest: str) -> SessionRecord | None:
        """The open session whose present refresh token has this SHA-256 digest, in hexadecimal digits."""
        ...

    def put(self, session: SessionRecord) -> None:
        """Keeps a session, in the place of the one with its id if there is one."""
        ...

    def end(self, session_id: str) -> None:
        """Ends a session; one that is not open stays so."""
        ...

    def end_expired(self, now: int) -> None:
        """Ends those whose refresh token expired at `now` (milliseconds since 1970) or before."""
        ...
