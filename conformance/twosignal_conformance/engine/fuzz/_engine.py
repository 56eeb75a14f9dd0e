"""Runs Schemathesis. Its engine is not documented for embedding, so nothing else of the suite knows it.

Imports Schemathesis, so only when it is installed. What is configured and why: docs of the layer in `__init__`, and the
pitfalls that each line below is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.transport.wsgi import WSGI_TRANSPORT
from twosignal_contract import Contract

from twosignal_conformance.engine.fuzz._door import DOCUMENT, STAND_IN, Door
from twosignal_conformance.engine.fuzz._fuzzing import Failure, Fuzzing

EXAMPLES = 15
"""Of each operation, beside those of the document and of the edges of its schemas."""

WALKS = 10
"""Sequences that follow links."""


_OTHER_REFUSALS = frozenset({403, 406, 409, 422, 428})
"""What Schemathesis takes for a refusal by itself, whether the document has it or not."""

_SERVER_ERRORS = 500


class EngineError(Exception):
    """Schemathesis could not do a part of its work: an error of the suite, never of the server."""


def run_engine(
    door: Door, fuzzing: Fuzzing, contract: Contract, seed: int, issued: Sequence[str], *, narrow: bool
) -> Iterator[Failure]:
    """Every failed check, as it comes; `narrow` for a server whose dialect takes less than the schemas say."""
    # What the server issues no other string can stand for, whatever its schema says.
    form = fuzzing.issued_format
    if form:
        schemathesis.openapi.format(form, st.sampled_from(list(issued)) if issued else st.nothing())
    config = schemathesis.Config.from_dict(_configuration(fuzzing, contract, seed, narrow=narrow))
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, door, config=config)
    names = {f"{row.method} {row.path}": row.id for row in contract.operations.values()}
    errors: dict[str, None] = {}
    stream = from_schema(schema).execute()
    try:
        with _probes_in_process():
            for event in stream:
                if isinstance(event, FatalError) and not door.reason:
                    raise event.exception
                if isinstance(event, NonFatalError) and not door.reason:
                    errors[f"{event.label}: {event.info.title}: {event.value}"] = None
                if isinstance(event, ScenarioFinished):
                    yield from _failures(event.recorder, names)
                if door.reason:
                    stream.stop()
    finally:
        stream.stop()
    if errors:
        raise EngineError(f"Schemathesis met {len(errors)} errors of its own: {' | '.join([*errors][:3])}")


@contextmanager
def _probes_in_process() -> Iterator[None]:
    """Lets the check ignored_auth ask again without a key and with a wrong one.

    For that Schemathesis 4.32.5 hands options of sockets, such as max_redirects, to the transport for applications,
    which drops them only beside a session: without one each probe ends in a TypeError, and with it the checks that
    were still to come for the case (seen on 2026-11-21).
    """
    send = WSGI_TRANSPORT.send

    def with_session(case: Any, *, session: Any = None, **options: Any) -> Any:
        return send(case, session=session or requests.Session(), **options)

    WSGI_TRANSPORT.send = with_session  # type: ignore[method-assign]
    try:
        yield
    finally:
        WSGI_TRANSPORT.send = send  # type: ignore[method-assign]


def _configuration(fuzzing: Fuzzing, contract: Contract, seed: int, *, narrow: bool) -> dict[str, Any]:
    tolerated = {contract.error(cause).status for cause in fuzzing.tolerated}
    usual: list[str | int] = ["2xx", "3xx", *sorted({403, 409} | tolerated), "5xx"]
    refusals = {row.status for row in contract.errors.values() if row.status < _SERVER_ERRORS}
    wider = {*fuzzing.refusing, *(fuzzing.operations(contract) if narrow else ())}
    invalid = contract.error(fuzzing.invalid).status
    return {
        "seed": seed,
        "continue-on-failure": True,
        "warnings": False,
        # What earlier runs learnt must not change this one.
        "cache": {"enabled": False},
        "generation": {
            "database": "none",
            # A server may refuse NUL, which no schema states.
            "allow-x00": False,
            "max-examples": EXAMPLES,
        },
        "checks": {
            "positive_data_acceptance": {"expected-statuses": usual},
            "negative_data_rejection": {"expected-statuses": [*sorted(refusals | _OTHER_REFUSALS), "5xx"]},
            "unsupported_method": {"enabled": False},
            "allow_header_conformance": {"enabled": False},
        },
        "phases": {
            # A method that the document does not have might do anything, such as delete.
            "coverage": {"unexpected-methods": []},
            "fuzzing": {"error-feedback": {"enabled": False}},
            "stateful": {"generation": {"max-examples": WALKS}},
        },
        # By configuration alone: a header of our own would come back where a check took it away.
        "auth": {"openapi": _credentials(contract)},
        "operations": [
            {
                "include-operation-id": name,
                "checks": {"positive_data_acceptance": {"expected-statuses": [*usual, invalid]}},
            }
            for name in sorted(wider)
        ],
    }


def _credentials(contract: Contract) -> dict[str, Any]:
    """The stand-in for the key, where the contract wants the key."""
    alternatives = (each for row in contract.operations.values() if row.keyed for each in row.security if each)
    scheme = next((each[0] for each in alternatives), None)
    if scheme is None:
        return {}
    return {scheme.name: {"bearer": STAND_IN} if scheme.type == "http" else {"api_key": STAND_IN}}


def _failures(recorder: Any, names: dict[str, str]) -> Iterator[Failure]:
    """What a scenario found; its types are private, so they are read as they are."""
    for case, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is None:
                continue
            failure = check.failure_info.failure
            own = failure.case_id or case
            response = recorder.interactions[own].response
            if response is None or own not in recorder.cases:
                continue
            node = recorder.cases[own].value
            yield Failure(
                check=check.name,
                code=failure.code,
                operation=names.get(node.operation.label, node.operation.label),
                status=response.status_code,
                title=failure.title,
                message=failure.message,
                case=own,
                scenario=_scenario(node),
                credentials=str(getattr(failure, "scenario", "")),
            )


def _scenario(case: Any) -> str:
    data = getattr(getattr(case.meta, "phase", None), "data", None)
    scenario = getattr(data, "scenario", None)
    return "" if scenario is None else str(scenario.value)
