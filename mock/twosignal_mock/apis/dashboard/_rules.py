"""What the contract states of procedures, roles, plans and sessions, as typed values."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import orjson
from twosignal_contract import Contract

from twosignal_mock.engine.api import Bundle

_BASE64 = "base64-"
"""What stands before a session cookie that the present library of the vendor's sessions writes."""
_NAME_BEFORE = r"(?:^|;\s*)"
_NEXT = re.compile(r";\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+=")
"""Where the next cookie begins: the value, raw JSON, may hold a semicolon."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """What a caller must be allowed to call a procedure; a row of x-dashboard-procedures."""

    name: str
    of: str
    may: str | None
    by: str | None
    same_as: str | None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the contract states."""

    procedures: Mapping[str, Procedure]
    may: Mapping[str, frozenset[str]]
    """By role."""
    owner: str
    """The role of whoever makes an organization: the one that nobody can be given."""
    traces: Mapping[str, int | None]
    """By plan: traces in a month."""
    first_plan: str
    """Of a new organization."""
    default_key_name: str

    @classmethod
    def read(cls, contract: Contract) -> Rules:
        """Of a contract."""
        procedures, roles = contract.extension("x-dashboard-procedures"), contract.extension("x-dashboard-roles")
        plans = contract.extension("x-dashboard-plans")
        key = contract.schema("KeyCreateRequest")["properties"]["json"]["properties"]["name"]
        return cls(
            {
                name: Procedure(name, row["of"], row.get("may"), row.get("by"), row.get("same-as"))
                for name, row in procedures.items()
            },
            {role: frozenset(row["may"]) for role, row in roles.items()},
            next(role for role, row in roles.items() if not row["assignable"]),
            {plan: row["traces"] for plan, row in plans.items()},
            next(iter(plans)),
            key["default"],
        )


def input_default(contract: Contract, schema: str, field: str) -> Any:
    """The default of a field of an input."""
    return contract.schema(schema)["properties"]["json"]["properties"][field]["default"]


def bundle(contract: Contract) -> Bundle:
    """How several calls come in one request; x-dashboard-batching."""
    row = contract.extension("x-dashboard-batching")
    inputs = next(
        parameter.name
        for operation in contract.operations.values()
        for parameter in operation.parameters
        if parameter.where == "query"
    )
    return Bundle(
        parameter=row["parameter"],
        value=row["value"],
        separator=row["separator"],
        inputs=inputs,
        most=row["most"],
        mixed_status=row["mixed-status"],
        too_many="too-many-calls",
        mixed="mixed-batch",
    )


def token_reader(contract: Contract) -> Callable[[str], str | None]:
    """From a header Cookie to the access token in the session cookie, whole or in pieces; x-dashboard-session."""
    row = contract.extension("x-dashboard-session")
    name = re.escape(row["cookie"]).replace(re.escape("{project_ref}"), r"[^=;\s]*?")
    piece = re.escape(row["piece"]).replace(re.escape("{index}"), r"(?P<index>[0-9]{1,4})")
    whole = re.compile(rf"{_NAME_BEFORE}(?P<cookie>{name})=")
    pieces = re.compile(_NAME_BEFORE + piece.replace(re.escape("{cookie}"), f"(?P<cookie>{name})") + "=")
    path = row["access-token"].removeprefix("/").split("/")

    def read(header: str) -> str | None:
        values = [value for _, value in _values(whole, header)]
        parts: dict[str, dict[int, str]] = {}
        for found, value in _values(pieces, header):
            parts.setdefault(found["cookie"], {})[int(found["index"])] = value
        values += ["".join(part for _, part in sorted(each.items())) for each in parts.values()]
        return next((token for value in values if (token := _token(value, path)) is not None), None)

    return read


def _values(pattern: re.Pattern[str], header: str) -> Iterator[tuple[re.Match[str], str]]:
    for found in pattern.finditer(header):
        end = _NEXT.search(header, found.end())
        yield found, header[found.end() : len(header) if end is None else end.start()].strip()


def _token(value: str, path: list[str]) -> str | None:
    """The text at a path of a cookie's JSON: raw, percent-encoded, quoted or in base64."""
    if value.startswith(_BASE64):
        try:
            text = value.removeprefix(_BASE64)
            value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_").decode()
        except (binascii.Error, ValueError):
            return None
    for text in (value, unquote(value)):
        try:
            content = orjson.loads(text.encode("latin-1", "replace"))
        except orjson.JSONDecodeError:
            continue
        for step in path:
            content = content.get(step) if isinstance(content, dict) else None
        return content if isinstance(content, str) and content else None
    return None
