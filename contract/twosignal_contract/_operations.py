"""Operations as OpenAPI describes them: parameters, bodies, responses, and who may call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from twosignal_contract._lookup import UnknownNameError, pick
from twosignal_contract._model import PayloadLimit

Schema = Mapping[str, Any] | bool
WHERE = ("path", "query", "header", "cookie")
"""Where a parameter may stand."""
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
"""The methods of a path item that a server of ours can be asked for, in the order of OpenAPI 3.1."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """One form of a body or of a parameter; a member of a `content`."""

    name: str
    """Such as application/json."""
    pointer: str
    schema: Mapping[str, Any]
    """With the reference at its top resolved; empty when the document gives none."""
    schema_pointer: str | None
    """Where the schema stands: in components when it is a reference; None when the document gives none."""
    examples: Mapping[str, Any]
    """The values by name; not to be changed."""

    def example(self, name: str | None = None) -> Any:
        """A copy of an example; the first one without a name."""
        return deepcopy(pick(self.examples, name or next(iter(self.examples), ""), "example"))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a request, or a header of a response."""

    name: str
    where: str
    """`in` of the document: path, query, header or cookie."""
    required: bool
    pointer: str
    schema: Mapping[str, Any]
    """With the reference at its top resolved; that of the media type when the document gives `content`."""
    schema_pointer: str | None
    media_type: str | None
    """How the value is encoded when the document gives `content` instead of `schema`."""
    value: Mapping[str, Any] = field(repr=False)
    """The Parameter Object, references resolved."""

    @property
    def minimum(self) -> int:
        """Least value, inclusive."""
        return int(self.schema["minimum"])

    @property
    def maximum(self) -> int:
        """Greatest value, inclusive."""
        return int(self.schema["maximum"])

    @property
    def default(self) -> Any:
        """The value that an absent parameter has."""
        return self.schema["default"]

    @property
    def values(self) -> tuple[Any, ...]:
        """Its enum."""
        return tuple(self.schema["enum"])


@dataclass(frozen=True, slots=True)
class RequestBody:
    """What may be sent."""

    required: bool
    content: Mapping[str, MediaType]
    """By name, at least one."""
    pointer: str

    @property
    def media_type(self) -> MediaType:
        """Its first form."""
        return next(iter(self.content.values()))


@dataclass(frozen=True, slots=True)
class Response:
    """What comes back with one status."""

    status: str
    """As in the document: `200`, `4XX` or `default`."""
    content: Mapping[str, MediaType]
    headers: Mapping[str, Parameter]
    pointer: str

    @property
    def media_type(self) -> MediaType | None:
        """The first form of its body; None when it has no body."""
        return next(iter(self.content.values()), None)

    def example(self, name: str | None = None) -> Any:
        """A copy of an example of its body, in the first media type; the first one without a name."""
        return _example(self.content, name, f"the response {self.status}")


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """How a caller says who they are; a member of /components/securitySchemes."""

    name: str
    type: str
    scheme: str | None
    """For type http: the scheme of the header Authorization, such as bearer."""
    bearer_format: str | None
    """For the scheme bearer: how the token is made, when the document says so."""
    where: str | None
    """For type apiKey: query, header or cookie."""
    parameter: str | None
    """For type apiKey: the name of the parameter, header or cookie."""
    pointer: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method and path of the contract."""

    id: str
    method: str
    """In capitals, as it is sent."""
    path: str
    """The template below the base URL, with its parameters in braces."""
    pointer: str
    line: int
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    """Those of the path item first, unless the operation has its own of the same name and place."""
    request_body: RequestBody | None
    responses: Mapping[str, Response]
    """By status, as in the document."""
    security: tuple[tuple[SecurityScheme, ...], ...]
    """Alternatives, each of schemes that are needed together. Nobody is asked when there is none, or an empty one."""
    keyed: bool
    """Whether it asks for what the root asks for: the key of the API, and neither another token nor nothing."""
    payload_limit: PayloadLimit | None
    rate_limited: bool
    """False when it is exempt, or the contract has no x-rate-limit."""
    extensions: Mapping[str, Any]
    """`x-<api>-...` of the operation."""
    value: Mapping[str, Any] = field(repr=False)
    """The Operation Object as plain data, not to be changed."""
    pattern: re.Pattern[str] = field(repr=False)
    """What the paths of its template look like."""

    @property
    def successes(self) -> tuple[int, ...]:
        """Its success statuses, the smallest first."""
        return tuple(sorted(int(status) for status in self.responses if status.isdecimal() and status[0] == "2"))

    @property
    def success(self) -> int:
        """Its first success status."""
        return self.successes[0]

    @property
    def area(self) -> str:
        """Its first tag; empty when it has none."""
        return self.tags[0] if self.tags else ""

    @property
    def media_type(self) -> str | None:
        """The first media type of its request body; None when it has no body."""
        return next(iter(self.request_body.content), None) if self.request_body else None

    @property
    def is_open(self) -> bool:
        """Whether it can be called without saying who calls."""
        return not self.security or () in self.security

    def parameter(self, name: str, where: str | None = None) -> Parameter:
        """A parameter by name; `where` tells those of one name apart."""
        found = {row.name: row for row in reversed(self.parameters) if where in (None, row.where)}
        return pick(found, name, f"parameter of {self.id}")

    def response(self, status: int) -> Response:
        """What the document says of a status: by itself, by its class, or as default."""
        for name in (str(status), f"{status // 100}XX", "default"):
            if name in self.responses:
                return self.responses[name]
        return pick(self.responses, str(status), f"response of {self.id}")

    def example(self, name: str | None = None) -> Any:
        """A copy of an example of its request body, in the first media type; the first one without a name."""
        content = self.request_body.content if self.request_body else {}
        return _example(content, name, f"the request of {self.id}")


def path_parameters(path: str) -> tuple[str, ...]:
    """The names in braces of a path template."""
    return tuple(re.findall(r"\{([^{}/]+)\}", path))


def path_pattern(path: str) -> re.Pattern[str]:
    """What the paths of a template look like. A parameter is one step of the path, and not empty."""
    parts = re.split(r"\{[^{}/]+\}", path)
    return re.compile("[^/]+".join(map(re.escape, parts)))


def _example(content: Mapping[str, MediaType], name: str | None, owner: str) -> Any:
    for media in content.values():
        return media.example(name)
    raise UnknownNameError(f"no body in {owner}")
