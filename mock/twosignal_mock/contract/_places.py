"""The places of an OpenAPI 3.1 document: which keywords each has, and which place a keyword leads to.

Only what the kit handles is here. `callbacks`, `webhooks`, `$anchor` and their like are valid OpenAPI, but a document
that used them would be half obeyed, so the loader refuses them by name instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Shape(Enum):
    """How a keyword holds the places below it."""

    ONE = "a mapping"
    EACH = "a list"
    NAMED = "a mapping of names"


@dataclass(frozen=True, slots=True)
class Below:
    """What a keyword leads to."""

    place: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Place:
    """One kind of object in the document."""

    leaves: frozenset[str]
    """Keywords whose value is not looked into: texts, numbers, examples, defaults."""
    below: Mapping[str, Below] = field(default_factory=dict)
    names: tuple[str, str] | None = None
    """For an object whose keys are names: the pattern of a name, and the place that each leads to."""
    referable: bool = False
    """Whether a Reference Object (`$ref` with nothing but a summary and a description) may stand instead."""

    @property
    def keywords(self) -> frozenset[str]:
        """All keywords of the place, extensions aside."""
        return self.leaves | self.below.keys()


METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
"""The methods of a path item that a server of ours can be asked for, in the order of OpenAPI 3.1."""

REFERENCE = "reference"


def _one(place: str) -> Below:
    return Below(place, Shape.ONE)


def _each(place: str) -> Below:
    return Below(place, Shape.EACH)


def _named(place: str) -> Below:
    return Below(place, Shape.NAMED)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CARRIER = {"schema": _one("schema"), "examples": _named("example"), "content": _named("media type")}
_SCHEMA_ONE = (
    "not if then else items contains additionalProperties propertyNames unevaluatedItems unevaluatedProperties"
)
_SCHEMA_LEAVES = """
    $ref $comment title description default deprecated readOnly writeOnly examples example type enum const multipleOf
    maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems
    maxContains minContains maxProperties minProperties required dependentRequired format contentEncoding
    contentMediaType
"""

PLACES: Mapping[str, Place] = {
    "root": Place(
        _words("openapi jsonSchemaDialect security"),
        {
            "info": _one("info"),
            "servers": _each("server"),
            "tags": _each("tag"),
            "externalDocs": _one("external documentation"),
            "paths": _one("paths"),
            "components": _one("components"),
        },
    ),
    "info": Place(
        _words("title summary description termsOfService version"),
        {"contact": _one("contact"), "license": _one("license")},
    ),
    "contact": Place(_words("name url email")),
    "license": Place(_words("name identifier url")),
    "external documentation": Place(_words("description url")),
    "tag": Place(_words("name description"), {"externalDocs": _one("external documentation")}),
    "server": Place(_words("url description"), {"variables": _named("server variable")}),
    "server variable": Place(_words("enum default description")),
    "paths": Place(frozenset(), names=(r"/.*", "path item")),
    "path item": Place(
        _words("summary description"),
        {"servers": _each("server"), "parameters": _each("parameter")}
        | {method: _one("operation") for method in METHODS},
    ),
    "operation": Place(
        _words("tags summary description operationId deprecated security"),
        {
            "externalDocs": _one("external documentation"),
            "parameters": _each("parameter"),
            "requestBody": _one("request body"),
            "responses": _one("responses"),
            "servers": _each("server"),
        },
    ),
    "parameter": Place(
        _words("name in description required deprecated allowEmptyValue style explode allowReserved example"),
        _CARRIER,
        referable=True,
    ),
    "header": Place(_words("description required deprecated style explode example"), _CARRIER, referable=True),
    "request body": Place(_words("description required"), {"content": _named("media type")}, referable=True),
    "media type": Place(
        _words("example"),
        {"schema": _one("schema"), "examples": _named("example"), "encoding": _named("encoding")},
    ),
    "encoding": Place(_words("contentType style explode allowReserved"), {"headers": _named("header")}),
    "responses": Place(frozenset(), names=(r"default|[1-5](?:[0-9][0-9]|XX)", "response")),
    "response": Place(
        _words("description"),
        {"headers": _named("header"), "content": _named("media type"), "links": _named("link")},
        referable=True,
    ),
    "link": Place(_words("operationId parameters requestBody description"), {"server": _one("server")}, referable=True),
    "example": Place(_words("summary description value externalValue"), referable=True),
    "components": Place(
        frozenset(),
        {
            "schemas": _named("schema"),
            "responses": _named("response"),
            "parameters": _named("parameter"),
            "examples": _named("example"),
            "requestBodies": _named("request body"),
            "headers": _named("header"),
            "securitySchemes": _named("security scheme"),
            "links": _named("link"),
        },
    ),
    "security scheme": Place(_words("type description name in scheme bearerFormat openIdConnectUrl"), referable=True),
    "schema": Place(
        _words(_SCHEMA_LEAVES),
        {keyword: _one("schema") for keyword in _SCHEMA_ONE.split()}
        | {keyword: _each("schema") for keyword in ("allOf", "anyOf", "oneOf", "prefixItems")}
        | {keyword: _named("schema") for keyword in ("properties", "patternProperties", "dependentSchemas", "$defs")}
        | {
            "discriminator": _one("discriminator"),
            "xml": _one("xml"),
            "externalDocs": _one("external documentation"),
        },
    ),
    "discriminator": Place(_words("propertyName mapping")),
    "xml": Place(_words("name namespace prefix attribute wrapped")),
    REFERENCE: Place(_words("$ref summary description")),
}
