"""Clients that use the leeway of clauses of level `may`: they are not failed, and the report says what they do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.conformance.clients.broken.careful import Careful, Json, RefusedError
from tests.conformance.clients.broken.contract import Operation
from tests.conformance.clients.broken.mistakes.mistake import Mistake
from tests.conformance.clients.broken.transport import Request, Response


class KeyInTheUrl(Careful):
    """Puts its key into the query, too."""

    def request(self, name: str, body: Json, query: Mapping[str, str]) -> Request:
        return super().request(name, body, {**query, "api_key": self.settings.key})


class KeyInTheUrlByAnotherName(Careful):
    """Calls its key in the query something else."""

    def request(self, name: str, body: Json, query: Mapping[str, str]) -> Request:
        return super().request(name, body, {**query, "key": self.settings.key})


class KeyInTheUrlAlone(KeyInTheUrlByAnotherName):
    """Has its key in the query and in no header."""

    def headers(self, operation: Operation, body: Json) -> dict[str, str]:
        return {name: value for name, value in super().headers(operation, body).items() if name != "Authorization"}


class KeyInTheBody(Careful):
    """Tells its key in the metadata of every trace."""

    def event(self, kind: str, body: Json) -> Json:
        return super().event(kind, {**body, "metadata": {"environment": {"KEY": self.settings.key}}})


class SameAgainWhenTooLarge(Careful):
    """Tries what was refused for its size once more, before it splits it."""

    def failed(self, response: Response) -> bool:
        return super().failed(response) or response.status == self.contract.too_large

    def after_failure(self, failures: int) -> float | None:
        return None if failures else super().after_failure(failures)


class GivesUpWithoutResponse(Careful):
    """Does not send again what got no response."""

    def failed(self, response: Response) -> bool:
        return response.status is not None and super().failed(response)


class ForgetsAtTheEnd(Careful):
    """Does not wait for a server that fails when the program ends."""

    def after_failure(self, failures: int) -> float | None:  # noqa: ARG002
        return None


class RunsInCircles(Careful):
    """Says of a span that it is below its own child."""

    def span(self, span: Json, trace_id: str, parent: str | None) -> Iterator[Json]:
        events = list(super().span(span, trace_id, parent))
        if parent is None and len(events) > 1:
            events[0]["body"]["parentSpanId"] = events[1]["body"]["id"]
        yield from events


class KnowsEveryField(Careful):
    """Refuses responses with fields that it does not know."""

    def call(self, name: str, body: Json = None, query: Mapping[str, str] | None = None) -> Json:
        response = super().call(name, body, query)
        known = self.contract.document["components"]["schemas"]["RouteDecision"]["properties"]
        if name == "routeModel" and not response.keys() <= known.keys():
            raise RefusedError("response", "unknown fields")
        return response


class KnowsEveryValue(Careful):
    """Refuses responses with values that it does not know."""

    def page(self, query: Mapping[str, str]) -> Json:
        page = super().page(query)
        known = self.contract.document["components"]["schemas"]["Status"]["enum"]
        if any(trace["status"] not in known for trace in page["traces"]):
            raise RefusedError("response", "unknown status")
        return page


class ReadsErrorsAsJson(Careful):
    """Takes it for granted that an error is JSON, and ends with an exception when it is not."""

    def again(self, request: Request, response: Response) -> Request:
        json.loads(response.body or b"{}")
        return replace(request)

    def report(self, response: Response) -> dict[str, Any]:
        return super().report(response) | {"raw": json.loads(response.body or b"{}")}


_KEY = "client.auth.key-not-in-url"
_AGAIN = "client.retry.server-error-again"
_LOST = "client.delivery.nothing-lost"

ROWS = (
    Mistake("key-in-the-url", _KEY, ("emit",), KeyInTheUrl),
    Mistake("key-in-the-url-by-another-name", _KEY, ("emit",), KeyInTheUrlByAnotherName),
    Mistake("key-in-the-url-alone", _KEY, ("emit",), KeyInTheUrlAlone, also=("client.auth.bearer", _LOST)),
    Mistake("key-in-the-body", _KEY, ("emit",), KeyInTheBody),
    Mistake("same-again-when-too-large", "client.retry.payload-unchanged", ("413-split",), SameAgainWhenTooLarge),
    Mistake("gives-up-without-response", "client.retry.network-errors", ("lost-response",), GivesUpWithoutResponse),
    Mistake("forgets-at-the-end", "client.delivery.shutdown", ("shutdown",), ForgetsAtTheEnd, also=(_AGAIN, _LOST)),
    Mistake("runs-in-circles", "client.spans.no-cycle", ("emit",), RunsInCircles),
    Mistake("knows-every-field", "client.answers.unknown-fields", ("route-unknown-fields",), KnowsEveryField),
    Mistake("knows-every-value", "client.answers.unknown-values", ("list-unknown",), KnowsEveryValue),
    Mistake(
        "reads-errors-as-json",
        "client.answers.odd-body",
        ("500-html", "404-html", "413-html"),
        ReadsErrorsAsJson,
        also=(_AGAIN, _LOST),
        ends=False,
    ),
)
