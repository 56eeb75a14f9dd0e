"""OpenTelemetry spans in OTLP/JSON, mapped to the spans of native ingestion."""

from twosignal_mock.apis.rest.otel._operations import operations

__all__ = ["operations"]
