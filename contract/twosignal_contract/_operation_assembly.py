"""Makes operations of a document that passed every check, with references resolved."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from twosignal_contract._lookup import join, resolve
from twosignal_contract._model import PayloadLimit
from twosignal_contract._operations import (
    MediaType,
    Operation,
    Parameter,
    RequestBody,
    Response,
    SecurityScheme,
    path_pattern,
)
from twosignal_contract._walk import OperationSite

Row = Mapping[str, Any]


class OperationAssembly:
    """Makes the operations of one document."""

    def __init__(self, document: Row, lines: Mapping[str, int]) -> None:
        self._document = document
        self._lines = lines
        self._components: Row = document.get("components", {})
        self._prefix = f"x-{document['x-api']['name']}-"
        self.security_schemes: Mapping[str, SecurityScheme] = MappingProxyType(
            {
                name: self._security_scheme(name, node)
                for name, node in self._components.get("securitySchemes", {}).items()
            }
        )
        self._keys = {scheme for row in self._security(document.get("security", ())) for scheme in row}

    def operation(self, site: OperationSite) -> Operation:
        """One operation."""
        row = site.value
        limit = row.get("x-payload-limit")
        security = self._security(row.get("security", self._document.get("security", ())))
        return Operation(
            id=row["operationId"],
            method=site.method.upper(),
            path=site.path,
            pointer=site.pointer,
            line=self._lines[site.pointer],
            tags=tuple(row.get("tags", ())),
            parameters=self._parameters(site),
            request_body=self._request_body(row["requestBody"], site.pointer) if "requestBody" in row else None,
            responses=MappingProxyType(
                {
                    status: self._response(status, node, join(site.pointer, "responses", status))
                    for status, node in row["responses"].items()
                }
            ),
            security=security,
            keyed=any(scheme in self._keys for alternative in security for scheme in alternative),
            payload_limit=limit and _payload_limit(limit),
            # At an operation x-rate-limit says one thing: exempt.
            rate_limited="x-rate-limit" in self._document and "x-rate-limit" not in row,
            extensions=self.extensions(row),
            value=row,
            pattern=path_pattern(site.path),
        )

    def schemas(self) -> Mapping[str, Any]:
        """/components/schemas."""
        schemas = self._components.get("schemas", {})
        return MappingProxyType({name: resolve(self._document, node)[0] for name, node in schemas.items()})

    def extensions(self, row: Row) -> Mapping[str, Any]:
        """What only one API's own code reads."""
        return MappingProxyType({word: value for word, value in row.items() if word.startswith(self._prefix)})

    def _follow(self, node: Any, pointer: str) -> tuple[Any, str]:
        """What a node stands for, and where that stands."""
        value, target = resolve(self._document, node)
        return value, pointer if target is None else target

    def _parameters(self, site: OperationSite) -> tuple[Parameter, ...]:
        found = {}
        path_item = site.pointer.rpartition("/")[0]
        item: Row = self._document["paths"][site.path]
        for owner, rows in ((path_item, item), (site.pointer, site.value)):
            for index, node in enumerate(rows.get("parameters", ())):
                row, pointer = self._follow(node, join(owner, "parameters", index))
                found[row["name"], row["in"]] = self._parameter(row["name"], row["in"], row, pointer)
        return tuple(found.values())

    def _parameter(self, name: str, where: str, row: Row, pointer: str) -> Parameter:
        holder, place = row, pointer
        media_type = next(iter(row.get("content", ())), None)
        if media_type is not None:
            holder, place = row["content"][media_type], join(pointer, "content", media_type)
        schema, schema_pointer = self._schema(holder, place)
        return Parameter(name, where, row.get("required", False), pointer, schema, schema_pointer, media_type, row)

    def _schema(self, holder: Row, pointer: str) -> tuple[Row, str | None]:
        if "schema" not in holder:
            return {}, None
        schema, place = self._follow(holder["schema"], join(pointer, "schema"))
        # `true` allows everything, as a schema without keywords does; `false` allows nothing.
        return ({} if schema is True else {"not": {}} if schema is False else schema), place

    def _request_body(self, node: Any, owner: str) -> RequestBody:
        row, pointer = self._follow(node, join(owner, "requestBody"))
        return RequestBody(row.get("required", False), self._content(row, pointer), pointer)

    def _response(self, status: str, node: Any, own_pointer: str) -> Response:
        row, pointer = self._follow(node, own_pointer)
        headers = {}
        for name, header in row.get("headers", {}).items():
            header_row, place = self._follow(header, join(pointer, "headers", name))
            headers[name] = self._parameter(name, "header", header_row, place)
        return Response(status, self._content(row, pointer), MappingProxyType(headers), pointer)

    def _content(self, holder: Row, pointer: str) -> Mapping[str, MediaType]:
        rows = holder.get("content", {})
        return MappingProxyType(
            {name: self._media_type(name, row, join(pointer, "content", name)) for name, row in rows.items()}
        )

    def _media_type(self, name: str, row: Row, pointer: str) -> MediaType:
        schema, schema_pointer = self._schema(row, pointer)
        examples = {key: resolve(self._document, node)[0] for key, node in row.get("examples", {}).items()}
        values = {key: node["value"] for key, node in examples.items() if "value" in node}
        if "example" in row:
            values["example"] = row["example"]
        return MediaType(name, pointer, schema, schema_pointer, MappingProxyType(values))

    def _security(self, alternatives: Any) -> tuple[tuple[SecurityScheme, ...], ...]:
        return tuple(tuple(self.security_schemes[name] for name in alternative) for alternative in alternatives)

    def _security_scheme(self, name: str, node: Any) -> SecurityScheme:
        row, pointer = self._follow(node, join("/components/securitySchemes", name))
        return SecurityScheme(
            name,
            row.get("type", ""),
            row.get("scheme"),
            row.get("bearerFormat"),
            row.get("in"),
            row.get("name"),
            pointer,
        )


def _payload_limit(row: Row) -> PayloadLimit:
    return PayloadLimit(row["bytes"], row["refused-above"], row.get("events"), row.get("events-at"))
