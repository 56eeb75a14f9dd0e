"""Which OpenTelemetry attributes mean something to AppSignal; /x-appsignal-attributes of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from twosignal_contract import Contract


class AttributeNames(NamedTuple):
    """The keys, and what stands in for a value that was not sent."""

    namespace: str
    default_namespace: str
    service: str
    namespace_separator: str
    action: str
    revision: str
    tag_prefix: str
    exception_event: str
    exception_type: str
    exception_digest: str
    longest: int
    """Characters of a namespace, an action or a revision; what is longer is cut."""

    @classmethod
    def of(cls, contract: Contract) -> AttributeNames:
        """Those of a contract."""
        names = contract.extension("x-appsignal-attributes")
        exception = names["exception"]
        return cls(
            namespace=names["namespace"],
            default_namespace=names["default-namespace"],
            service=names["service"],
            namespace_separator=names["namespace-separator"],
            action=names["action"],
            revision=names["revision"],
            tag_prefix=names["tag-prefix"],
            exception_event=exception["event"],
            exception_type=exception["type"],
            exception_digest=exception["digest"],
            longest=contract.schema("ActionName")["maxLength"],
        )

    def full_namespace(self, service: str, attributes: Mapping[str, Any]) -> str:
        """A namespace as the API shows it: with its service, when it has one."""
        own = attribute_text(attributes.get(self.namespace)) or self.default_namespace
        return (f"{service}{self.namespace_separator}{own}" if service else own)[: self.longest]

    def tags(self, attributes: Mapping[str, Any]) -> dict[str, str]:
        """The tags among attributes, by their names."""
        prefix = self.tag_prefix
        return {
            key.removeprefix(prefix): attribute_text(value)
            for key, value in attributes.items()
            if key.startswith(prefix)
        }


def attribute_text(value: Any) -> str:
    """The value of an attribute as text: that of JSON, but for a text; empty for none."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def text_attributes(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Attributes with their values as texts; clause traces.span.attributes-text."""
    return {key: attribute_text(value) for key, value in attributes.items()}


_DEEPEST = 100
"""Levels of objects and arrays: what writes JSON knows only some more, and a response and an export are around them."""


def shallow_attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    """The same attributes; what is too deep in them as the text of its JSON."""
    if not any(isinstance(value, dict | list) for value in attributes.values()):
        return attributes
    return {key: _shallow(value, _DEEPEST) for key, value in attributes.items()}


def _shallow(value: Any, levels: int) -> Any:
    if not isinstance(value, dict | list):
        return value
    if not levels:
        return orjson.dumps(value).decode()
    if isinstance(value, dict):
        return {key: _shallow(each, levels - 1) for key, each in value.items()}
    return [_shallow(each, levels - 1) for each in value]
