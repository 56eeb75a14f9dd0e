"""Where to go from paths that people try and that no operation has."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import commonpath, dirname

from twosignal_contract import Contract


def directions(contract: Contract) -> Mapping[str, str]:
    """By path; `*` stands for any end."""
    otlp = contract.operations["ingestOtlpTraces"].path
    base = commonpath([operation.path for operation in contract.operations.values()])
    taken = f"OTLP is taken as JSON at {otlp}"
    traces = (
        f"{taken}: set OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to that URL, and OTEL_EXPORTER_OTLP_PROTOCOL to http/json"
    )
    dashboard = f"the dashboard's API is not served here; the REST API is below {base}"
    # What OTEL_EXPORTER_OTLP_ENDPOINT may have been set to: exporters add the rest.
    endpoints = ("", base, dirname(otlp), otlp)
    return {
        **{f"{endpoint}/v1/traces": traces for endpoint in endpoints},
        **{f"{endpoint}/v1/{signal}": f"{taken}, and only traces are" for endpoint in endpoints for signal in _OTHERS},
        dirname(otlp): traces,
        "/api/trpc*": dashboard,
        "/api/auth*": dashboard,
    }


_OTHERS = ("metrics", "logs")
