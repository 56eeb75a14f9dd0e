"""What reports about the REST API call things, and what they never show."""

from twosignal_conformance.engine.judgement import Wording

WORDING = Wording(
    product="2Signal",
    areas={
        "answers": "responses",
        "auth": "authentication",
        "base-url": "base URL",
        "cli": "command line",
        "http": "HTTP",
        "json": "JSON",
        "otlp": "OTLP",
        "rate": "rate limits",
        "retry": "retries",
    },
)
"""Areas whose word in the ids of clauses is short for something have a title of their own."""

SECRET_NAMES = ("token", "password", "secret")
"""Ends of the names of fields and parameters whose values are secret."""
