"""Events and spans as clients send them: names, spellings, identities, and what a scenario asks to record.

A field has a canonical name, aliases that the contract gives it (x-aliases), and its name in snake_case.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from twosignal_contract import Contract

from twosignal_conformance.clients import Attempt, Item, Scenario, Traits

Json = Any

NATIVE = "ingestTraces"
"""The operation that takes events."""


def emitted(scenario: Scenario | None) -> Counter[tuple[str, str]]:
    """("trace" or "span", name) of all that a scenario asks a client to record."""
    rows = [] if scenario is None else [row for row in scenario.do if row["action"] == "emit"]
    return Counter(name for row in rows for name in names_in(row["traces"]))


def names_in(traces: Sequence[Json]) -> Iterator[tuple[str, str]]:
    """("trace" or "span", name) of everything that an `emit` records."""
    for trace in traces:
        yield "trace", trace["name"]
        stack = list(trace.get("spans", ()))
        while stack:
            span = stack.pop()
            yield "span", span["name"]
            stack.extend(span.get("spans", ()))


def recorded_names(scenario: Scenario) -> set[str]:
    """The names of all that a scenario asks a client to record; no two are the same."""
    return {name for _, name in emitted(scenario)}


def items(attempt: Attempt, names: Collection[str]) -> Iterator[Traits]:
    """What tells the events or spans of a request: a name among `names`, else the id, and then the body."""
    if not attempt.events:
        yield from ((("id", key),) for key in attempt.keys)
    for event in attempt.events:
        body = event.get("body")
        name = body.get("name") if isinstance(body, dict) else None
        known = isinstance(name, str) and name in names
        yield ((str(event.get("type")), str(name)),) if known else (("id", str(event.get("id"))), *_content(event))


def _content(event: Mapping[str, Any]) -> Iterator[Item]:
    """What tells an event that has a new id: its body; and the body without ids, where it says when it happened."""
    kind, body = str(event.get("type")), event.get("body")
    if not isinstance(body, dict):
        return
    yield kind, "body", _digest(body)
    plain = {_plain(name): value for name, value in body.items()}
    if plain.get("starttime"):
        yield kind, "without ids", _digest({name: plain[name] for name in plain.keys() - _IDS})


_IDS = frozenset({"id", "traceid", "parentspanid"})
"""Fields of events with ids, as `_plain` spells them."""


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _digest(value: Json) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def noun(attempt: Attempt) -> str:
    """What one item of a request is called."""
    return "event" if attempt.operation == NATIVE else "span"


def traces_created(attempt: Attempt) -> int:
    """How many traces a request creates."""
    return sum(event.get("type") == "trace-create" for event in attempt.events)


def canonical(body: Mapping[str, Any], event: str, contract: Contract) -> dict[str, Any]:
    """The body of an event of a type, with every field under its canonical name."""
    types = event_types(contract)
    if event not in types:
        return dict(body)
    fields = contract.resolve(contract.resolve({"$ref": types[event]})["properties"]["body"])["properties"]
    names = {alias: name for name, field in fields.items() for alias in field.get("x-aliases", ())}
    return {names.get(name, name): value for name, value in body.items()}


def foreign(event: Mapping[str, Any], contract: Contract) -> list[str]:
    """The fields of an event, at any depth that the contract knows, that stand there under another name.

    Other names are the aliases, and the snake_case of every field that a schema has. What is in free values, such as
    metadata, is the user's own.
    """
    types, kind = event_types(contract), str(event.get("type"))
    return list(dict.fromkeys(_misspelt(event, {"$ref": types[kind]}, contract))) if kind in types else []


def event_types(contract: Contract) -> Mapping[str, str]:
    """Type of an event to the reference of its schema."""
    types: Mapping[str, str] = contract.schema("Event")["discriminator"]["mapping"]
    return types


def _misspelt(value: Any, schema: Mapping[str, Any], contract: Contract) -> Iterator[str]:
    schema = contract.resolve(schema)
    for branch in schema.get("oneOf", ()):
        yield from _misspelt(value, branch, contract)
    fields = schema.get("properties")
    if not fields or not isinstance(value, dict):
        return
    others = {other: name for name, field in fields.items() for other in (_snake(name), *field.get("x-aliases", ()))}
    for name, inner in value.items():
        if name not in fields and name in others:
            yield name
        known = fields.get(others.get(name, name))
        if known is not None:
            yield from _misspelt(inner, known, contract)


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
