"""OpenTelemetry spans in OTLP/JSON, mapped to the spans of native ingestion."""

from twosignal_mock.apis.rest.otel._handlers import handlers

__all__ = ["handlers"]
