"""How spans are spelled for a server that reads only one of the two documented spellings."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from twosignal_contract import Contract

from twosignal_conformance.apis.rest.checks.world import Json, World
from twosignal_conformance.engine.api_client import Target


def snake_case(law: Contract, span: Json) -> Json:
    """A span's body in the spellings that the contract lists as aliases."""
    properties = law.schema("SpanBody")["properties"]
    return {next(iter(properties.get(name, {}).get("x-aliases", ())), name): value for name, value in span.items()}


def reads_camel_case(target: Target, world: World) -> bool:
    """Whether spans in camelCase are taken, asked once in a run: a server may read snake_case alone."""
    if target not in _reads_camel_case:
        trace = world.trace()
        camel = world.span(trace)
        taken = (
            target.call("ingestTraces", json=world.batch(trace, span)).ok
            for span in (camel, snake_case(target.contract, camel))
        )
        _reads_camel_case[target] = next(taken) or not next(taken)
    return _reads_camel_case[target]


_reads_camel_case: WeakKeyDictionary[Target, bool] = WeakKeyDictionary()
