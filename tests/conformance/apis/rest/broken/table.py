"""All broken servers."""

from __future__ import annotations

from collections.abc import Mapping

from twosignal_contract import About, Level

from tests.conformance.apis.rest.broken import (
    authentication,
    errors,
    fields,
    filters,
    health,
    ingestion,
    listing,
    neighbours,
    otlp,
    paging,
    rate,
    routing,
    scores,
    sessions,
    sharing,
    templates,
    timestamps,
    validation,
)
from tests.conformance.apis.rest.broken.messages import CONTRACT
from tests.conformance.apis.rest.broken.variants import Variant

AREAS: Mapping[str, tuple[Variant, ...]] = {
    module.__name__.rpartition(".")[2]: tuple(module.table.rows)
    for module in (
        authentication,
        errors,
        fields,
        filters,
        health,
        ingestion,
        listing,
        neighbours,
        otlp,
        paging,
        rate,
        routing,
        scores,
        sessions,
        sharing,
        templates,
        timestamps,
        validation,
    )
}
"""By the name of the module."""

VARIANTS = tuple(row for rows in AREAS.values() for row in rows)

WANTED = tuple(
    clause.id
    for clause in CONTRACT.clauses.values()
    if clause.about is About.SERVER and clause.level is not Level.MAY and clause.untestable is None
)
"""The clauses that need a row: every `must` and `should` about servers that can be tested at all."""
