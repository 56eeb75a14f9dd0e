"""How spans are spelled for a server that reads only one of the two documented spellings."""

from __future__ import annotations

from twosignal_contract import Contract

from twosignal_conformance.apis.rest.checks.data import Json, TestData
from twosignal_conformance.engine.api_client import ApiClient


def snake_case(contract: Contract, span: Json) -> Json:
    """A span's body in the spellings that the contract lists as aliases."""
    properties = contract.schema("SpanBody")["properties"]
    return {next(iter(properties.get(name, {}).get("x-aliases", ())), name): value for name, value in span.items()}


def reads_camel_case(client: ApiClient) -> bool:
    """Whether spans in camelCase are taken, asked once in a run: a server may read snake_case alone."""
    return client.once(_takes_camel_case)


def _takes_camel_case(client: ApiClient) -> bool:
    data = TestData(client, "spelling")
    trace = data.trace()
    camel = data.span(trace)
    taken = (
        client.call("ingestTraces", json=data.batch(trace, span)).ok
        for span in (camel, snake_case(client.contract, camel))
    )
    return next(taken) or not next(taken)
