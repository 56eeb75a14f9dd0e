"""One API, compiled when the server starts: its endpoints and what makes its responses.

What its contract states and nobody here carries out stops the start: all of it is reported at once, with lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from posixpath import commonpath
from typing import NamedTuple

from twosignal_contract import Contract, ContractError, Problem

from twosignal_mock.engine.api import Handler, KeyScheme, ServedApi, TokenScheme
from twosignal_mock.engine.http._fault_player import FaultPlayer
from twosignal_mock.engine.http._request_bodies import RequestBodies
from twosignal_mock.engine.http._responses import RATE_CAUSE, Responses
from twosignal_mock.engine.security import Admission, Callers, find_scheme_problems
from twosignal_mock.engine.validation import CompiledOperation, Schemas, compile_operation, find_problems

_CAUSES = (
    "malformed-request",
    "malformed-json",
    "malformed-encoding",
    "invalid-value",
    "unknown-endpoint",
    "method-not-allowed",
    "request-timeout",
    "body-too-large",
    "unsupported-media-type",
    "unsupported-encoding",
    "headers-too-large",
    "not-implemented",
    "internal",
    "unavailable",
)
"""The errors that the engine itself may have to send for any API."""


class Endpoint(NamedTuple):
    """What serves one operation."""

    operation: CompiledOperation
    handler: Handler
    admission: Admission
    service: Service


class Service:
    """One API, ready to serve; raises ContractError for what its contract states and nobody carries out."""

    def __init__(self, served: ServedApi, callers: Callers, *, validate_responses: bool) -> None:
        contract, api = served.contract, served.api
        rules = api.schemes(contract)
        if problems := list(_find_problems(served, rules)):
            raise ContractError(problems)
        deviations = api.deviations(contract, served.dialects)
        schemas = Schemas(contract)
        operations = {
            operation.id: compile_operation(
                schemas,
                operation,
                spelling=deviations.spellings.get(operation.id, deviations.spelling),
                too_many=api.too_many_items,
                optional=deviations.optional_fields.get(operation.id, frozenset()),
            )
            for operation in contract.operations.values()
        }
        self.name = api.name
        self.base = commonpath([each.path for each in operations.values()])
        """What all paths begin with: an unknown path below it is an unknown path of this API."""
        self.single = frozenset(_single_fields(contract))
        """Header fields of this API's own that hold one value."""
        self.responses = Responses(served, deviations, schemas, operations, validate=validate_responses)
        self.bodies = RequestBodies(operations.values(), api.clauses.respelled)
        self.bundle = None if api.bundle is None else api.bundle(contract)
        self.faults = FaultPlayer(self.responses)
        admissions, self.anybody = callers.compile(
            contract, rules, contract.operations.values(), deviations.refused_schemes
        )
        self.endpoints = [
            Endpoint(operation, served.handlers[id_], admissions[id_], self) for id_, operation in operations.items()
        ]


def _single_fields(contract: Contract) -> Iterator[bytes]:
    for scheme in contract.security_schemes.values():
        if scheme.where == "header" and scheme.parameter:
            yield scheme.parameter.lower().encode()
    for operation in contract.operations.values():
        for parameter in operation.parameters:
            if parameter.where == "header" and parameter.schema.get("type") != "array":
                yield parameter.name.lower().encode()


def _find_problems(served: ServedApi, rules: Mapping[str, KeyScheme | TokenScheme]) -> Iterator[Problem]:
    contract = served.contract
    for operation in contract.operations.values():
        yield from find_problems(contract, operation, served.handlers.get(operation.id))
    yield from find_scheme_problems(contract, rules)
    for cause in _causes_of(served, contract, rules):
        if cause not in contract.errors:
            found = f"no error {cause}"
            yield contract.problem("/x-errors", found, "one, for the server may have to send it", "add it")


def _causes_of(served: ServedApi, contract: Contract, rules: Mapping[str, KeyScheme | TokenScheme]) -> Iterator[str]:
    yield from _CAUSES
    for name in contract.security_schemes:
        rule = rules.get(name)
        if isinstance(rule, KeyScheme):
            yield from (rule.missing, rule.unknown, rule.revoked)
    operations = contract.operations.values()
    if any(operation.rate_limited for operation in operations):
        yield RATE_CAUSE
    if served.api.bundle is not None:
        bundle = served.api.bundle(contract)
        yield from (bundle.too_many, bundle.mixed)
    if any(operation.payload_limit and operation.payload_limit.events for operation in operations):
        yield served.api.too_many_items


def compile_services(apis: Iterable[ServedApi], callers: Callers, *, validate_responses: bool) -> list[Service]:
    """All of them; raises ContractError with what is wrong in any of the contracts."""
    services: list[Service] = []
    problems: list[Problem] = []
    for served in apis:
        try:
            services.append(Service(served, callers, validate_responses=validate_responses))
        except ContractError as error:
            problems += error.problems
    if problems:
        raise ContractError(problems)
    return services
